"""What gateway, webhooks and a resident's page measure says nothing of any household."""

from __future__ import annotations

import pytest
from prometheus_client.metrics import MetricWrapperBase

from eropaf.board.resident import metrics as resident
from eropaf.gateway import metrics as gateway
from eropaf.gateway.cases import metrics as cases
from eropaf.gateway.logboek import metrics as logboek
from eropaf.gateway.webhooks import metrics as webhooks

OF_NOBODY = {"route", "status", "topic", "result", "reason", "serves", "tool", "activity"}
METRICS = [
    metric
    for module in (gateway, webhooks, cases, logboek, resident)
    for metric in vars(module).values()
    if isinstance(metric, MetricWrapperBase)
]


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric._name)
def test_no_label_of_gateway_or_webhooks_says_of_whom(metric: MetricWrapperBase) -> None:
    assert set(metric._labelnames) <= OF_NOBODY

"""The catalogue of metrics, written from the metrics themselves."""

from __future__ import annotations

from types import ModuleType

from prometheus_client.metrics import MetricWrapperBase

from eropaf.agents import metrics as agents_metrics
from eropaf.board import metrics as board_metrics
from eropaf.board.resident import metrics as resident_metrics
from eropaf.gateway import metrics as gateway_metrics
from eropaf.gateway.cases import metrics as case_metrics
from eropaf.gateway.logboek import metrics as logboek_metrics
from eropaf.gateway.webhooks import metrics as webhook_metrics
from eropaf.lookup import metrics as lookup_metrics
from eropaf.lookup.forwarding import metrics as forwarding_metrics
from eropaf.streams.observe import metrics as streams_metrics

MODULES: tuple[ModuleType, ...] = (
    streams_metrics,
    agents_metrics,
    board_metrics,
    resident_metrics,
    gateway_metrics,
    webhook_metrics,
    case_metrics,
    logboek_metrics,
    lookup_metrics,
    forwarding_metrics,
)
SUFFIXES = {"counter": "_total", "info": "_info"}


def metrics() -> list[MetricWrapperBase]:
    """Return every metric of ours."""
    return [
        metric
        for module in MODULES
        for metric in vars(module).values()
        if isinstance(metric, MetricWrapperBase)
    ]


def names() -> set[str]:
    """Return every name under which a sample of ours is kept."""
    found = set()
    for metric in metrics():
        (family,) = metric.describe()
        if family.type == "histogram":
            found |= {family.name + part for part in ("_bucket", "_count", "_sum")}
        else:
            found.add(family.name + SUFFIXES.get(family.type, ""))
    return found


def catalogue() -> str:
    """Return the table of metrics in Markdown."""
    lines = ["| metric | type | labels | reading |", "|---|---|---|---|"]
    for metric in metrics():
        (family,) = metric.describe()
        name = family.name + SUFFIXES.get(family.type, "")
        labels = ", ".join(metric._labelnames)
        lines.append(f"| `{name}` | {family.type} | {labels} | {family.documentation} |")
    return "\n".join(lines) + "\n"

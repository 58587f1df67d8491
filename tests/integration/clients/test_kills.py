"""The short form of `make client-kills`: a few kills of each client, at named lines."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from tests.integration.clients import kills
from tests.integration.processes import PATIENCE_S, Process, ended

pytestmark = pytest.mark.kafka

FEW = 12


def test_killed_at_named_lines_no_client_loses_or_doubles_anything(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    # In a process of its own: it forks, and must have no Kafka client when it does.
    process = Process(["-m", kills.__name__, str(FEW), "7", fresh.bootstrap], tmp_path / "kills.log")
    with ended(process):
        assert process.wait(4 * PATIENCE_S) == 0, process.said

    last = process.said.strip().split("\n\n")[-1]
    for kind in ("publisher", "outbox", "subscriber"):
        (row,) = re.findall(rf"\| {kind} \| (\d+) \| (\d+) \| (\d+) \|", last)
        assert int(row[0]) == FEW
        assert int(row[2]) > FEW / 4  # most were killed with something under way

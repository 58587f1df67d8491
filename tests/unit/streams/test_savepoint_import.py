"""What a savepoint's records become when they are written again."""

from __future__ import annotations

from typing import Any, cast

import pytest

from eropaf.streams.operate.savepoint_file import SAVEPOINT_VERSION, Manifest
from eropaf.streams.operate.savepoint_import import Import
from eropaf.streams.operate.savepoint_scope import Scope
from eropaf.streams.runtime.transactional import TransactionalClient
from eropaf.streams.topic_partition import TP

MANIFEST = Manifest(SAVEPOINT_VERSION, "there", "group", "2026-03-02T12:00:00+00:00", {"in": 1}, {"in": [0]})


class Written:
    """Takes what is produced."""

    def __init__(self) -> None:
        self.stamps: list[int] = []

    def produce(self, topic: str, *, timestamp: int, **rest: Any) -> None:
        """Take a record."""
        self.stamps.append(timestamp)

    def poll(self, wait_s: float) -> None:
        """Do nothing."""


@pytest.mark.parametrize(
    ("topic", "own_ms", "written_ms"),
    [("in", 5_000, 5_000), ("in", 200, 1_000), ("any-time", 200, 200), ("in", 0, 0)],
)
def test_a_record_keeps_its_time_stamp_or_gets_the_oldest_that_its_topic_takes(
    topic: str, own_ms: int, written_ms: int
) -> None:
    written = Written()
    scope = Scope("group", (), frozenset(), frozenset(), frozenset())
    an_import = Import("", {}, scope, MANIFEST, False, (), cast(TransactionalClient, written), {"in": 1_000})
    entry = {"key": b"key", "value": b"value", "timestamp_ms": own_ms}

    an_import._produce(written, TP(topic, 0), entry, unread=True)  # type: ignore[arg-type]

    assert written.stamps == [written_ms]

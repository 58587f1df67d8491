"""No line of the Kafka library's own reaches an operator's screen: what matters is an error of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from eropaf.streams.config import QUIET, StreamsConfig
from eropaf.streams.runtime.stage import TableSpec
from eropaf.streams.state.restore import Restorer, Wanted
from eropaf.streams.topic_partition import TP


class EnoughSeen(Exception):
    pass


class Recorded:
    """A transport that notes what each client is made with."""

    def __init__(self) -> None:
        self.made: list[Mapping[str, Any]] = []

    def consumer(self, settings: Mapping[str, Any]) -> Any:
        self.made.append(settings)

    def producer(self, settings: Mapping[str, Any]) -> Any:
        self.made.append(settings)

    def admin(self, settings: Mapping[str, Any]) -> Any:
        self.made.append(settings)
        raise EnoughSeen

    def let_go(self, *given: Any) -> None:
        raise AssertionError("nobody is silent here")


def test_every_client_that_restores_is_quiet() -> None:
    transport = Recorded()
    restorer = Restorer(StreamsConfig("localhost:9092", "eropaf", "worker-1", transport=transport))

    with pytest.raises(EnoughSeen):
        restorer._ends(
            [Wanted("changelog", 0, (TP("arrears.rent", 0),), lambda: True, TableSpec("rows", bytes, bytes))]
        )

    assert [settings["log_level"] for settings in transport.made] == [QUIET, QUIET]

"""What an appender says of its transaction is true, and what it leaves open holds nobody up for long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from confluent_kafka import Producer

from eropaf.agents import append
from eropaf.agents.append import Appender
from eropaf.agents.clock import ticks
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.streams.errors import BrokerUnreachable, WriteUnclear
from eropaf.streams.operate import reading
from eropaf.streams.operate.topics import Topic, admin, ensure
from eropaf.streams.runtime.record import Output
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS
from tests.integration.processes import PATIENCE_S, until

pytestmark = pytest.mark.kafka


@pytest.fixture
def broker(fresh: EmbeddedKafka) -> EmbeddedKafka:
    ensure(admin(fresh.bootstrap, {}), [Topic(HOUSEHOLD_EVENTS, 2)])
    return fresh


def an_appender(broker: EmbeddedKafka, name: str | None = None) -> Appender:
    return Appender(broker.bootstrap, {}, LocalRegistry(), name)


def held(broker: EmbeddedKafka) -> int:
    kafka = admin(broker.bootstrap, {})
    starts = dict.fromkeys(reading.partitions(kafka, HOUSEHOLD_EVENTS), 0)
    return len(list(reading.read(broker.bootstrap, {}, starts, reading.ends(kafka, starts))))


class Frozen:
    """A producer whose broker freezes when it is about to commit; `handed_over` is told before."""

    def __init__(self, producer: Producer, broker: EmbeddedKafka, handed_over: Callable[[], None]) -> None:
        self._producer, self._broker, self._handed_over = producer, broker, handed_over

    def __getattr__(self, name: str) -> Any:
        return getattr(self._producer, name)

    def flush(self, within_s: float) -> int:
        left = self._producer.flush(within_s)
        self._handed_over()
        return left

    def commit_transaction(self, within_s: float) -> None:
        self._broker.nodes[0].pause()
        self._producer.commit_transaction(within_s)


def test_a_broker_that_answers_nothing_more_has_written_nothing(
    broker: EmbeddedKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    appender = an_appender(broker)
    monkeypatch.setattr(append, "APPENDED_WITHIN_S", 1.0)

    def records() -> Iterator[Output]:
        broker.nodes[0].pause()
        yield from ticks(appender, 20_000)

    with pytest.raises(BrokerUnreachable, match="nothing was written"):
        appender.write(records())

    broker.nodes[0].resume()
    assert held(broker) == 0


def test_a_commit_that_is_not_answered_may_have_been_made(
    broker: EmbeddedKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    appender = an_appender(broker)
    monkeypatch.setattr(append, "APPENDED_WITHIN_S", PATIENCE_S)

    def soon() -> None:
        monkeypatch.setattr(append, "APPENDED_WITHIN_S", 1.0)

    monkeypatch.setattr(appender._client, "kafka", Frozen(appender._client.kafka, broker, soon))

    with pytest.raises(WriteUnclear, match="either all of it was stored or none"):
        appender.write(ticks(appender, 20_000))

    broker.nodes[0].resume()
    # The markers of one transaction do not come to all partitions at once.
    until(lambda: held(broker) in (0, appender.partitions), PATIENCE_S, "all of it, or nothing")


@pytest.mark.parametrize(
    ("name", "open_s"),
    # By far longer than is waited here; and what is.
    [("clock-one", 600.0), (None, 20.0)],
)
def test_a_killed_appender_delays_readers_until_its_time_out_or_successor_at_most(
    broker: EmbeddedKafka, monkeypatch: pytest.MonkeyPatch, name: str | None, open_s: float
) -> None:
    monkeypatch.setattr(append, "APPENDED_WITHIN_S", open_s)
    killed = an_appender(broker, name)
    assert killed._client._settings["transaction.timeout.ms"] == open_s * 1000
    killed._hand_over(ticks(killed, 20_000))
    monkeypatch.setattr(append, "APPENDED_WITHIN_S", PATIENCE_S)

    successor = an_appender(broker, name)
    successor.write(ticks(successor, 20_001))

    until(lambda: held(broker) == successor.partitions, PATIENCE_S, "what the successor wrote")

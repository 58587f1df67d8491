"""A BSN of an example is a person's to nobody: the library takes it where a trial runs, and nowhere else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from eropaf_client import sending
from eropaf_client.async_publisher import AsyncArrearsPublisher
from eropaf_client.cluster import Cluster
from eropaf_client.errors import InvalidSignal
from eropaf_client.outbox_publisher import OutboxPublisher
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.records import ArrearsSignal, Resident
from tests.builders import an_arrears_signal
from tests.fakes import FakePost, FakeProducer, FakeTopic

OF_AN_EXAMPLE = an_arrears_signal(resident=Resident(bsn="123456789"))
POSSIBLE = an_arrears_signal(resident=Resident(bsn="123456782"))
Send = Callable[[Cluster, ArrearsSignal], object]


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "Producer", lambda settings: FakeProducer())
    monkeypatch.setattr(sending.connection, "check", lambda *_: 3)
    monkeypatch.setattr("eropaf_client.outbox_publisher.KafkaPost", lambda *_: FakePost(FakeTopic()))


@pytest.fixture(params=["publisher", "on an event loop", "outbox"])
def send(request: pytest.FixtureRequest, tmp_path: Path) -> Send:
    def by_publisher(cluster: Cluster, signal: ArrearsSignal) -> None:
        with ArrearsPublisher(cluster, "health") as publisher:
            publisher.report(signal)

    def on_a_loop(cluster: Cluster, signal: ArrearsSignal) -> None:
        async def program() -> None:
            async with AsyncArrearsPublisher(cluster, "health") as publisher:
                await publisher.report(signal)

        asyncio.run(program())

    def by_outbox(cluster: Cluster, signal: ArrearsSignal) -> None:
        with OutboxPublisher(cluster, "health", tmp_path / "outbox.db") as publisher:
            publisher.report(signal)

    ways: dict[str, Send] = {"publisher": by_publisher, "on an event loop": on_a_loop, "outbox": by_outbox}
    return ways[request.param]


def test_a_number_that_fails_the_eleven_test_is_refused_by_its_field(send: Send) -> None:
    with pytest.raises(InvalidSignal) as refused:
        send(Cluster("nowhere"), OF_AN_EXAMPLE)

    assert (refused.value.field, refused.value.code) == ("resident.bsn", "impossible-bsn")
    assert "eleven test" in str(refused.value)
    assert "123456789" not in str(refused.value)
    send(Cluster("nowhere"), POSSIBLE)


def test_a_trial_says_so_once_for_every_client(send: Send) -> None:
    send(Cluster("nowhere", test_numbers=True), OF_AN_EXAMPLE)

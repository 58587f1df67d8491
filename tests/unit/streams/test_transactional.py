"""A new producer epoch where an answer was lost, and only there."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from eropaf.streams.runtime import transactional
from eropaf.streams.runtime.transactional import TransactionalClient

LOST = [
    "FAIL [n] [thrd:TxnCoordinator]: b:1: Disconnected: connection reset by peer (after 40ms in state UP)",
    "FAIL [n] [thrd:b:1/1]: b:1/1: Receive failed: Connection timed out (after 9ms in state UP)",
    "FAIL [n] [thrd:b:1/1]: b:1/1: Disconnected (after 2ms in state AUTH_REQ)",
    "REQTMOUT [n] [thrd:b:1/1]: b:1/1: Timed out 1 in-flight, 0 retry-queued, 0 out-queue requests",
]
NOT_LOST = [
    "FAIL [n] [thrd:b:1/2]: b:1/2: Connect to b:1 failed: Connection refused (after 0ms in state CONNECT)",
    "FAIL [n] [thrd:b:1/2]: b:1/2: Failed to resolve 'b:1' (after 0ms in state TRY_CONNECT)",
    "GETPID [n] [thrd:main]: Failed to acquire idempotence PID from broker b:1/1: retrying",
]


class Kafka:
    """A client that has lines of its log to tell, and may be refused."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._logger = settings["logger"]
        self.to_say: list[str] = []
        self.fails = False
        self.begun = 0

    def poll(self, timeout: float) -> None:
        for line in self.to_say:
            kind, _, rest = line.partition(" ")
            self._logger.log(logging.WARNING, "%s %s", kind, rest)
        self.to_say.clear()

    def init_transactions(self, timeout: float) -> None:
        if self.fails:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))

    def begin_transaction(self) -> None:
        self.begun += 1


class Clients:
    """Every client that was made."""

    def __init__(self) -> None:
        self.made: list[Kafka] = []
        self.next_fails = False

    def __call__(self, settings: Mapping[str, Any]) -> Any:
        self.made.append(Kafka(settings))
        self.made[-1].fails, self.next_fails = self.next_fails, False
        return self.made[-1]


@pytest.fixture
def clients() -> Clients:
    return Clients()


@pytest.fixture
def client(clients: Clients) -> TransactionalClient:
    client = TransactionalClient(clients, "nowhere", {}, "one", 15)
    client.introduce(1)
    client.begin(1)
    return client


@pytest.mark.parametrize("line", LOST)
def test_where_an_answer_was_lost_the_next_transaction_has_a_new_epoch(
    clients: Clients, client: TransactionalClient, line: str
) -> None:
    clients.made[0].to_say = [line]

    client.begin(1)
    client.begin(1)

    assert client.epochs == 2
    assert [kafka.begun for kafka in clients.made] == [1, 2]


@pytest.mark.parametrize("line", NOT_LOST)
def test_where_nothing_was_asked_the_epoch_goes_on(
    clients: Clients, client: TransactionalClient, line: str
) -> None:
    clients.made[0].to_say = [line]

    client.begin(1)

    assert client.epochs == 1
    assert [kafka.begun for kafka in clients.made] == [2]


def test_what_fails_while_it_is_introduced_counts_too(clients: Clients, client: TransactionalClient) -> None:
    client.doubt()
    client.begin(1)
    clients.made[1].to_say = [LOST[0]]

    client.begin(1)

    assert client.epochs == 3


def test_nothing_is_begun_until_a_new_epoch_was_given(clients: Clients, client: TransactionalClient) -> None:
    client.doubt()
    clients.next_fails = True
    with pytest.raises(KafkaException):
        client.begin(1)

    client.begin(1)

    assert client.epochs == 2
    assert [kafka.begun for kafka in clients.made] == [1, 0, 1]


def test_nobody_else_says_how_a_transaction_is_written() -> None:
    folder = Path(transactional.__file__).parents[2]
    says = [
        path.name
        for room in ("streams", "agents", "eropaf")
        for path in (folder / room).rglob("*.py")
        if '"transactional.id"' in path.read_text("utf-8")
    ]

    assert says == ["transactional.py"]

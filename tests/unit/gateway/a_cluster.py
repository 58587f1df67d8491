"""A cluster in memory, by the client library's own seams, and a gateway that stands on it."""

from __future__ import annotations

import asyncio
import threading
import time
import zlib
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from confluent_kafka import KafkaError

from eropaf.gateway.app import Opened, Topics, on
from eropaf.gateway.callers import Caller, Callers
from eropaf.gateway.config import GatewayConfig
from eropaf_client import sending
from eropaf_client.cluster import Cluster
from eropaf_client.ledger import Identity
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import PRIORITIES, arrears, feedback, questions
from eropaf_client.schemas.wire import Codec
from eropaf_client.source import End, Record, Run
from tests.certificates import Identities
from tests.fakes import FakeRecord

PARTITIONS = 3
ADDRESS = "https://gateway.example.org"
PROXY = "10.0.0.7"


def partition_of(key: str) -> int:
    return zlib.crc32(key.encode()) % PARTITIONS


class Stored(FakeRecord):
    """A record that was stored now."""

    def timestamp(self) -> tuple[int, int]:
        return (1, STORED_AT[self.at_topic, self.at_partition, self.at_offset])


STORED_AT: dict[tuple[str, int, int], int] = {}


class FakeTopics:
    """Topics in memory. See `Source`."""

    def __init__(self, names: Sequence[str]) -> None:
        self.partitions: Mapping[str, int] = {name: PARTITIONS for name in names}
        self.logs: dict[tuple[str, int], list[Stored]] = defaultdict(list)
        self.made_anew = Counter[str]()
        self._next: dict[tuple[str, int], int] = {}
        self._written = threading.Condition()

    def write(
        self, topic: str, key: str, value: bytes | None, headers: tuple[tuple[str, bytes], ...] = ()
    ) -> Stored:
        partition = partition_of(key)
        log = self.logs[topic, partition]
        STORED_AT[topic, partition, len(log)] = int(time.time() * 1000)
        record = Stored(topic, partition, len(log), key.encode(), value, headers)
        with self._written:
            log.append(record)
            self._written.notify_all()
        return record

    def values(self, topic: str) -> list[bytes]:
        logs = [self.logs[topic, partition] for partition in range(PARTITIONS)]
        return [each.its_value or b"" for log in logs for each in log]

    def identity(self, topic: str | None = None) -> Identity:
        """Return ids as a cluster has them: each topic's own, and another once it was made anew."""
        name = topic or next(iter(self.partitions))
        return Identity("cluster", f"{zlib.crc32(name.encode()) + self.made_anew[name]:08x}-topic")

    def start(self, positions: Mapping[tuple[str, int], int]) -> None:
        places = [(topic, each) for topic in self.partitions for each in range(PARTITIONS)]
        self._next = {place: positions.get(place, 0) for place in places}

    def poll(self, wait_s: float) -> list[Record | End]:
        found: list[Record | End] = []
        for each in self.runs(wait_s):
            found += [each] if isinstance(each, End) else each.records
        return found

    def runs(self, wait_s: float) -> list[Run | End]:
        with self._written:
            self._written.wait_for(self._more, wait_s)
        found: list[Run | End] = []
        for (topic, partition), first in self._next.items():
            log = self.logs[topic, partition][first:]
            if log:
                found.append(Run(topic, partition, list(log)))
            self._next[topic, partition] += len(log)
            found.append(End(topic, partition, self._next[topic, partition]))
        return found

    def behind(self) -> int | None:
        return 0

    def close(self) -> None:
        pass

    def _more(self) -> bool:
        return any(len(self.logs[place]) > first for place, first in self._next.items())


class FakeCluster(FakeTopics):
    """Creditors' topics and outreach's, what producers write, and how far a group is."""

    def __init__(self, creditors: Sequence[str] = ("rent", "water")) -> None:
        of_each = (arrears, feedback, questions)
        super().__init__([topic(each) for each in creditors for topic in of_each])
        self.creditors = creditors
        self.priorities = FakeTopics([PRIORITIES])
        self.taken_in: dict[tuple[str, int], int] = {}
        self.held = False
        self.fails: set[bytes] = set()
        self.away = False

    def signals(self, creditor: str) -> list[dict[str, Any]]:
        """Return every signal that a creditor's topic holds."""
        decode = Codec("ArrearsSignal", arrears(creditor), LocalRegistry()).decode
        return [decode(value) for value in self.values(arrears(creditor))]

    def answer(
        self, creditor: str, signal_id: str, status: str, reason: str | None = None, **more: Any
    ) -> None:
        """Tell a creditor what became of a signal."""
        contract = next(each["contract"] for each in self.signals(creditor) if each["signal_id"] == signal_id)
        told = {
            "feedback_id": f"{signal_id} {status}", "contract": contract, "signal_id": signal_id,
            "status": status, "reason": reason, "collection": "NO_WORD", "pause_until": None,
            "at": 1_772_442_000_000, **more,
        }  # fmt: skip
        value = Codec("CreditorFeedback", feedback(creditor), LocalRegistry()).encode(told)
        self.write(feedback(creditor), contract, value)

    def ask(self, creditor: str, question_id: str, ago_s: float = 0) -> None:
        """Ask a creditor, some time ago, whether the arrears of a contract still stand."""
        asked_at = int((time.time() - ago_s) * 1000)
        question = {
            "question_id": question_id, "contract": "C-1", "signal_id": "S-1", "asked_at": asked_at
        }  # fmt: skip
        value = Codec[dict[str, Any]]("CreditorQuestion", questions(creditor), LocalRegistry()).encode(
            question
        )
        self.write(questions(creditor), "C-1", value)

    def take_in(self, creditor: str) -> None:
        """Let the workers have read all that a creditor reported."""
        for partition in range(PARTITIONS):
            topic = arrears(creditor)
            self.taken_in[topic, partition] = len(self.logs[topic, partition])

    def positions(self, topic: str, partitions: int) -> Mapping[int, int]:
        return {each: self.taken_in.get((topic, each), 0) for each in range(partitions)}

    def ends(self, topic: str, partitions: int) -> Mapping[int, int]:
        return {each: len(self.logs[topic, each]) for each in range(partitions)}


class FakeProducer:
    """As confluent-kafka's, writing into a cluster in memory when it is polled."""

    def __init__(self, cluster: FakeCluster) -> None:
        self._cluster = cluster
        self._waiting: deque[tuple[str, bytes, bytes, Any]] = deque()
        self._any = threading.Event()

    def produce(self, topic: str, *, key: bytes, value: bytes, headers: Any, on_delivery: Any) -> None:
        self._waiting.append((topic, key, value, on_delivery))
        self._any.set()

    def poll(self, wait_s: float) -> int:
        self._any.clear()
        if not self._waiting:
            self._any.wait(wait_s)
        if self._cluster.held or not self._waiting:
            time.sleep(min(wait_s, 0.001))
            return 0
        topic, key, value, on_delivery = self._waiting.popleft()
        if self._cluster.away or value in self._cluster.fails:
            on_delivery(KafkaError(KafkaError._MSG_TIMED_OUT), None)
        else:
            on_delivery(None, self._cluster.write(topic, key.decode(), value))
        return 1

    def flush(self, within_s: float) -> int:
        while self._waiting and not self._cluster.held:
            self.poll(0)
        return len(self._waiting)


@pytest.fixture
def cluster(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    """Return a cluster of two creditors, or of those by which a test parametrizes it."""
    made = FakeCluster(getattr(request, "param", ("rent", "water")))
    monkeypatch.setattr(sending, "Producer", lambda settings: FakeProducer(made))
    monkeypatch.setattr(sending.connection, "check", lambda *_: PARTITIONS)
    return made


@pytest.fixture(scope="session")
def identities() -> Identities:
    return Identities()


@asynccontextmanager
async def opened(
    cluster: FakeCluster,
    identities: Identities,
    more: Sequence[Caller] = (),
    proxies: Sequence[str] = (),
    **config: Any,
) -> AsyncIterator[Opened]:
    """Open a gateway to which each creditor of the cluster has a certificate of its own name."""
    callers = [
        Caller(creditor=each, fingerprints=(identities.of(each).fingerprint,)) for each in cluster.creditors
    ]
    known = GatewayConfig(
        cluster=Cluster("nowhere"),
        address=ADDRESS,
        callers=Callers([*callers, *more], cluster.creditors),
        trusted_proxies=(PROXY, *proxies),
        **config,
    )
    async with on(known, Topics(cluster, cluster.priorities, cluster)) as made:
        async with asyncio.timeout(30):
            await made.state.ready.wait()
        yield made


def client(
    made: Opened, identity: str | None = None, from_: str = PROXY, **headers: str
) -> httpx2.AsyncClient:
    """Return a caller behind the proxy; `identity`: a Client-Cert header."""
    shown = {} if identity is None else {"Client-Cert": identity}
    transport = httpx2.ASGITransport(app=made.app, client=(from_, 1))
    return httpx2.AsyncClient(transport=transport, base_url=ADDRESS, headers={**shown, **headers})

"""Lanes in which nothing moves until the test says so, with a group and a broker that answer as it says."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NoReturn

from eropaf.streams.runtime.batch import Batch
from eropaf.streams.runtime.checkpoint import Checkpoint
from eropaf.streams.runtime.kafka_group import Order, Polled
from eropaf.streams.runtime.loss import Loss
from eropaf.streams.runtime.presence import Beat, Missed
from eropaf.streams.runtime.standby import Peer
from eropaf.streams.state.restore import Begins
from eropaf.streams.state.rows import InMemory
from eropaf.streams.state.table import TablePartition
from eropaf.streams.topic_partition import TP

Call = tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]


class ByHand:
    """Lanes whose calls are made one at a time, by the test."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, deque[Call]] = defaultdict(deque)

    def submit(self, lane: str, call: Callable[..., Any], *args: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self._waiting[lane].append((future, call, args))
        return future

    def asked(self) -> Future[None]:
        return Future()

    def wake(self) -> None:
        pass

    def close(self) -> None:
        pass

    def waits(self, lane: str) -> bool:
        """Return whether a call waits in `lane`."""
        return bool(self._waiting[lane])

    def do(self, lane: str) -> None:
        """Make the first call that waits in `lane`."""
        future, call, args = self._waiting[lane].popleft()
        try:
            future.set_result(call(*args))
        except Exception as error:
            future.set_exception(error)


@dataclass
class Written:
    """A writer that keeps what it is given, and answers as it is told."""

    answers: list[Exception | None] = field(default_factory=list)
    got: list[tuple[Checkpoint, Any]] = field(default_factory=list)
    queue_full: bool = False
    queued: int = 0

    def open(self) -> None:
        pass

    def write(self, checkpoint: Checkpoint, group_metadata: Any) -> None:
        self.got.append((checkpoint, group_metadata))
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer


@dataclass
class Told:
    """A record as a poll gives it."""

    place: TP
    at: int
    data: bytes = b"1"

    def topic(self) -> str:
        return self.place.topic

    def partition(self) -> int:
        return self.place.partition

    def offset(self) -> int:
        return self.at

    def key(self) -> bytes | None:
        return b"key"

    def value(self) -> bytes | None:
        return self.data

    def timestamp(self) -> tuple[int, int]:
        return 1, 0

    def headers(self) -> list[tuple[str, bytes | None]] | None:
        return None


class Group:
    """A member whose polls give what the test put in `coming`."""

    def __init__(self, on_taken: Any, on_revoked: Any, on_lost: Any) -> None:
        self.joined = True
        self.on_taken, self.on_revoked, self.on_lost = on_taken, on_revoked, on_lost
        self.coming: list[Told] = []
        self.ends: dict[TP, int] = {}
        self.lags: dict[TP, int] = {}
        self.metadata = 0
        self.orders: list[Order] = []
        self.left = False

    def subscribe(self, topics: Iterable[str]) -> None:
        pass

    def turn(self, order: Order) -> Polled:
        self.orders.append(order)
        records, self.coming = self.coming, []
        self.metadata += 1
        lags = {tp: self.lags.get(tp, 0) for tp in order.lag_of or ()}
        ends, self.ends = self.ends, {}
        return Polled(records, self.metadata, lags, ends)

    def look_at_ends(self, tps: Iterable[TP]) -> None:
        pass

    def close(self) -> None:
        self.left = True


class Nothing:
    """A restorer with no rows, and inputs of which nothing was read; and some that is `lost`."""

    restored = 0
    partitions: Mapping[str, int] = MappingProxyType({})
    followed: frozenset[TP] = frozenset()

    def __init__(self, lost: Iterable[Loss] = ()) -> None:
        self.lost = {TP(loss.topic, loss.partition): loss for loss in lost}

    def check_offsets(self, stages: Any) -> None:
        pass

    def begins(self, inputs: Sequence[TP]) -> Begins:
        nothing = dict.fromkeys(inputs, 0)
        return Begins(nothing, dict.fromkeys(inputs, -1001), self.lost, nothing)

    def restore(self, wanted: Sequence[Any], on_rows: Any) -> None:
        for one in wanted:
            on_rows(one, TablePartition[Any](one.spec, InMemory()))

    def written_to(self, tps: Sequence[TP]) -> dict[TP, int]:
        return {}

    def close(self) -> None:
        pass


class Alone:
    """A worker's presence where there are no others, but who it is told is `silent`."""

    def __init__(self) -> None:
        self.silent: frozenset[str] = frozenset()
        self.fenced: list[tuple[str, str]] = []
        self.heads = ["first"]
        self.peers: list[Peer] = []

    def succeed(self) -> None:
        pass

    def beat(self, asks: bool) -> Beat:
        return Beat(Missed(self.silent, frozenset()), self.peers)

    def fence(self, name: str, head: str) -> None:
        self.fenced.append((name, head))

    def close(self) -> None:
        pass


class Stopped(Exception):
    """The process would have ended."""


def stop(reason: str) -> NoReturn:
    raise Stopped(reason)


def worked_off(machine: Any, batches: list[Batch]) -> None:
    """Hand batches back, as agents do that write nothing."""
    for batch in batches:
        machine.collect(batch)

"""Clients of the model, by the names and manners of confluent-kafka: as much of them as ours use."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import OffsetSpec

from eropaf.streams.topic_partition import TP
from tests.model.log import Data, Entry
from tests.model.murmur import partition_of
from tests.model.network import Network
from tests.model.transactions import Refusal
from tests.model.world import Host, Promise

ANSWER_S = 10.0
LOST = "Disconnected (after 0ms in state UP)"
NOW = 1e-9
FATAL = frozenset({KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH})
RETRIABLE = frozenset({KafkaError._TIMED_OUT, KafkaError.NOT_COORDINATOR, KafkaError.CONCURRENT_TRANSACTIONS})


def error(code: int, *, abort: bool = False) -> KafkaException:
    """Return the exception that a client raises for `code`."""
    fenced = code in FATAL
    return KafkaException(
        KafkaError(
            KafkaError._FENCED if fenced else code,
            "from the model",
            fenced,
            code in RETRIABLE,
            abort and not fenced,
        )
    )


@dataclass(frozen=True, slots=True)
class Message:
    """A record, or what a consumer was told in its place."""

    place: TP
    entry: Entry | None
    at: int
    problem: KafkaError | None = None

    def topic(self) -> str:
        return self.place.topic

    def partition(self) -> int:
        return self.place.partition

    def offset(self) -> int:
        return self.at

    def key(self) -> bytes | None:
        return None if self.entry is None else self.entry.key

    def value(self) -> bytes | None:
        return None if self.entry is None else self.entry.value

    def timestamp(self) -> tuple[int, int]:
        return (1, 0 if self.entry is None else self.entry.timestamp_ms)

    def headers(self) -> list[tuple[str, bytes | None]] | None:
        return None if self.entry is None else self.entry.headers

    def error(self) -> KafkaError | None:
        return self.problem


@dataclass(frozen=True, slots=True)
class Metadata:
    """A group's metadata for a transaction."""

    group: str
    member: str
    epoch: int


class Client:
    """What every client has: its process, its settings, and a way to the broker."""

    def __init__(self, network: Network, host: Host, settings: Mapping[str, Any]) -> None:
        self._network, self._host, self._settings = network, host, dict(settings)
        self._world, self._broker = network.world, network.broker

    def _ask(self, request: Callable[..., Any], *args: Any, within_s: float = ANSWER_S, **more: Any) -> Any:
        try:
            return self._network.ask(self._host, request, *args, within_s=within_s, **more)
        except TimeoutError:
            raise error(KafkaError._TIMED_OUT) from None
        except Refusal as refusal:
            raise error(refusal.code) from None

    def list_topics(self, topic: str | None = None, timeout: float = ANSWER_S) -> Any:
        """Return which partitions topics have."""
        found = self._ask(self._partitions_of, topic, within_s=timeout)
        return SimpleNamespace(
            topics={name: SimpleNamespace(partitions=dict.fromkeys(range(n))) for name, n in found.items()}
        )

    def _partitions_of(self, topic: str | None) -> dict[str, int]:
        return {n: c for n, c in self._broker.partitions.items() if topic in (None, n)}


@dataclass(frozen=True, slots=True)
class Answered:
    """A future that has come; the library's own has a lock, and a schedule makes hundreds."""

    answer: Any

    def result(self, timeout: float | None = None) -> Any:
        """Return the answer, or raise it."""
        if isinstance(self.answer, KafkaException):
            raise self.answer
        return self.answer


class Admin(Client):
    """See `confluent_kafka.admin.AdminClient`."""

    def list_offsets(
        self, asked: Mapping[TopicPartition, OffsetSpec], isolation_level: IsolationLevel
    ) -> dict[TopicPartition, Answered]:
        """Return a future for each partition; here all of them have come."""
        found: dict[TopicPartition, Answered] = {}
        for place, which in asked.items():
            try:
                offset = self._ask(
                    self._broker.ends,
                    TP(place.topic, place.partition),
                    earliest=which is OffsetSpec.earliest(),  # type: ignore[no-untyped-call]
                    committed=isolation_level is IsolationLevel.READ_COMMITTED,
                )
                found[place] = Answered(SimpleNamespace(offset=offset))
            except KafkaException as problem:
                found[place] = Answered(problem)
        return found

    def describe_consumer_groups(self, groups: list[str], request_timeout: float) -> dict[str, Answered]:
        """Return a future for each group: who its members are."""
        found = {}
        for group in groups:
            try:
                members = self._ask(self._broker.members, group, within_s=request_timeout)
                described = [
                    SimpleNamespace(member_id=one.name, client_id=one.client, group_instance_id=None)
                    for one in members
                ]
                found[group] = Answered(SimpleNamespace(group_id=group, members=described))
            except KafkaException as problem:
                found[group] = Answered(problem)
        return found


class ModelProducer(Client):
    """See `confluent_kafka.Producer`, with and without transactions."""

    def __init__(self, network: Network, host: Host, settings: Mapping[str, Any]) -> None:
        super().__init__(network, host, settings)
        self._name = self._settings.get("transactional.id")
        self._timeout_s = float(self._settings.get("transaction.timeout.ms", 60_000)) / 1000
        self._within_s = float(self._settings.get("message.timeout.ms", 10_000)) / 1000
        self._id, self._epoch = -1, -1
        self._queue: dict[TP, list[Data]] = {}
        self._asked: dict[TP, list[Callable[..., None] | None]] = {}
        self._delivered: list[tuple[Callable[..., None], Message]] = []
        self._sequences: dict[TP, int] = {}
        self._added: set[TP] = set()
        self._open = False
        self._fatal = False
        self._sender: Promise | None = None
        self._problem: KafkaException | None = None
        self._bump = False
        self._unanswered = False

    def init_transactions(self, timeout: float = ANSWER_S) -> None:
        """Fence predecessors, and abort what they left open."""
        self._id, self._epoch = self._ask(
            self._broker.init_producer,
            self._name,
            self._timeout_s,
            within_s=timeout,
            unanswered=self._asked_again,
        )
        self._sequences = {}

    def begin_transaction(self) -> None:
        """Begin; the broker hears of it with the first record."""
        self._check()
        if self._open:
            raise error(KafkaError._STATE)
        self._open = True

    def produce(
        self,
        topic: str,
        value: bytes | None = None,
        key: bytes | None = None,
        partition: int = -1,
        timestamp: int = 0,
        headers: Any = None,
        on_delivery: Callable[..., None] | None = None,
    ) -> None:
        """Queue a record."""
        if partition < 0:
            partition = partition_of(key, self._broker.partitions.get(topic, 1))
        data = Data(key, value, timestamp or int(self._world.time() * 1000), headers)
        self._queue.setdefault(TP(topic, partition), []).append(data)
        self._asked.setdefault(TP(topic, partition), []).append(on_delivery)
        if self._open and self._sender is None:
            self._sender = Promise(self._world)
            self._world.spawn(self._host, self._send)

    def poll(self, timeout: float = 0) -> int:
        """Tell the logger of a connection that failed, and what is asked of deliveries."""
        if self._unanswered and "logger" in self._settings:
            self._settings["logger"].log(logging.WARNING, "%s [%s] %s", "FAIL", "model", LOST)
        self._unanswered = False
        self._tell_delivered()
        return 0

    def _tell_delivered(self) -> None:
        delivered, self._delivered = self._delivered, []
        for on_delivery, message in delivered:
            on_delivery(None, message)

    def _asked_again(self) -> None:
        self._unanswered = True

    def flush(self, timeout: float = ANSWER_S) -> int:
        """Write what is queued; return how much was not."""
        try:
            self._until_sent(timeout)
        except KafkaException as problem:
            self._problem = problem  # raised by whatever follows in the transaction
        self._tell_delivered()
        return sum(map(len, self._queue.values()))

    def send_offsets_to_transaction(
        self, offsets: Iterable[TopicPartition], metadata: Metadata, timeout: float = ANSWER_S
    ) -> None:
        """Let a group's offsets be committed with the transaction."""
        self._check()
        places = {TP(one.topic, one.partition): one.offset for one in offsets}
        if not places:
            return
        self._in_transaction(
            self._broker.add_offsets, self._name, self._id, self._epoch, metadata.group, within_s=timeout
        )
        self._in_transaction(
            self._broker.commit_offsets, metadata.group, self._id, self._epoch, metadata.member,
            metadata.epoch, places, within_s=timeout,
        )  # fmt: skip
        self._touched = True

    def commit_transaction(self, timeout: float = ANSWER_S) -> None:
        """Write what is queued, and commit."""
        self._check()
        self._until_sent(timeout)
        self._end(True, timeout)

    def abort_transaction(self, timeout: float = ANSWER_S) -> None:
        """Drop what is queued, and abort."""
        self._check()
        self._queue, self._asked, self._problem = {}, {}, None
        if self._sender is not None:
            self._world.wait(self._sender, timeout)
            self._problem = None
        if self._bump:
            # Some records may still be on their way: under a new epoch they are not taken (KIP-360).
            self._ended()
            self._in_transaction(self._take_new_epoch, within_s=timeout)
            return
        self._end(False, timeout)

    _touched = False

    def _take_new_epoch(self, **more: Any) -> Any:
        return self._broker.init_producer(str(self._name), self._timeout_s, self._epoch)

    def _end(self, commit: bool, timeout: float) -> None:
        if self._added or self._touched:
            self._in_transaction(
                self._broker.end, self._name, self._id, self._epoch, commit, within_s=timeout
            )
        self._ended()

    def _ended(self) -> None:
        self._open = self._touched = False
        self._added = set()

    def _send(self) -> None:
        """Write what is queued while who queued it goes on."""
        try:
            self._write_queue(self._within_s)
        except KafkaException as problem:
            self._problem = problem
        finally:
            sender, self._sender = self._sender, None
            if sender is not None:
                sender.set_result(None)

    def _until_sent(self, timeout: float) -> None:
        if self._sender is not None and not self._world.wait(self._sender, timeout):
            self._bump = True
            raise error(KafkaError._TIMED_OUT)
        if self._problem is not None:
            raise self._problem
        self._write_queue(timeout)

    def _write_queue(self, timeout: float) -> None:
        while self._queue:
            tp = next(iter(self._queue))
            records, asked = self._queue.pop(tp), self._asked.pop(tp)
            if not self._open:
                self._note_delivered(
                    tp, asked, self._ask(self._broker.produce, tp, records, within_s=timeout)
                )
                continue
            if tp not in self._added:
                self._in_transaction(
                    self._broker.add_partitions, self._name, self._id, self._epoch, {tp}, within_s=timeout
                )
                self._added.add(tp)
            sequence = self._sequences.get(tp, 0)
            try:
                first = self._in_transaction(
                    self._broker.produce, tp, records, self._id, self._epoch, sequence,
                    within_s=min(timeout, self._within_s),
                )  # fmt: skip
            except KafkaException:
                self._bump = True
                raise
            self._sequences[tp] = sequence + len(records)
            self._note_delivered(tp, asked, first)

    def _note_delivered(self, tp: TP, asked: Iterable[Callable[..., None] | None], first: int) -> None:
        for offset, on_delivery in enumerate(asked, first):
            if on_delivery is not None:
                self._delivered.append((on_delivery, Message(tp, None, offset)))

    def _in_transaction(self, request: Callable[..., Any], *args: Any, within_s: float) -> Any:
        try:
            answer = self._network.ask(
                self._host, request, *args, within_s=within_s, unanswered=self._asked_again
            )
        except TimeoutError:
            raise error(KafkaError._TIMED_OUT) from None
        except Refusal as refusal:
            self._fatal |= refusal.code in FATAL
            raise error(refusal.code, abort=True) from None
        if request == self._take_new_epoch:
            (self._id, self._epoch), self._sequences, self._bump = answer, {}, False
        return answer

    def _check(self) -> None:
        if self._fatal:
            raise error(KafkaError.PRODUCER_FENCED)


@dataclass
class Transport:
    """Makes clients of the model for one process; see `eropaf.streams.runtime.transport`."""

    network: Network
    host: Host

    def consumer(self, settings: Mapping[str, Any]) -> Any:
        """Make a consumer."""
        from tests.model.consumer import ModelConsumer

        return ModelConsumer(self.network, self.host, settings)

    def producer(self, settings: Mapping[str, Any]) -> Any:
        """Make a producer."""
        return ModelProducer(self.network, self.host, settings)

    def admin(self, settings: Mapping[str, Any]) -> Any:
        """Make an administrator's client."""
        return Admin(self.network, self.host, settings)

    def let_go(self, settings: Mapping[str, str], protocol: str, group: Any, member: Any) -> None:
        """Have the group go on without a member."""
        client = Client(self.network, self.host, settings)
        client._ask(self.network.broker.let_go, group.group_id, member.member_id)


__all__ = ["Admin", "Message", "Metadata", "ModelProducer", "Transport", "deque"]

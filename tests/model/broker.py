"""The broker: topics, and what it answers to each request. It never waits; it refuses, and is asked again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from confluent_kafka import KafkaError

from eropaf.streams.topic_partition import TP
from tests.model.groups import Assignment, Group, Member
from tests.model.log import Data, Entry, Log
from tests.model.transactions import Refusal, Transactions
from tests.model.world import Promise, World

LATE_EVERY_S = 0.25


@dataclass(slots=True)
class Sequence_:
    """What a partition knows of a producer: its epoch, and where its last batch of records stands."""

    epoch: int
    next: int = 0
    last: int = -1
    """Offset of the first record of the last batch: what a repeated one is answered."""


@dataclass
class Broker:
    """All brokers of a cluster as one, but that coordinators may be away for a while."""

    world: World
    protocol: str = "consumer"
    marks_within_s: float = 0.004
    logs: dict[TP, Log] = field(default_factory=dict)
    partitions: dict[str, int] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    away_until: dict[str, float] = field(default_factory=dict)
    """Until when each coordinator (`transactions`, `groups`) and every leader (`leaders`) moves."""

    def __post_init__(self) -> None:
        self.transactions = Transactions(self.world, self._mark, self.marks_within_s)
        self._waiting: list[tuple[Promise, Collection[TP]]] = []
        self._producers: dict[tuple[TP, int], Sequence_] = {}
        self._look_for_late()

    def create(self, topic: str, partitions: int, *, compacted: bool = False) -> None:
        """Make a topic."""
        self.partitions[topic] = partitions
        for number in range(partitions):
            self.logs[TP(topic, number)] = Log(topic, number, compacted)

    def group(self, name: str) -> Group:
        """Return a group, which need not have been heard of."""
        if name not in self.groups:
            self.groups[name] = Group(self.world, self.partitions, self.protocol)
        return self.groups[name]

    # Requests. Each may be answered by a `Refusal`.

    def init_producer(self, name: str, timeout_s: float, at_epoch: int | None = None) -> tuple[int, int]:
        """InitProducerId."""
        self._at_home("transactions", KafkaError.NOT_COORDINATOR)
        return self.transactions.initialise(name, timeout_s, at_epoch)

    def add_partitions(self, name: str, producer: int, epoch: int, tps: set[TP]) -> None:
        """AddPartitionsToTxn."""
        self._at_home("transactions", KafkaError.NOT_COORDINATOR)
        for tp in tps:
            self._log(tp)
        self.transactions.add_partitions(name, producer, epoch, tps)

    def produce(
        self, tp: TP, records: Sequence[Data], producer: int | None = None, epoch: int = 0, sequence: int = 0
    ) -> int:
        """Produce: records of one partition, once for each sequence of a producer."""
        self._at_home("leaders", KafkaError.NOT_LEADER_FOR_PARTITION)
        log = self._log(tp)
        if producer is None:
            return self.store(tp, records)
        known = self._producers.get((tp, producer))
        if known is None or known.epoch < epoch:
            known = self._producers[tp, producer] = Sequence_(epoch)
        if epoch < known.epoch:
            raise Refusal(KafkaError.INVALID_PRODUCER_EPOCH)
        if sequence < known.next:
            return known.last
        self.transactions.verify(producer, epoch, tp)
        if sequence > known.next:
            raise Refusal(KafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER)
        known.last, known.next = log.append(records, producer), sequence + len(records)
        return known.last

    def store(self, tp: TP, records: Sequence[Data]) -> int:
        """Write records outside any transaction, whoever is away."""
        first = self._log(tp).append(records)
        self._news(tp)
        return first

    def add_offsets(self, name: str, producer: int, epoch: int, group: str) -> None:
        """AddOffsetsToTxn."""
        self._at_home("transactions", KafkaError.NOT_COORDINATOR)
        self.transactions.add_group(name, producer, epoch, group)

    def commit_offsets(
        self, group: str, producer: int, epoch: int, member: str, generation: int, offsets: Mapping[TP, int]
    ) -> None:
        """TxnOffsetCommit; without a member nobody is asked whether it belongs (as Kafka allows)."""
        self._at_home("groups", KafkaError.NOT_COORDINATOR)
        self.transactions.verify(producer, epoch, group)
        if member:
            self.group(group).check(member, generation)
        self.group(group).commit(producer, offsets)

    def end(self, name: str, producer: int, epoch: int, commit: bool) -> None:
        """EndTxn."""
        self._at_home("transactions", KafkaError.NOT_COORDINATOR)
        self.transactions.end(name, producer, epoch, commit=commit)

    def committed(self, group: str, tps: Iterable[TP], stable: bool) -> dict[TP, int]:
        """OffsetFetch."""
        self._at_home("groups", KafkaError.NOT_COORDINATOR)
        return self.group(group).committed(tps, stable=stable)

    def note_offsets(self, group: str, offsets: Mapping[TP, tuple[int, str]]) -> None:
        """OffsetCommit, of who is no member."""
        self._at_home("groups", KafkaError.NOT_COORDINATOR)
        self.group(group).note(offsets)

    def members(self, group: str) -> list[Member]:
        """ConsumerGroupDescribe, and DescribeGroups."""
        self._at_home("groups", KafkaError.NOT_COORDINATOR)
        return self.group(group).present()

    def let_go(self, group: str, member: str) -> None:
        """ConsumerGroupHeartbeat with the epoch of a member that leaves, and LeaveGroup."""
        self._at_home("groups", KafkaError.NOT_COORDINATOR)
        self.group(group).leave(member)

    def ends(self, tp: TP, *, earliest: bool, committed: bool) -> int:
        """ListOffsets."""
        self._at_home("leaders", KafkaError.NOT_LEADER_FOR_PARTITION)
        log = self._log(tp)
        return log.begins if earliest else log.stable if committed else log.ends

    def fetch(self, starts: Mapping[TP, int], most: int) -> dict[TP, tuple[list[Entry], int, int, int]]:
        """Fetch: of each partition its committed records, where to read on, and where it begins and ends."""
        self._at_home("leaders", KafkaError.NOT_LEADER_FOR_PARTITION)
        found = {}
        for tp, start in starts.items():
            log = self._log(tp)
            if log.begins <= start <= log.ends:
                entries, read_on = log.read(start, most)
            else:
                entries, read_on = [], -1
            found[tp] = (entries, read_on, log.begins, log.stable)
        return found

    def heartbeat(
        self,
        group: str,
        member: str,
        client: str,
        epoch: int,
        topics: tuple[str, ...],
        session_s: float,
        owned: set[TP],
        heard: int,
    ) -> Assignment:
        """ConsumerGroupHeartbeat; under the classic protocol it stands for joining and synchronising too."""
        self._at_home("groups", KafkaError.NOT_COORDINATOR)
        return self.group(group).heartbeat(member, client, epoch, topics, session_s, owned, heard)

    def tell_news(self, promise: Promise, tps: Collection[TP]) -> None:
        """Let `promise` come as soon as anything of `tps` can be read that could not before."""
        self._waiting.append((promise, tps))

    # What happens without being asked for.

    @property
    def at_rest(self) -> bool:
        """Whether no transaction is open anywhere."""
        return self.transactions.at_rest and not any(log.open for log in self.logs.values())

    def _at_home(self, role: str, code: int) -> None:
        if self.world.now < self.away_until.get(role, 0.0):
            raise Refusal(code)

    def _log(self, tp: TP) -> Log:
        if tp not in self.logs:
            raise Refusal(KafkaError.UNKNOWN_TOPIC_OR_PART)
        return self.logs[tp]

    def _mark(self, place: TP | str, producer: int, commit: bool) -> None:
        if isinstance(place, str):
            self.group(place).mark(producer, commit=commit)
        else:
            self.logs[place].mark(producer, commit=commit)
            self._news(place)

    def _news(self, tp: TP) -> None:
        self._waiting = [one for one in self._waiting if not one[0].done()]
        for promise, tps in self._waiting:
            if tp in tps:
                promise.set_result(None)

    def _look_for_late(self) -> None:
        self.transactions.abort_late()
        self.world.at(LATE_EVERY_S, self._look_for_late)

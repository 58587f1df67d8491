"""A consumer of the model: alone with partitions that it was given by hand, or a member of a group."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from eropaf.streams.topic_partition import TP
from tests.model.clients import ANSWER_S, Client, Message, Metadata, error
from tests.model.groups import Assignment
from tests.model.log import Log
from tests.model.network import Network
from tests.model.transactions import Refusal
from tests.model.world import Host, Promise

INVALID = -1001
FENCED = frozenset({KafkaError.UNKNOWN_MEMBER_ID, KafkaError.FENCED_MEMBER_EPOCH})

Callback = Callable[[Any, list[TopicPartition]], None]


class ModelConsumer(Client):
    """See `confluent_kafka.Consumer`."""

    def __init__(self, network: Network, host: Host, settings: Mapping[str, Any]) -> None:
        super().__init__(network, host, settings)
        self._group = str(self._settings["group.id"])
        self._stable = self._settings.get("isolation.level") != "read_uncommitted"
        self._tells_ends = bool(self._settings.get("enable.partition.eof"))
        self._positions: dict[TP, int] = {}
        self._paused: set[TP] = set()
        self._told_end: dict[TP, int] = {}
        self._known_ends: dict[TP, int] = {}
        # As a member of a group.
        self._topics: tuple[str, ...] = ()
        self._callbacks: dict[str, Callback | None] = {}
        self._member, self._epoch, self._joined = "", 0, False
        self._meant: frozenset[TP] | None = None
        self._taking: list[TP] = []  # while its callback works on it: it is held by then, for the group
        self._lost = False
        self._heard_last = 0
        self._beats = self._closed = False
        self._news: Promise | None = None
        session = float(self._settings.get("session.timeout.ms", 0)) / 1000
        self._session_s = session or network.session_s
        self._beats_s = self._session_s / 5

    # By hand.

    def assign(self, places: Iterable[TopicPartition]) -> None:
        """Read these partitions, and no others."""
        self.unassign()
        self.incremental_assign(places)

    def incremental_assign(self, places: Iterable[TopicPartition]) -> None:
        """Read these partitions too."""
        for place in places:
            tp = TP(place.topic, place.partition)
            self._positions[tp] = place.offset if place.offset >= 0 else self._beginning(tp)
        self._wake()

    def unassign(self) -> None:
        """Read nothing."""
        self._positions, self._paused, self._told_end = {}, set(), {}

    def incremental_unassign(self, places: Iterable[TopicPartition]) -> None:
        """Read these partitions no more."""
        for place in places:
            tp = TP(place.topic, place.partition)
            self._positions.pop(tp, None)
            self._told_end.pop(tp, None)
            self._paused.discard(tp)

    def assignment(self) -> list[TopicPartition]:
        """Return what is read."""
        return [TopicPartition(*tp) for tp in self._positions]

    def pause(self, places: Iterable[TopicPartition]) -> None:
        """Let no records of these come."""
        self._paused |= {TP(place.topic, place.partition) for place in places}

    def resume(self, places: Iterable[TopicPartition]) -> None:
        """Let records of these come again."""
        self._paused -= {TP(place.topic, place.partition) for place in places}
        self._wake()

    def seek(self, place: TopicPartition) -> None:
        """Read on from another offset."""
        tp = TP(place.topic, place.partition)
        if tp not in self._positions:
            raise error(KafkaError._STATE)
        self._positions[tp] = place.offset
        self._told_end.pop(tp, None)

    def position(self, places: Iterable[TopicPartition]) -> list[TopicPartition]:
        """Return where each is read on."""
        return [
            TopicPartition(p.topic, p.partition, self._positions.get(TP(p.topic, p.partition), INVALID))
            for p in places
        ]

    def get_watermark_offsets(
        self, place: TopicPartition, timeout: float = ANSWER_S, cached: bool = False
    ) -> tuple[int, int]:
        """Return where a partition begins and ends."""
        tp = TP(place.topic, place.partition)
        if cached:
            return 0, self._known_ends.get(tp, INVALID)
        low = self._ask(self._broker.ends, tp, earliest=True, committed=self._stable, within_s=timeout)
        return low, self._ask(self._broker.ends, tp, earliest=False, committed=self._stable, within_s=timeout)

    def committed(self, places: Iterable[TopicPartition], timeout: float = ANSWER_S) -> list[TopicPartition]:
        """Return the group's offsets; a reader of committed ones waits until they are stable."""
        asked = [TP(place.topic, place.partition) for place in places]
        found = self._ask(self._broker.committed, self._group, asked, self._stable, within_s=timeout)
        said = self._broker.group(self._group).said
        return [TopicPartition(*tp, found[tp], said.get(tp, "")) for tp in asked]

    def commit(self, offsets: Iterable[TopicPartition], asynchronous: bool) -> None:
        """Note offsets as somebody who is no member, with what is said beside them."""
        assert not asynchronous
        noted = {TP(one.topic, one.partition): (one.offset, one.metadata) for one in offsets}
        self._ask(self._broker.note_offsets, self._group, noted)

    def poll(self, timeout: float = 0) -> Message | None:
        """Return the next record, if one comes in time."""
        return next(iter(self.consume(1, timeout)), None)

    def consume(self, num_messages: int = 1, timeout: float = 0) -> list[Message]:
        """Return records that have come, or wait for the first; what the group says is told from in here."""
        deadline = self._world.now + timeout
        while True:
            self._hear_group()
            found = self._fetch(num_messages) if num_messages and not self._host.cut else []
            left = deadline - self._world.now
            if found or left <= 0:
                return found
            self._news = Promise(self._world)
            self._broker.tell_news(self._news, self._positions.keys() - self._paused)
            self._world.wait(self._news, left)
            self._news.set_result(None)

    # As a member of a group.

    def subscribe(
        self, topics: list[str], on_assign: Any = None, on_revoke: Any = None, on_lost: Any = None
    ) -> None:
        """Join the group; who is a member asks what it has for it."""
        self._callbacks = {"assign": on_assign, "revoke": on_revoke, "lost": on_lost}
        if self._topics:
            self._say()
            return
        self._topics = tuple(topics)
        self._member = f"{self._host.name}-{next(self._world.names)}"
        self._beat()

    def consumer_group_metadata(self) -> Metadata:
        """Return who this member is, for a transaction."""
        return Metadata(self._group, self._member if self._topics else "", self._epoch)

    def memberid(self) -> str:
        """Return the member's name, once the group knows it."""
        return self._member if self._joined else ""

    def close(self) -> None:
        """Release every partition, and leave the group."""
        if self._closed:
            return
        if self._topics and self._positions:
            self._tell("revoke", list(self._positions))
        self._closed = True
        self.unassign()
        if self._topics:
            self._network.tell(self._host, self._leave)

    def _leave(self) -> None:
        self._broker.group(self._group).leave(self._member)

    def _beat(self) -> None:
        if self._closed:
            return
        self._say()
        self._world.at(self._beats_s, self._beat, self._host)

    def _say(self) -> None:
        owned = {*self._positions, *self._taking, *(self._meant or ())}
        client = str(self._settings.get("client.id", ""))
        sent = (self._member, client, self._epoch, self._topics, self._session_s, owned, self._heard_last)
        answer = self._network.tell(self._host, self._heartbeat, *sent)
        answer.then(lambda: self._heard(answer))

    def _heartbeat(self, *sent: Any) -> Assignment:
        return self._broker.heartbeat(self._group, *sent)

    def _heard(self, answer: Promise) -> None:
        try:
            assignment: Assignment = answer.result()
        except Refusal as refusal:
            if refusal.code in FENCED and self._epoch:
                self._lost, self._epoch, self._meant, self._joined, self._heard_last = True, 0, None, False, 0
                self._wake()
            return
        if self._lost or assignment.number <= self._heard_last:
            return
        self._joined, self._epoch, self._heard_last = True, assignment.epoch, assignment.number
        if assignment.partitions != set(self._positions):
            self._meant = assignment.partitions
            self._wake()

    def _hear_group(self) -> None:
        if self._lost:
            self._tell("lost" if self._callbacks["lost"] else "revoke", list(self._positions))
            self.unassign()
            self._lost = False
            self._member = f"{self._host.name}-{next(self._world.names)}"
        if self._meant is None or not self._topics:
            return
        meant, self._meant = self._meant, None
        given_up = [tp for tp in self._positions if tp not in meant]
        if given_up:
            self._tell("revoke", given_up)
            for tp in given_up:
                self.incremental_unassign([TopicPartition(*tp)])
        given = sorted(meant - set(self._positions))
        if given and not self._lost:
            self._taking = given
            self._tell("assign", given)
            self._taking = []

    def _tell(self, what: str, tps: list[TP]) -> None:
        places, callback = [TopicPartition(*tp) for tp in tps], self._callbacks[what]
        if callback is not None:
            callback(self, places)
        if what == "assign" and not set(tps) <= set(self._positions):
            self.incremental_assign(TopicPartition(*tp) for tp in tps if tp not in self._positions)

    # Reading.

    def _wake(self) -> None:
        if self._news is not None:
            self._news.set_result(None)

    def _beginning(self, tp: TP) -> int:
        known = self._broker.group(self._group).offsets.get(tp, INVALID)
        if known >= 0:
            return known
        log = self._broker.logs[tp]
        return log.stable if self._settings.get("auto.offset.reset", "latest") == "latest" else log.begins

    def _fetch(self, most: int) -> list[Message]:
        starts = {
            tp: at
            for tp, at in self._positions.items()
            if tp not in self._paused and self._has_news(tp, at, self._broker.logs[tp])
        }
        if not starts:
            return []
        try:
            answers = self._broker.fetch(starts, most)
        except Refusal:
            return []
        found: deque[Message] = deque()
        for tp in sorted(answers, key=lambda tp: self._world.random.random()):
            entries, read_on, begins, stable = answers[tp]
            self._known_ends[tp] = stable
            if read_on < 0:
                found.append(self._out_of_range(tp, begins))
                continue
            room = most - len(found)
            if len(entries) > room:
                entries, read_on = entries[:room], entries[room].offset
            found.extend(Message(tp, entry, entry.offset) for entry in entries)
            self._positions[tp] = read_on
            if (
                self._tells_ends
                and read_on >= stable
                and self._told_end.get(tp) != read_on
                and room > len(entries)
            ):
                self._told_end[tp] = read_on
                found.append(Message(tp, None, read_on, KafkaError(KafkaError._PARTITION_EOF)))
        return list(found)

    def _has_news(self, tp: TP, at: int, log: Log) -> bool:
        return at < log.stable or at < log.begins or (self._tells_ends and self._told_end.get(tp) != at)

    def _out_of_range(self, tp: TP, begins: int) -> Message:
        if self._settings.get("auto.offset.reset") == "error":
            return Message(tp, None, self._positions[tp], KafkaError(KafkaError._AUTO_OFFSET_RESET))
        self._positions[tp] = begins
        return Message(tp, None, begins, KafkaError(KafkaError._PARTITION_EOF))


__all__ = ["KafkaException", "ModelConsumer"]

"""Topics of another cluster, as MirrorMaker 2 copies them here: under its alias, with other offsets.

What says where a copy stands are the mirror's own notes, one for every record or batch that it copied:
"offset 12 there is offset 17 here". A copy keeps partition, key, value, headers and timestamp, and its place
in the order; nothing that was given up is copied, and nothing twice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from struct import Struct
from struct import error as StructError
from typing import Any

from confluent_kafka import Message

from eropaf.streams.errors import SavepointMisfit
from eropaf.streams.operate import reading
from eropaf.streams.operate.savepoint_file import entry_of
from eropaf.streams.operate.topics import admin
from eropaf.streams.topic_partition import TP

_LENGTH = Struct(">h")  # of the topic's name
_PARTITION = Struct(">i")
_OFFSETS = Struct(">qq")  # there, here


@dataclass(frozen=True, slots=True)
class Note:
    """A record's offset in its own cluster, and of its copy here."""

    there: int
    here: int


@dataclass(slots=True)
class _Near:
    """The notes next to an offset there: of the last record before it, and of the first from it on."""

    below: Note | None = None
    above: Note | None = None

    def look_at(self, note: Note, wanted: int) -> None:
        if note.there < wanted:
            self.below = note
        elif self.above is None or note.there < self.above.there:
            self.above = note


@dataclass(slots=True)
class Mirror:
    """The copies of the cluster that MirrorMaker 2 knows as `alias`, on the cluster `bootstrap`. Blocking."""

    bootstrap: str
    client: Mapping[str, str]
    alias: str

    def since(self, wanted: Mapping[TP, int]) -> Iterator[dict[str, Any]]:
        """Yield each record from the offset `wanted` there on, as a savepoint holds it.

        In order within a partition. A few of before come again where no note is of the record itself and
        transactions ended in between: offsets without a record cannot be told from others. The entry's offset
        counts on from the one wanted: its own is not known here.

        Raises:
            SavepointMisfit: the mirror has other partitions, or its notes cannot be understood.
            TopicMissing, NotAllowed, BrokerUnreachable: see `reading`.

        """
        kafka = admin(self.bootstrap, self.client)
        near = self._near(wanted)
        copies = [
            copy for topic, count in reading.counts(wanted).items() for copy in self._copies(topic, count)
        ]
        firsts, ends = reading.beginnings(kafka, copies), reading.ends(kafka, copies)
        starts = {copy: self._start(near[self._there(copy)], firsts[copy]) for copy in copies}
        partitions = {tp: _Partition(tp, offset, near[tp].above) for tp, offset in wanted.items()}
        for record in reading.read(self.bootstrap, self.client, starts, ends):
            tp = self._there(TP(str(record.topic()), int(record.partition() or 0)))
            yield from partitions[tp].read(record)
        for partition in partitions.values():
            yield from partition.rest()

    def _there(self, copy: TP) -> TP:
        return TP(copy.topic.removeprefix(f"{self.alias}."), copy.partition)

    def _copies(self, topic: str, count: int) -> list[TP]:
        copies = reading.partitions(admin(self.bootstrap, self.client), f"{self.alias}.{topic}")
        if len(copies) != count:
            raise SavepointMisfit(
                f"{self.alias}.{topic} has {len(copies)} partitions, {topic} in the savepoint {count}: this "
                "is not a mirror of its cluster"
            )
        return copies

    def _near(self, wanted: Mapping[TP, int]) -> dict[TP, _Near]:
        """Return the notes next to each offset wanted."""
        kafka = admin(self.bootstrap, self.client)
        tps = reading.partitions(kafka, f"mm2-offset-syncs.{self.alias}.internal")
        starts, ends = reading.beginnings(kafka, tps), reading.ends(kafka, tps)
        near = {tp: _Near() for tp in wanted}
        for record in reading.read(self.bootstrap, self.client, starts, ends):
            tp, note = noted(record.key(), record.value())
            if tp in near:
                near[tp].look_at(note, wanted[tp])
        return near

    def _start(self, near: _Near, first: int) -> int:
        return first if near.below is None else max(near.below.here + 1, first)


@dataclass(slots=True)
class _Partition:
    """The copies of one partition, counted on from an offset there."""

    tp: TP
    offset: int
    above: Note | None
    _early: deque[Message] = field(init=False)
    """Copies of before the note above: as many as there can be records from the offset up to it."""

    def __post_init__(self) -> None:
        self._early = deque(maxlen=0 if self.above is None else self.above.there - self.offset)

    def read(self, record: Message) -> Iterator[dict[str, Any]]:
        """Yield what is known to be wanted once `record` was read."""
        if self.above is not None and int(record.offset() or 0) < self.above.here:
            self._early.append(record)
        else:
            yield from self.rest()
            yield self._entry(record)

    def rest(self) -> Iterator[dict[str, Any]]:
        """Yield what was held back."""
        while self._early:
            yield self._entry(self._early.popleft())

    def _entry(self, record: Message) -> dict[str, Any]:
        entry = {**entry_of(record), "topic": self.tp.topic, "offset": self.offset}
        self.offset += 1
        return entry


def noted(key: bytes | None, value: bytes | None) -> tuple[TP, Note]:
    """Return what a note of MirrorMaker 2 says.

    Raises:
        SavepointMisfit: it says nothing that can be understood.

    """
    try:
        (length,) = _LENGTH.unpack_from(key or b"")
        topic = (key or b"")[_LENGTH.size : _LENGTH.size + length].decode()
        (partition,) = _PARTITION.unpack_from(key or b"", _LENGTH.size + length)
        there, here = _OFFSETS.unpack(value or b"")
    except (StructError, UnicodeDecodeError) as error:
        raise SavepointMisfit(
            "the mirror's notes of offsets are not in the form that MirrorMaker 2 writes. Import without "
            "--mirrored"
        ) from error
    return TP(topic, partition), Note(there, here)

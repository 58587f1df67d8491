"""What a stage hands on to the stage chained behind it: in memory, and on the topic between them (ADR 77)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from eropaf.streams.runtime.batch import Batch
from eropaf.streams.runtime.record import Headers, Output, Record
from eropaf.streams.runtime.stage import Stage
from eropaf.streams.topic_partition import TP

# On a record that the stage which reads its topic has been handed already.
HANDED_ON = "eropaf-handed-on"
_MARKED: Headers = [(HANDED_ON, b"")]
# Of a record that no broker has stored yet.
NO_OFFSET = -1


def was_handed_on(record: Record) -> bool:
    """Return whether `record`, of a chained topic, was worked off when it was written."""
    headers = record.headers()
    return bool(headers and headers[-1][0] == HANDED_ON)  # the last that is added


class Handed:
    """A record to be written, as the stage behind reads it."""

    __slots__ = ("_headers", "output")

    def __init__(self, output: Output, headers: Headers) -> None:
        self.output = output
        self._headers = headers

    def topic(self) -> str:  # noqa: D102
        return self.output.topic

    def partition(self) -> int:  # noqa: D102
        return self.output.partition

    def offset(self) -> int:  # noqa: D102
        return NO_OFFSET

    def key(self) -> bytes | None:  # noqa: D102
        return self.output.key

    def value(self) -> bytes | None:  # noqa: D102
        return self.output.value

    def timestamp(self) -> tuple[int, int]:  # noqa: D102
        return 1, self.output.timestamp_ms

    def headers(self) -> Any:
        """Return what the next stage is told, and a replay of the record tells: not that it was handed on."""
        return self._headers


class Unplaced(NamedTuple):
    """The letter of a record that was handed on, which is to say where that record stands."""

    letter: Output
    about: Output
    place: Callable[[Output, int], Output]


class HandedBatch(Batch):
    """What came of a batch for the stage behind, in the order in which it was written.

    It is saved with the batch that it came of, so it has no offset to save.
    """

    __slots__ = ("unplaced",)

    records: Sequence[Handed]

    def __init__(self, records: Sequence[Handed], *given: Any) -> None:
        super().__init__(records, *given)
        self.unplaced: list[Unplaced] = []

    @property
    def next_offset(self) -> int:
        """Return that nothing was read."""
        return NO_OFFSET + 1

    def set_aside(self, record: Any, letter: Output) -> None:
        """Keep the letter back until the place of `record` is known."""
        self.unplaced.append(Unplaced(letter, record.output, self._dead_letters.placed))


class HandedOn(NamedTuple):
    """What a checkpoint hands on in one partition of a chained topic."""

    first: Output
    last: Output
    records: int
    read_to: int = 0
    """Up to where that partition was worked off by then."""


class Chaining:
    """Hands on what batches lead to."""

    def __init__(self, stages: Iterable[Stage]) -> None:
        self._behind: dict[str, dict[str, Stage]] = {}
        for stage in stages:
            if stage.behind is not None:
                self._behind.setdefault(stage.behind.name, {}).update(dict.fromkeys(stage.inputs, stage))
        self.topics = frozenset(topic for behind in self._behind.values() for topic in behind)
        """Every topic of which a stage is handed its records."""

    def handed_on(self, batch: Batch) -> dict[str, list[Handed]]:
        """Return what `batch` hands on, by topic; mark it among its outputs, for whoever reads the topic.

        It is written to the batch's own partition, which the stage behind owns together with this one.
        """
        behind = self._behind.get(batch.stage)
        found: dict[str, list[Handed]] = {}
        if behind is None:
            return found
        for at, output in enumerate(batch.outputs):
            topic, key, value, timestamp_ms, partition, headers = output
            if topic in behind and partition in (-1, batch.partition):
                marked = _MARKED if headers is None else [*headers, *(_MARKED or ())]
                handed = Output(topic, key, value, timestamp_ms, batch.partition, headers=marked)
                batch.outputs[at] = handed
                found.setdefault(topic, []).append(Handed(handed, headers))
        return found


class Tails:
    """What stood on chained topics when they were opened: it is read before their heads go on.

    Another worker may have written it, of a version that hands nothing on; what follows of the same keys
    comes after it.
    """

    def __init__(self) -> None:
        self._ends: dict[TP, int] = {}
        self._ahead: dict[TP, Sequence[TP]] = {}

    def open(self, tp: TP, start: int, end: int, ahead: Sequence[TP]) -> None:
        """Hold `ahead` until `tp`, read from `start`, was read to `end`."""
        if start < end:
            self._ends[tp], self._ahead[tp] = end, ahead

    def read(self, tp: TP, to: int) -> None:
        """Record that all of `tp` before `to` was worked off."""
        if to >= self._ends[tp]:
            self.close(tp)

    def close(self, tp: TP) -> None:
        """Hold nothing for `tp` any more."""
        self._ends.pop(tp, None)
        self._ahead.pop(tp, None)

    def waiting(self) -> list[TP]:
        """Return what was not read to its end yet."""
        return list(self._ends)

    def held(self) -> set[TP]:
        """Return what is not to be read yet."""
        return {tp for ahead in self._ahead.values() for tp in ahead}

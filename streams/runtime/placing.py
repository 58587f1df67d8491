"""Where what is handed on comes to stand on its topic, as the broker tells while a transaction is open.

Two need it: a letter names the place of its record; and the offset of a chained topic. Workers of a version
that chains no stages do not know that a record was handed on, and read on where the group has read to. So
a checkpoint notes that a partition was read past what it writes there, as far as all before that was worked
off: nobody is given anything twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from confluent_kafka import KafkaError, KafkaException

from eropaf.streams.runtime.chain import HandedOn, Unplaced
from eropaf.streams.runtime.record import Output
from eropaf.streams.topic_partition import TP

# A transaction's end takes one offset behind its last record.
END_MARKER_OFFSETS = 1


class Places:
    """The offsets of some records of one transaction."""

    def __init__(self, handed: Iterable[HandedOn], unplaced: Iterable[Unplaced]) -> None:
        self._wanted = {id(output) for one in handed for output in (one.first, one.last)}
        self._wanted.update(id(one.about) for one in unplaced)
        self._found: dict[int, int] = {}

    def teller(self, output: Output) -> Callable[[Any, Any], None] | None:
        """Return what the client is to call once it has delivered `output`; None where nobody asks."""
        return partial(self._delivered, id(output)) if id(output) in self._wanted else None

    def of(self, output: Output) -> int | None:
        """Return where `output` stands; None where that is not known: a repeated request is not told."""
        return self._found.get(id(output))

    def letters(self, unplaced: Iterable[Unplaced]) -> Iterator[Output]:
        """Yield the letters that waited for a place.

        Raises:
            KafkaException: the place of one is not known; the transaction is to be tried again.

        """
        for one in unplaced:
            offset = self.of(one.about)
            if offset is None:
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT, "a record's place is not known"))
            yield one.place(one.letter, offset)

    def _delivered(self, output: int, error: KafkaError | None, message: Any) -> None:
        if error is None and message.offset() is not None and message.offset() >= 0:
            self._found[output] = message.offset()


class Passed:
    """Up to where chained partitions hold nothing that this worker's stages have yet to read.

    Of each it keeps the stretches that this worker wrote, which are past what was read: a record of somebody
    else's between two of them ends the stretch that is passed, until it was read as well.
    """

    def __init__(self) -> None:
        self._own: dict[TP, list[tuple[int, int]]] = {}  # from the first offset to beyond the end marker
        self._noted: dict[TP, int] = {}

    def offsets(
        self, offsets: Mapping[TP, int], handed: Mapping[TP, HandedOn], places: Places
    ) -> dict[TP, int]:
        """Return what to note: `offsets`, and those of what was `handed` on, never less than was noted."""
        noted = {tp: max(offset, self._noted.get(tp, 0)) for tp, offset in offsets.items()}
        for tp, one in handed.items():
            first, last = places.of(one.first), places.of(one.last)
            if first is None or last is None or last - first + 1 != one.records:
                continue
            if self._wrote(tp, one.read_to, first, last + 1 + END_MARKER_OFFSETS) >= first:
                noted[tp] = last + 1
        return noted

    def saved(self, noted: Mapping[TP, int], handed: Iterable[TP]) -> None:
        """Record that `noted` was saved."""
        self._noted.update((tp, noted[tp]) for tp in handed if tp in noted)

    def _wrote(self, tp: TP, read_to: int, first: int, beyond: int) -> int:
        """Add a stretch; return up to where all before it was read or written by this worker."""
        own = [stretch for stretch in self._own.get(tp, ()) if stretch[1] > read_to]
        passed = read_to
        for begins, ends in own:
            if begins <= passed:
                passed = max(passed, ends)
        if own and own[-1][1] == first:
            own[-1] = (own[-1][0], beyond)
        else:
            own.append((first, beyond))
        self._own[tp] = own
        return passed

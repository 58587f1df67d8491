"""A partition's log: records, the marks that end transactions, and what readers may see of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

Headers = list[tuple[str, bytes | None]] | None


class Entry(NamedTuple):
    """A record, or (without `record`) the mark that ends a transaction on this partition."""

    offset: int
    key: bytes | None
    value: bytes | None
    timestamp_ms: int
    headers: Headers
    producer: int | None
    """Who wrote it inside a transaction."""
    record: bool = True


class Data(NamedTuple):
    """A record as it is to be written."""

    key: bytes | None
    value: bytes | None
    timestamp_ms: int
    headers: Headers


@dataclass(slots=True)
class Log:
    """One partition."""

    topic: str
    number: int
    compacted: bool = False
    begins: int = 0
    """Log start offset."""
    ends: int = 0
    """Offset of the next entry: what a reader of uncommitted records sees as the end."""
    stable: int = 0
    """Last stable offset: before it, every transaction has ended."""
    entries: list[Entry] = field(default_factory=list)
    history: list[Entry] = field(default_factory=list)
    """Every record that was ever written, also where compaction or retention took it away."""
    open: dict[int, int] = field(default_factory=dict)
    """First offset of each producer's open transaction."""
    aborted: list[tuple[int, int, int]] = field(default_factory=list)
    """Producer, first and last offset of each aborted transaction."""

    def append(self, records: Sequence[Data], producer: int | None = None) -> int:
        """Write `records`; return the offset of the first."""
        first = self.ends
        if producer is not None:
            self.open.setdefault(producer, first)
        for data in records:
            entry = Entry(self.ends, *data, producer)
            self.entries.append(entry)
            self.history.append(entry)
            self.ends += 1
        self.stable = min(self.open.values()) if self.open else self.ends
        return first

    def mark(self, producer: int, *, commit: bool) -> None:
        """End the transaction of `producer` here."""
        first = self.open.pop(producer, None)
        if first is not None and not commit:
            self.aborted.append((producer, first, self.ends))
        self.entries.append(Entry(self.ends, None, None, 0, None, producer, record=False))
        self.ends += 1
        self.stable = min(self.open.values()) if self.open else self.ends

    def read(self, start: int, most: int) -> tuple[list[Entry], int]:
        """Return committed records from `start` on, and where to read on: past marks and aborted ones."""
        end = self.stable
        found: list[Entry] = []
        for entry in self._from(start):
            if entry.offset >= end:
                break
            if len(found) == most:
                return found, entry.offset
            if entry.record and not self._aborted(entry):
                found.append(entry)
        return found, max(start, end)

    def committed(self) -> list[Entry]:
        """Return every committed record that was ever written, in order."""
        end = self.stable
        return [entry for entry in self.history if entry.offset < end and not self._aborted(entry)]

    def compact(self, before: int | None = None) -> None:
        """Drop every committed record before an offset that a later one there, of its key, replaces.

        That offset is the last stable one, or `before`: a topic may be compacted with a lag.
        """
        end = self.stable if before is None else min(before, self.stable)
        newest = {
            e.key: e.offset for e in self.entries if e.record and e.offset < end and not self._aborted(e)
        }
        self.entries = [
            e
            for e in self.entries
            if not e.record or e.offset >= end or (not self._aborted(e) and newest[e.key] == e.offset)
        ]

    def cut(self, begins: int) -> None:
        """Delete every record before `begins`."""
        self.begins = max(self.begins, min(begins, self.ends))
        self.entries = [entry for entry in self.entries if entry.offset >= self.begins]

    def _from(self, start: int) -> Iterator[Entry]:
        low, high = 0, len(self.entries)
        while low < high:
            middle = (low + high) // 2
            if self.entries[middle].offset < start:
                low = middle + 1
            else:
                high = middle
        for index in range(low, len(self.entries)):
            yield self.entries[index]

    def _aborted(self, entry: Entry) -> bool:
        return entry.producer is not None and any(
            producer == entry.producer and first <= entry.offset <= last
            for producer, first, last in self.aborted
        )

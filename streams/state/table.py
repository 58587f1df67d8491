"""Rows by key, one table per partition: bytes until touched, with changes tracked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Generic, TypeVar

from eropaf.streams.runtime.stage import TableSpec
from eropaf.streams.state.rows import Change, Rows

Row = TypeVar("Row")


class TablePartition(Generic[Row]):
    """The rows of one partition of one table.

    Rows are stored as bytes. A row that is read or changed stays decoded until the next checkpoint, which
    takes a changed row once, however often it changed.
    """

    __slots__ = ("_decode", "_encode", "_read", "_resting", "_tally", "_touched", "tallies")

    def __init__(self, spec: TableSpec, no_rows: Rows) -> None:
        self._encode = spec.encode
        self._decode = spec.decode
        self._resting = no_rows
        self._read: dict[bytes, Row] = {}
        self._touched: dict[bytes, Row | None] = {}
        self._tally = spec.tally
        self.tallies: Counter[str] = Counter()
        """Rows at rest by what they are counted under."""

    def __len__(self) -> int:
        """Return how many rows are stored; those added since the last checkpoint do not count yet."""
        return len(self._resting)

    def between(self, first: bytes, beyond: bytes) -> list[bytes]:
        """Return the key of every row from `first` up to, not including, `beyond`, in arbitrary order."""
        touched = self._touched
        found = [key for key in self._resting.between(first, beyond) if touched.get(key, self) is not None]
        return found + [
            key
            for key, row in touched.items()
            if row is not None and first <= key < beyond and key not in self._resting
        ]

    def get(self, key: bytes) -> Row | None:
        """Return the row under `key`, as last put, or None."""
        if key in self._touched:
            return self._touched[key]
        if key in self._read:
            return self._read[key]
        resting = self._resting.get(key)
        if resting is None:
            return None
        row: Row = self._decode(resting)
        self._read[key] = row
        return row

    def put(self, key: bytes, row: Row) -> None:
        """Put `row` under `key`. It becomes durable with the next checkpoint."""
        self._touched[key] = row

    def delete(self, key: bytes) -> None:
        """Delete the row under `key`: the next checkpoint writes a tombstone."""
        self._touched[key] = None

    def rest(self) -> list[Change]:
        """Encode the changed rows and store them as bytes; return them, None for a deleted one."""
        changes: list[Change] = []
        for key, row in self._touched.items():
            if self._tally is not None:
                self._count_change(key, row)
            changes.append((key, None if row is None else self._encode(row)))
        self._resting.take(changes)
        self._touched = {}
        self._read = {}
        return changes

    def take(self, changes: Sequence[Change]) -> None:
        """Store rows as a changelog has them, in its order, while nothing here is touched."""
        if self._tally is None:
            self._resting.take(changes)
            return
        for key, row in changes:
            self._count_change(key, None if row is None else self._decode(row))
            self._resting.take([(key, row)])

    def _count_change(self, key: bytes, row: Row | None) -> None:
        before = self._resting.get(key)
        if before is not None:
            self._count(self._read[key] if key in self._read else self._decode(before), -1)
        if row is not None:
            self._count(row, 1)

    def _count(self, row: Row, by: int) -> None:
        under = self._tally(row) if self._tally is not None else None
        if under is not None:
            self.tallies[under] += by

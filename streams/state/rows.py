"""Storage for a partition's rows: in memory, or on disk if memory cannot hold them.

In memory they take a third less room after `make compiled` (`streams/state/packed.pyx`, ADR 34). Either way
only the changelog is durable. Rows on disk are never reused: a worker starts empty and restores its rows.
"""

from __future__ import annotations

import shutil
import weakref
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from itertools import count, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from eropaf.streams.errors import StreamsError

try:
    from eropaf.streams.state import packed
except ImportError:  # optional: not built
    packed = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from rocksdict import Rdict, WriteBatch

MIB = 1024 * 1024
# Per worker, whatever the number of its partitions.
CACHE_BYTES = 64 * MIB
WRITE_BUFFER_BYTES = 32 * MIB
BLOOM_BITS = 10
PART_BYTES = 8
# So many keys may come before those in memory are sorted again, and an eighth of them.
LEAST_LATE = 256

Change = tuple[bytes, bytes | None]


class Rows(Protocol):
    """One partition's rows, as bytes by key."""

    def __len__(self) -> int: ...

    def __contains__(self, key: object) -> bool: ...

    def get(self, key: bytes, /) -> bytes | None:
        """Return the row under `key`, or None."""

    def items(self) -> Iterable[tuple[bytes, bytes]]:
        """Return every key and its row, in arbitrary order."""

    def between(self, first: bytes, beyond: bytes) -> Iterable[bytes]:
        """Return every key from `first` up to, not including, `beyond`, in arbitrary order."""

    def take(self, changes: Iterable[Change]) -> None:
        """Store each row under its key, in the order given; None deletes."""


class InMemory(dict[bytes, bytes]):
    """Rows in memory, each a separate object; their keys are in order from the first range on."""

    def __init__(self, rows: Iterable[tuple[bytes, bytes]] = ()) -> None:
        super().__init__(rows)
        self._ordered: list[bytes] | None = None
        self._late: list[bytes] = []

    def between(self, first: bytes, beyond: bytes) -> list[bytes]:
        """See `Rows`."""
        if self._ordered is None:
            self._ordered, self._late = sorted(self), []
        found = self._ordered[bisect_left(self._ordered, first) : bisect_left(self._ordered, beyond)]
        found.extend(key for key in self._late if first <= key < beyond)
        # One that was deleted and came again stands in both.
        return [key for key in dict.fromkeys(found) if key in self]

    def take(self, changes: Iterable[Change]) -> None:
        """See `Rows`."""
        for key, row in changes:
            if row is None:
                self.pop(key, None)
            else:
                if self._ordered is not None and key not in self:
                    self._came(key, self._ordered)
                self[key] = row

    def _came(self, key: bytes, ordered: list[bytes]) -> None:
        self._late.append(key)
        if len(self._late) > len(ordered) // 8 + LEAST_LATE:
            self._ordered = None


class OnDisk:
    """Rows in a column family of a worker's RocksDB, emptied once nothing holds them any more."""

    def __init__(self, database: Rdict, batch: Callable[[], WriteBatch], part: int) -> None:
        self._database = database
        self._batch = batch
        self._part = part.to_bytes(PART_BYTES)
        self._count = 0
        beyond = (part + 1).to_bytes(PART_BYTES)
        weakref.finalize(self, database.delete_range, self._part, beyond).atexit = False

    def __len__(self) -> int:
        return self._count

    def __contains__(self, key: object) -> bool:
        return isinstance(key, bytes) and self._part + key in self._database

    def get(self, key: bytes, /) -> bytes | None:
        """See `Rows`.

        Raises:
            StreamsError: the disk cannot be read.

        """
        try:
            row: bytes | None = self._database.get(self._part + key)
        except Exception as error:
            raise _failed(error) from None
        return row

    def take(self, changes: Iterable[Change]) -> None:
        """See `Rows`.

        Raises:
            StreamsError: the disk cannot be written, or failed to write earlier rows.

        """
        batch = self._batch()
        try:
            self._fill(batch, changes)
            self._database.write(batch)
        except Exception as error:
            raise _failed(error) from None

    def _fill(self, batch: WriteBatch, changes: Iterable[Change]) -> None:
        # Of two changes to one key the later wins.
        for key, row in dict(changes).items():
            placed = self._part + key
            self._count += (row is not None) - (placed in self._database)
            if row is None:
                batch.delete(placed)
            else:
                batch.put(placed, row)

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """See `Rows`."""
        return self._from(b"")

    def between(self, first: bytes, beyond: bytes) -> Iterator[bytes]:
        """See `Rows`."""
        return (key for key, _ in takewhile(lambda held: held[0] < beyond, self._from(first)))

    def _from(self, first: bytes) -> Iterator[tuple[bytes, bytes]]:
        placed: Any  # bytes, as the database is raw
        for placed, row in self._database.items(from_key=self._part + first):
            if not placed.startswith(self._part):
                return
            yield placed[PART_BYTES:], row


def _failed(error: Exception) -> StreamsError:
    # RocksDB's message names files and system errors, never keys or rows.
    return StreamsError(
        f"state on disk failed, and is read back from the changelog at the next start: make room ({error})"
    )


def keeper(folder: Path | None) -> Callable[[], Rows]:
    """Return a factory for a partition's rows: in memory, or in `folder`, which is emptied first.

    Raises:
        StreamsError: RocksDB is not installed, or cannot use the folder.

    """
    if folder is None:
        return InMemory if packed is None else packed.PackedRows
    try:
        from rocksdict import WriteBatch
    except ImportError:
        raise StreamsError("state on disk needs RocksDB: install eropaf[disk]") from None
    database, parts = _opened(folder), count()
    return lambda: OnDisk(database, lambda: WriteBatch(raw_mode=True), next(parts))


def _opened(folder: Path) -> Rdict:
    from rocksdict import BlockBasedOptions, Cache, Options, Rdict, WriteOptions

    blocks = BlockBasedOptions()
    blocks.set_block_cache(Cache(CACHE_BYTES))
    blocks.set_bloom_filter(BLOOM_BITS, False)
    options = Options(raw_mode=True)
    options.set_block_based_table_factory(blocks)
    options.set_write_buffer_size(WRITE_BUFFER_BYTES)
    unlogged = WriteOptions()
    unlogged.disable_wal = True  # type: ignore[method-assign,assignment]  # its stub says a method
    try:
        shutil.rmtree(folder, ignore_errors=True)
        # Personal data: readable by nobody else.
        folder.mkdir(parents=True, mode=0o700)
        database = Rdict(str(folder), options)
    except Exception as error:
        raise StreamsError(f"state on disk: {folder} cannot be used: {error}") from None
    database.set_write_options(unlogged)
    return database

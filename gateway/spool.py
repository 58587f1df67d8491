"""Signals of one body on disk, in a file without a name, until it is known that all of them are right."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from types import TracebackType
from typing import IO, Self

from eropaf.gateway.known import Ready

# Place, version, and how long the id, the contract and the value are; the digest has its own length.
HEAD = struct.Struct("!QQHHI")
DIGEST_BYTES = 32
# Below this a body stays in memory.
IN_MEMORY_BYTES = 1024 * 1024


class Spool:
    """Written once, then read once. What it holds is gone when it is closed, however that happens."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115  # closed by __exit__
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._file.close()

    def put(self, each: Ready) -> None:
        """Write one signal."""
        signal_id, contract = each.signal_id.encode(), each.contract.encode()
        lengths = len(signal_id), len(contract), len(each.value)
        head = HEAD.pack(each.place, each.version, *lengths)
        self._file.write(b"".join((head, signal_id, contract, each.digest, each.value)))
        self.count += 1

    def __iter__(self) -> Iterator[Ready]:
        self._file.seek(0)
        while head := self._file.read(HEAD.size):
            place, version, of_id, of_contract, of_value = HEAD.unpack(head)
            signal_id, contract = self._file.read(of_id).decode(), self._file.read(of_contract).decode()
            digest, value = self._file.read(DIGEST_BYTES), self._file.read(of_value)
            yield Ready(
                place=place,
                signal_id=signal_id,
                version=version,
                contract=contract,
                digest=digest,
                value=value,
            )

"""Which producers a broker remembers: one raw DescribeProducers request.

The client library does not make it.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Mapping, Sequence
from typing import BinaryIO

from eropaf.deploy.embedded.ports import HOST

DESCRIBE_PRODUCERS = 61
CLIENT = b"soak"
ANSWER_WITHIN_S = 5.0


def producer_ids(port: int, partitions: Mapping[str, Sequence[int]]) -> set[int]:
    """Return the ids of all producers that the broker on `port` remembers for these partitions of topics."""
    with socket.create_connection((HOST, port), timeout=ANSWER_WITHIN_S) as connection:
        connection.sendall(_request(partitions))
        with connection.makefile("rb") as answer:
            (size,) = struct.unpack(">i", _whole(answer, 4))
            return _Answer(_whole(answer, size)).producer_ids()


def _whole(answer: BinaryIO, size: int) -> bytes:
    data = answer.read(size)
    if len(data) < size:
        raise ConnectionResetError("the broker hung up")
    return data


def _request(partitions: Mapping[str, Sequence[int]]) -> bytes:
    # Key, version 0, correlation id, client, no tags; then the protocol's compact form: lengths are one more
    # than they are, as variable integers, and tags end each part.
    head = struct.pack(f">hhih{len(CLIENT)}sB", DESCRIBE_PRODUCERS, 0, 1, len(CLIENT), CLIENT, 0)
    topics = b"".join(
        _varint(len(name) + 1)
        + name.encode()
        + _varint(len(numbers) + 1)
        + b"".join(struct.pack(">i", number) for number in numbers)
        + b"\0"
        for name, numbers in partitions.items()
    )
    body = head + _varint(len(partitions) + 1) + topics + b"\0"
    return struct.pack(">i", len(body)) + body


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


class _Answer:
    """An answer that is read from front to back."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0
        self._take(">iBi")  # correlation id, tags, throttled for

    def producer_ids(self) -> set[int]:
        found: set[int] = set()
        for _ in range(self._length()):
            self._skip_text()
            for _ in range(self._length()):
                _, error = self._take(">ih")
                if error:
                    raise OSError(f"the producers are not known (Kafka's error {error})")
                self._skip_text()
                for _ in range(self._length()):
                    producer_id, *_ = self._take(">qiiqiq")
                    self._length()
                    found.add(producer_id)
                self._length()
            self._length()
        return found

    def _take(self, form: str) -> tuple[int, ...]:
        found = struct.unpack_from(form, self._data, self._at)
        self._at += struct.calcsize(form)
        return found

    def _length(self) -> int:
        """Return the next length; of no tags, and of nothing, it is below one."""
        number, shift = 0, 0
        while True:
            (byte,) = self._take("B")
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number - 1

    def _skip_text(self) -> None:
        length = self._length()  # moves on by itself
        self._at += max(0, length)

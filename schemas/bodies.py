"""Encodes and decodes the body of an Avro record, as a dictionary or a value: by fastavro, or compiled.

`make compiled` builds `schemas/body.pyx`, which reads four times and writes ten times as fast, without a
dictionary in between. Both produce the same values, bytes and refusals (tests/property/test_bodies.py); the
compiled one adds only speed.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any, Protocol

import fastavro

try:
    from eropaf_client.schemas import body as compiled
except ImportError:  # optional: not built
    compiled = None  # type: ignore[assignment]


class Recorded(Protocol):
    """A value that converts to a dictionary by field name."""

    def to_record(self) -> dict[str, Any]:
        """Return the dictionary."""


class Body(Protocol):
    """Reads and writes the bodies of one schema, as dictionaries or as values of one class.

    Only some classes are decoded directly; the others, and all when nothing is compiled, arrive as the
    dictionaries from which their class builds them.
    """

    def read(self, data: bytes, first: int) -> tuple[Any, int]:
        """Return the value that starts at `first` in `data`, and where it ends."""

    def write(self, header: bytes, value: Any) -> bytes:
        """Return `header` followed by the bytes of `value`.

        Raises:
            ValueError, TypeError: `value` does not fit the schema.

        """


class FastavroBody:
    """Bodies by fastavro; with a reader's schema it also reads what another version wrote."""

    def __init__(self, writer: Any, reader: Any = None) -> None:
        self._writer = fastavro.parse_schema(writer)
        self._reader = reader and fastavro.parse_schema(reader)

    def read(self, data: bytes, first: int) -> tuple[Any, int]:
        """See `Body`."""
        body = BytesIO(data)
        body.seek(first)
        value = fastavro.schemaless_reader(body, self._writer, self._reader)
        return value, body.tell()

    def write(self, header: bytes, value: Any) -> bytes:
        """See `Body`."""
        body = BytesIO()
        body.write(header)
        fastavro.schemaless_writer(body, self._writer, value)
        return body.getvalue()


class _Values:
    """Bodies of values, via dictionaries."""

    def __init__(self, records: Body) -> None:
        self.read = records.read
        self._write = records.write

    def write(self, header: bytes, value: Recorded) -> bytes:
        """See `Body`."""
        return self._write(header, value.to_record())


def body_of(schema: Any, value: type[Recorded] | None = None) -> Body:
    """Return the fastest available reader and writer of bodies of `schema`, given as JSON values.

    With a class, it reads and writes values of that class.
    """
    if compiled is not None:
        try:
            return compiled.prepare(schema, value)
        except compiled.NotCompiled:
            pass
    return FastavroBody(schema) if value is None else _Values(body_of(schema))

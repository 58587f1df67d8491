"""The body of an Avro record as a dictionary or a value, and back: by fastavro, or compiled.

`make compiled` builds `schemas/body.pyx`, which reads four and writes ten times as fast, and values
without a dictionary between. Both give the same values, bytes and refusals (tests/property/test_bodies.py);
without the first nothing is missing but speed.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any, Protocol

import fastavro

try:
    from eropaf_client.schemas import body as compiled
except ImportError:  # not built: an option
    compiled = None  # type: ignore[assignment]


class Recorded(Protocol):
    """A value that shows itself as a dictionary by field name."""

    def to_record(self) -> dict[str, Any]:
        """Return the dictionary."""


class Body(Protocol):
    """Reads and writes the bodies of one schema, as dictionaries or as values of one class.

    Of values only some are read straight; the others, and all where nothing is compiled, come as the
    dictionaries that their class makes them from.
    """

    def read(self, data: bytes, first: int) -> tuple[Any, int]:
        """Return what begins at `first` of `data`, and where it ends."""

    def write(self, header: bytes, value: Any) -> bytes:
        """Return `header` and the bytes of `value` behind it.

        Raises:
            ValueError, TypeError: `value` does not fit the schema.

        """


class FastavroBody:
    """Bodies by fastavro; with a reader's schema it also takes what another version wrote."""

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
    """Bodies of values, by way of dictionaries."""

    def __init__(self, records: Body) -> None:
        self.read = records.read
        self._write = records.write

    def write(self, header: bytes, value: Recorded) -> bytes:
        """See `Body`."""
        return self._write(header, value.to_record())


def body_of(schema: Any, value: type[Recorded] | None = None) -> Body:
    """Return what reads and writes bodies of `schema`, given as JSON values: the fastest there is.

    With a class they are those of its values.
    """
    if compiled is not None:
        try:
            return compiled.prepare(schema, value)
        except compiled.NotCompiled:
            pass
    return FastavroBody(schema) if value is None else _Values(body_of(schema))

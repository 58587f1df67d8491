"""Confluent's wire format: a zero byte, the schema id in four bytes, the Avro body."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

import fastavro
from fastavro._read_common import SchemaResolutionError

from eropaf_client.schemas import bounded, catalogue
from eropaf_client.schemas.bodies import Body, FastavroBody, Recorded, body_of
from eropaf_client.schemas.catalogue import without_logical_types
from eropaf_client.schemas.errors import BodyBroken, NoValue, Undecodable, WrongMagic, WrongRecord
from eropaf_client.schemas.registry import Registry

# W3C Trace Context, as a header of a record.
TRACEPARENT = "traceparent"
HEADER = struct.Struct(">bI")

# fastavro's errors for a writer's schema too different from ours.
_UNREADABLE = (SchemaResolutionError, fastavro.schema.SchemaParseException, fastavro.schema.UnknownType)


Content = TypeVar("Content")
Made = TypeVar("Made", bound=Recorded)
FromRecord = Callable[[dict[str, Any]], Any]


class Codec(Generic[Content]):
    """Reads and writes one record on one topic.

    Handles dictionaries by field name, or values of a class that converts from and to one; dates are days and
    times milliseconds since 1970 UTC. Reads data of any published version, and returns it as the newest.
    """

    @overload
    def __init__(self: Codec[dict[str, Any]], record: str, topic: str, registry: Registry) -> None: ...

    @overload
    def __init__(
        self: Codec[Made],
        record: str,
        topic: str,
        registry: Registry,
        value: type[Made],
        from_record: Callable[[dict[str, Any]], Made],
    ) -> None: ...

    def __init__(
        self,
        record: str,
        topic: str,
        registry: Registry,
        value: type[Recorded] | None = None,
        from_record: FromRecord | None = None,
    ) -> None:
        self.record = record
        self.topic = topic
        self._subject = f"{topic}-value"  # the registry's default naming
        self._registry = registry
        self._schema = catalogue.plain(catalogue.latest(record))
        self._body = body_of(self._schema, value)
        self._from_record = from_record
        self._header: bytes | None = None
        self._readers: dict[int, Body] = {}
        self._wrong: dict[int, str] = {}
        """Why a schema id is none of this record's, for good: a registry never changes what an id names."""

    def encode(self, value: Content) -> bytes:
        """Return `value` as bytes in the newest version.

        Raises:
            SchemaNotRegistered, RegistryUnavailable: see the registry.
            ValueError, TypeError: `value` does not fit the schema.

        """
        if self._header is None:
            schema_id = self._registry.id_for(self._subject, catalogue.latest(self.record))
            self._header = HEADER.pack(0, schema_id)
        return self._body.write(self._header, value)

    def decode(self, data: bytes | None) -> Content:
        """Return the value in `data`.

        Raises:
            Undecodable: `data` is not this record; the subclass says why.
            RegistryUnavailable: the writer's schema cannot be fetched now.

        """
        if data is None:
            raise NoValue("the record has no value")
        if len(data) < HEADER.size or data[0] != 0:
            raise WrongMagic("the value does not start with a zero byte and a schema id")
        schema_id = HEADER.unpack_from(data)[1]
        body = self._readers.get(schema_id) or self._reader(schema_id)
        try:
            value, end = body.read(data, HEADER.size)
        except _UNREADABLE as error:
            raise WrongRecord(f"schema id {schema_id} cannot be read as {self.record}") from error
        except Exception as error:  # hostile bytes can make the reader raise anything
            raise BodyBroken(
                f"the body is not a {self.record} of schema id {schema_id} ({type(error).__name__})"
            ) from None
        if end != len(data):
            raise BodyBroken(f"{len(data) - end} bytes are left over after the {self.record}")
        if self._from_record is not None and type(value) is dict:
            value = self._from_record(value)
        return value  # type: ignore[no-any-return]

    def _reader(self, schema_id: int) -> Body:
        if schema_id in self._wrong:
            raise WrongRecord(self._wrong[schema_id])
        try:
            body = self._body_of(schema_id)
        except WrongRecord as error:
            self._wrong[schema_id] = str(error)
            raise
        self._readers[schema_id] = body
        return body

    def _body_of(self, schema_id: int) -> Body:
        writer = self._registry.writer(schema_id)
        try:
            if len(writer) > bounded.LARGEST_TEXT:
                raise bounded.Unbounded("a schema far longer than any of ours")
            text = without_logical_types(json.loads(writer))
            parsed = fastavro.parse_schema(text)
            bounded.check(parsed)
        except Exception as error:  # a registry holds whatever anybody registered
            raise WrongRecord(f"schema id {schema_id} is not a usable Avro schema") from error
        if not isinstance(parsed, dict) or parsed.get("name") != f"nl.eropaf.{self.record}":
            raise WrongRecord(f"schema id {schema_id} does not describe {self.record}")
        # A reader's schema costs about a fifth of the speed; data of the same version needs none.
        return self._body if text == self._schema else FastavroBody(text, self._schema)


__all__ = ["Codec", "Undecodable"]

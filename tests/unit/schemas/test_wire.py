from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eropaf_client.schemas import catalogue
from eropaf_client.schemas.bounded import check
from eropaf_client.schemas.catalogue import Schema
from eropaf_client.schemas.errors import (
    BodyBroken,
    NoValue,
    SchemaUnknown,
    Undecodable,
    WrongMagic,
    WrongRecord,
)
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.wire import Codec

VALUE = {"address": {"postcode": "1011AB", "house_number": 12, "addition": ""}, "minor_children": None}
CODEC = Codec("Residence", "residents", LocalRegistry())
DATA = CODEC.encode(VALUE)


def test_a_value_is_a_zero_byte_the_schema_id_and_the_body() -> None:
    assert DATA[0] == 0
    assert int.from_bytes(DATA[1:5]) == catalogue.latest("Residence").local_id
    assert CODEC.decode(DATA) == VALUE


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (None, NoValue),
        (b"", WrongMagic),
        (b"\x00\x00\x00", WrongMagic),
        (b"\x01" + DATA[1:], WrongMagic),
        (b"\x00\xff\xff\xff\xff", SchemaUnknown),
        (DATA[:-2], BodyBroken),
        (DATA[:5], BodyBroken),
        (DATA + b"more", BodyBroken),
        (b"\x00" + (101).to_bytes(4) + DATA[5:], WrongRecord),
    ],
)
def test_bytes_that_are_not_the_record_say_how_not(data: bytes | None, error: type[Undecodable]) -> None:
    with pytest.raises(error):
        CODEC.decode(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_decoded_or_undecodable_and_nothing_else(body: bytes) -> None:
    codec = Codec("ArrearsSignal", "arrears.rent", LocalRegistry())
    with suppress(Undecodable):
        codec.decode(b"\x00" + (101).to_bytes(4) + body)


class OneVersionAhead(LocalRegistry):
    """A registry that also knows a version which this house has not published yet."""

    NEXT = 9999

    def writer(self, schema_id: int) -> str:
        if schema_id != self.NEXT:
            return super().writer(schema_id)
        schema: dict[str, Any] = json.loads(catalogue.latest("Residence").text)
        schema["fields"].append({"name": "since", "type": ["null", "long"], "default": None})
        return json.dumps(schema)


def test_a_reader_one_version_behind_keeps_working() -> None:
    ahead = DATA[:1] + OneVersionAhead.NEXT.to_bytes(4) + DATA[5:] + b"\x02\x0e"

    assert Codec("Residence", "residents", OneVersionAhead()).decode(ahead) == VALUE


def test_a_codec_asks_for_the_id_of_its_own_subject() -> None:
    asked = []

    class Asked(LocalRegistry):
        def id_for(self, subject: str, schema: Schema) -> int:
            asked.append(subject)
            return 7

    data = Codec("Residence", "residents", Asked()).encode(VALUE)

    assert asked == ["residents-value"]
    assert int.from_bytes(data[1:5]) == 7


class Registering(LocalRegistry):
    """A registry in which somebody registered a Residence with one more field, under the id 999."""

    def __init__(self, kind: Any) -> None:
        schema = json.loads(catalogue.latest("Residence").text)
        schema["fields"].append({"name": "more", "type": kind})
        self.text = json.dumps(schema)

    def writer(self, schema_id: int) -> str:
        return self.text if schema_id == 999 else super().writer(schema_id)


CHAIN = {"type": "record", "name": "Chain", "fields": [{"name": "next", "type": ["null", "Chain"]}]}
NOTHING: dict[str, Any] = {"type": "record", "name": "Nothing", "fields": []}
NESTED: Any = "int"
for _ in range(40):
    NESTED = {"type": "array", "items": NESTED}


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (["null", CHAIN], b"\x02" * 60_000 + b"\x00"),
        ({"type": "record", "name": "Itself", "fields": [{"name": "itself", "type": "Itself"}]}, b""),
        ({"type": "array", "items": "null"}, b"\xfe\xff\xff\xff\xff\xff\xff\xff\x7f\x00"),
        ({"type": "array", "items": NOTHING}, b"\xfe\xff\xff\xff\xff\xff\xff\xff\x7f\x00"),
        ({"type": "map", "values": {"type": "array", "items": {"type": "null"}}}, b"\x00"),
        ({"type": "fixed", "name": "None", "size": 0}, b""),
        (NESTED, b"\x00"),
    ],
    ids=["a chain", "itself", "nothings", "empty records", "nothings in a map", "empty", "deep"],
)
def test_a_schema_that_lets_few_bytes_exhaust_a_reader_is_refused_before_reading(
    kind: Any, body: bytes
) -> None:
    codec = Codec("Residence", "residents", Registering(kind))

    with pytest.raises(WrongRecord, match="not a usable Avro schema"):
        codec.decode(b"\x00" + (999).to_bytes(4) + DATA[5:] + body)


def test_a_schema_that_is_far_too_long_is_refused() -> None:
    registry = Registering({"type": "enum", "name": "Long", "symbols": ["A"], "doc": "x" * 2_000_000})

    with pytest.raises(WrongRecord):
        Codec("Residence", "residents", registry).decode(b"\x00" + (999).to_bytes(4) + DATA[5:])


@pytest.mark.parametrize("record", catalogue.RECORDS)
def test_every_schema_of_ours_is_bounded(record: str) -> None:
    check(fastavro.parse_schema(json.loads(catalogue.latest(record).text)))


def test_a_newer_version_with_lists_and_maps_is_read() -> None:
    kind = {"type": "array", "items": {"type": "map", "values": ["null", "string"]}}

    read = Codec("Residence", "residents", Registering(kind)).decode(
        b"\x00" + (999).to_bytes(4) + DATA[5:] + b"\x02\x02\x02k\x00\x00\x00"
    )

    assert read == VALUE

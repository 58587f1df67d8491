from __future__ import annotations

from importlib import resources
from typing import Any

import pytest

from eropaf_client.schemas import catalogue, publishing

RECORDS = [*catalogue.RECORDS]


def named_types(schema: Any) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [named for branch in schema for named in named_types(branch)]
    if not isinstance(schema, dict):
        return []
    inner = [field["type"] for field in schema.get("fields", [])] + [schema.get("items")]
    own = [schema] if schema.get("type") in ("record", "enum") else []
    return own + [named for part in inner for named in named_types(part)]


@pytest.mark.parametrize("record", RECORDS)
def test_every_type_and_every_field_says_what_it_means(record: str) -> None:
    for named in named_types(catalogue.plain(catalogue.latest(record))):
        assert named["doc"].strip(), named["name"]
        for field in named.get("fields", []):
            assert field["doc"].strip(), f"{named['name']}.{field['name']}"


@pytest.mark.parametrize("record", RECORDS)
def test_every_enum_has_a_symbol_for_what_an_older_reader_does_not_know(record: str) -> None:
    for named in named_types(catalogue.plain(catalogue.latest(record))):
        if named["type"] == "enum":
            assert named["default"] in named["symbols"], named["name"]


@pytest.mark.parametrize("record", RECORDS)
def test_what_is_edited_is_published(record: str) -> None:
    assert not publishing.changed(record), f"{record} was edited; publish it as a new version: make schemas"


def test_no_edited_schema_is_left_unused() -> None:
    used = {
        named["name"]
        for record in RECORDS
        for named in named_types(catalogue.plain(catalogue.latest(record)))
    }

    edited = {
        entry.name.removesuffix(".avsc")
        for entry in (resources.files("eropaf_client.schemas") / "avsc").iterdir()
    }
    assert edited == used


def test_local_ids_are_unique() -> None:
    ids = [schema.local_id for record in RECORDS for schema in catalogue.versions(record)]

    assert len(set(ids)) == len(ids)


def test_an_unknown_record_is_named_in_the_error() -> None:
    with pytest.raises(KeyError, match="Nothing is not in the catalogue"):
        catalogue.versions("Nothing")

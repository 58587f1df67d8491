"""FULL_TRANSITIVE: every version can read, and be read by, every other version of its record."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest
from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.schema import parse

from eropaf_client.schemas import catalogue


def compatible(reader: str, writer: str) -> bool:
    checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]
    return (
        checker.get_compatibility(parse(reader), parse(writer)).compatibility
        is SchemaCompatibilityType.compatible
    )


@pytest.mark.parametrize("record", catalogue.RECORDS)
def test_all_versions_of_a_record_read_each_other(record: str) -> None:
    versions = catalogue.versions(record)

    assert compatible(versions[-1].text, versions[-1].text)
    for reader, writer in permutations(versions, 2):
        assert compatible(reader.text, writer.text), (
            f"{record}: {reader.version} cannot read {writer.version}"
        )


def evolved(change: Callable[[dict[str, Any]], object]) -> str:
    schema: dict[str, Any] = json.loads(catalogue.latest("HouseholdEvent").text)
    change(schema)
    return json.dumps(schema)


def full(changed: str) -> bool:
    published = catalogue.latest("HouseholdEvent").text
    return compatible(changed, published) and compatible(published, changed)


def test_a_new_field_with_a_default_may_be_added() -> None:
    assert full(
        evolved(lambda s: s["fields"].append({"name": "weather", "type": ["null", "long"], "default": None}))
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s["fields"].append({"name": "weather", "type": "long"}),
        lambda s: s["fields"].pop(0),
        lambda s: s["fields"][0].update(type="long"),
        lambda s: s["fields"][0].update(name="renamed"),
        lambda s: s.update(name="Other"),
    ],
    ids=["field without default", "field removed", "type changed", "field renamed", "record renamed"],
)
def test_an_incompatible_change_is_found(change: Callable[[dict[str, Any]], object]) -> None:
    assert not full(evolved(change))

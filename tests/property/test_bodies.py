"""What reads and writes bodies compiled, held against fastavro: same bytes, same values, same refusals.

And values, which their classes make from dictionaries, held against those.
"""

from __future__ import annotations

import gc
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eropaf.risk.events import PolicyActivated
from eropaf.risk.records import HouseholdEvent
from eropaf.risk.rows import HouseholdRow, PartitionRow, RankingRow, ResidentRow
from eropaf.risk.told import HouseholdRisk
from eropaf_client.schemas import bodies, catalogue
from eropaf_client.schemas.bodies import Body, FastavroBody

compiled = bodies.compiled
if compiled is None:
    pytest.skip("NOT BUILT, SO NOT TESTED: `make compiled`", allow_module_level=True)

HEADER = b"\x00\x00\x00\x00\x01"


def values(schema: Any, known: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return a strategy for values of `schema`."""
    if isinstance(schema, list):
        return st.one_of([values(part, known) for part in schema])
    if isinstance(schema, str):
        return known[schema] if schema in known else SIMPLE[schema]
    if schema["type"] == "array":
        return st.lists(values(schema["items"], known), max_size=3)
    if schema["type"] == "enum":
        strategy = st.sampled_from(schema["symbols"])
    elif schema["type"] == "record":
        strategy = st.fixed_dictionaries(
            {field["name"]: values(field["type"], known) for field in schema["fields"]}
        )
    else:
        return values(schema["type"], known)
    known[f"nl.eropaf.{schema['name']}"] = strategy
    return strategy


SIMPLE: dict[str, st.SearchStrategy[Any]] = {
    "null": st.none(),
    "boolean": st.booleans(),
    "int": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "string": st.text(max_size=20),
    "bytes": st.binary(max_size=20),
}
PLAIN = {record: catalogue.plain(catalogue.latest(record)) for record in catalogue.RECORDS}


def outcome(body: Body, data: bytes) -> Any:
    try:
        return body.read(data, 0)
    except Exception:
        return "refused"


@pytest.fixture(params=catalogue.RECORDS)
def schema(request: pytest.FixtureRequest) -> Any:
    return PLAIN[request.param]


def test_every_record_has_a_shape_that_is_compiled(schema: Any) -> None:
    assert not isinstance(bodies.body_of(schema), FastavroBody)


@pytest.mark.parametrize("record", catalogue.RECORDS)
@given(data=st.data())
@settings(max_examples=50)
def test_it_writes_the_same_bytes_and_reads_the_same_value(record: str, data: st.DataObject) -> None:
    ours, theirs = bodies.body_of(PLAIN[record]), FastavroBody(PLAIN[record])
    value = data.draw(values(PLAIN[record], {}))

    written = ours.write(HEADER, value)

    assert written == theirs.write(HEADER, value)
    assert ours.read(written, len(HEADER)) == theirs.read(written, len(HEADER)) == (value, len(written))


@pytest.mark.parametrize("record", catalogue.RECORDS)
@given(data=st.data())
@settings(max_examples=50)
def test_it_takes_and_refuses_the_same_broken_bytes(record: str, data: st.DataObject) -> None:
    ours, theirs = bodies.body_of(PLAIN[record]), FastavroBody(PLAIN[record])
    written = bytearray(ours.write(b"", data.draw(values(PLAIN[record], {}))))
    for _ in range(data.draw(st.integers(1, 4))):
        written[data.draw(st.integers(0, len(written) - 1))] = data.draw(st.integers(0, 255))
    broken = bytes(written[: data.draw(st.integers(0, len(written)))])

    assert outcome(ours, broken) == outcome(theirs, broken)


@given(data=st.binary(max_size=60))
def test_random_bytes_are_taken_and_refused_alike(data: bytes) -> None:
    for schema in PLAIN.values():
        assert outcome(bodies.body_of(schema), data) == outcome(FastavroBody(schema), data)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("score", 2**31),
        ("sequence", 2**63),
        ("household", None),
        ("ended_by", "NOBODY"),
        ("address", "1011AB 12"),
        ("score", "many"),
    ],
)
def test_what_does_not_fit_is_never_written(field: str, value: Any) -> None:
    body = bodies.body_of(PLAIN["HouseholdRisk"])
    address = {"postcode": "1011AB", "house_number": 12, "addition": ""}
    fits = {
        "household": "0f",
        "sequence": 1,
        "address": address,
        "score": 1,
        "open_positions": 1,
        "creditors": 1,
        "months_behind": 1,
        "threatening": False,
        "crisis_on": None,
        "ended_by": "OPEN",
        "policy_version": "1",
        "at": 1,
    }
    assert body.write(b"", fits)

    with pytest.raises((ValueError, TypeError)):
        body.write(b"", {**fits, field: value})


# Each with its class, read straight where the class has a slot for all that a record holds.
VALUES: dict[str, Any] = {
    "HouseholdEvent": HouseholdEvent,
    "HouseholdRisk": HouseholdRisk,
    "HouseholdRow": HouseholdRow,
    "RankingRow": RankingRow,
    "ResidentRow": ResidentRow,
}
ACTIVATED = PartitionRow(PolicyActivated("1", "text", 0), 1)


def made(value: type[Any], found: Any) -> Any:
    """Return the value that was read, straight or as a dictionary."""
    return value.from_record(found) if isinstance(found, dict) else found


@pytest.mark.parametrize("record", VALUES)
@given(data=st.data())
@settings(max_examples=100)
def test_values_are_what_their_class_makes_of_the_dictionary(record: str, data: st.DataObject) -> None:
    schema, value = PLAIN[record], VALUES[record]
    straight, theirs = bodies.body_of(schema, value), FastavroBody(schema)
    written = theirs.write(HEADER, data.draw(values(schema, {})))
    expected, end = theirs.read(written, len(HEADER))

    found, ended = straight.read(written, len(HEADER))

    assert made(value, found) == value.from_record(expected)
    assert repr(made(value, found)) == repr(value.from_record(expected))
    assert ended == end == len(written)


@pytest.mark.parametrize("record", VALUES)
@given(data=st.data())
@settings(max_examples=100)
def test_values_are_written_as_the_dictionary_that_they_show(record: str, data: st.DataObject) -> None:
    schema, value = PLAIN[record], VALUES[record].from_record(data.draw(values(PLAIN[record], {})))

    written = bodies.body_of(schema, VALUES[record]).write(HEADER, value)

    assert written == FastavroBody(schema).write(HEADER, value.to_record())


@pytest.mark.parametrize("record", VALUES)
@given(data=st.data())
@settings(max_examples=100)
def test_values_are_taken_and_refused_from_the_same_broken_bytes(record: str, data: st.DataObject) -> None:
    schema, value = PLAIN[record], VALUES[record]
    written = bytearray(FastavroBody(schema).write(b"", data.draw(values(schema, {}))))
    for _ in range(data.draw(st.integers(1, 4))):
        written[data.draw(st.integers(0, len(written) - 1))] = data.draw(st.integers(0, 255))
    broken = bytes(written[: data.draw(st.integers(0, len(written)))])

    found, expected = outcome(bodies.body_of(schema, value), broken), outcome(FastavroBody(schema), broken)

    if "refused" in (found, expected):
        assert found == expected
    else:
        assert (made(value, found[0]), found[1]) == (value.from_record(expected[0]), expected[1])


@pytest.mark.parametrize("record", ["HouseholdRow", "RankingRow"])
def test_what_a_class_has_no_slot_for_comes_as_a_dictionary(record: str) -> None:
    schema, body = PLAIN[record], bodies.body_of(PLAIN[record], VALUES[record])

    written = body.write(HEADER, ACTIVATED)

    assert written == FastavroBody(schema).write(HEADER, ACTIVATED.to_record())
    found, _ = body.read(written, len(HEADER))
    assert PartitionRow.from_record(found) == ACTIVATED


def test_a_class_whose_slots_are_no_fields_goes_by_way_of_dictionaries() -> None:
    with pytest.raises(compiled.NotCompiled):
        compiled.prepare(PLAIN["HouseholdRow"], PartitionRow)

    body = bodies.body_of(PLAIN["HouseholdRow"], PartitionRow)

    found, _ = body.read(body.write(HEADER, ACTIVATED), len(HEADER))
    assert PartitionRow.from_record(found) == ACTIVATED


def test_reading_and_writing_leave_nothing_behind() -> None:
    body = bodies.body_of(PLAIN["RankingRow"], RankingRow)
    written = body.write(b"", RankingRow(1, "HIGH", None, 2))
    band = body.read(written, 0)[0].band
    gc.collect()
    before, objects = sys.getrefcount(band), len(gc.get_objects())

    for _ in range(1000):
        body.write(b"", body.read(written, 0)[0])
        outcome(body, written[:-2])

    assert sys.getrefcount(band) == before
    assert len(gc.get_objects()) - objects < 100

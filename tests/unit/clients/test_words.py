"""The closed sets of words that programs outside meet: those of the schemas, and text as on the wire."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eropaf_client import feedback, outcomes, records
from eropaf_client.feedback import Collection, SignalStatus
from eropaf_client.outcomes import ContactChannel, DayPart, EndResult
from eropaf_client.records import (
    Action,
    Band,
    Change,
    ConsentOffer,
    CrisisKind,
    Norm,
    PartnerType,
    SignalKind,
)
from eropaf_client.wire_enum import WireEnum

SCHEMAS = Path(__file__).parents[3] / "schemas" / "avsc"
# What a creditor says of its own: it knows what it means.
SAID = (SignalKind, CrisisKind, ConsentOffer)
READ = (Action, Band, Change, Norm, PartnerType, Collection, SignalStatus, ContactChannel, DayPart, EndResult)


def test_every_set_of_words_is_held_here() -> None:
    found = {
        each
        for module in (records, outcomes, feedback)
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, WireEnum) and each is not WireEnum
    }

    assert found == {*SAID, *READ}


@pytest.mark.parametrize("words", [*SAID, *READ], ids=lambda words: words.__name__)
def test_the_words_are_those_of_the_schema(words: type[WireEnum]) -> None:
    schema = json.loads((SCHEMAS / f"{words.__name__}.avsc").read_text("utf-8"))

    unsaid = {"UNKNOWN"} if words in SAID else set()
    assert {each.value for each in words} == set(schema["symbols"]) - unsaid


def test_a_word_is_the_text_that_it_is_on_the_wire() -> None:
    assert Change.RAISED == "RAISED"
    assert str(Change.RAISED) == "RAISED"
    assert f"{Change.RAISED:>8}" == "  RAISED"
    assert json.dumps({"change": Change.RAISED}) == '{"change": "RAISED"}'
    assert {"RAISED": 1}[Change.RAISED] == 1

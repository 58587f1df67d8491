"""Outcomes that a tool reports: what is wrong is named, what is right is stored as it was said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from eropaf_client.errors import InvalidOutcome, NotAcknowledged
from eropaf_client.follow_up import FollowUp
from eropaf_client.outcomes import (
    ContactAttempt,
    ContactChannel,
    DayPart,
    EndResult,
    OutcomeReporter,
    OutreachOutcome,
    faults,
)
from eropaf_client.schemas.limits import LONGEST_TEXT
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.wire import Codec
from tests.fakes import FakeProducer, fake_producer

AT = datetime(2026, 3, 2, 9, 30, 0, 500_900, tzinfo=UTC)
ON = date(2026, 3, 1)
ATTEMPT = ContactAttempt(ContactChannel.VISIT, True, ON, DayPart.EVENING)
# That of a clock west of Greenwich: as UTC no calendar has it.
LAST_MOMENT = datetime.max.replace(tzinfo=timezone(-timedelta(hours=12)))
NOT_POSSIBLE = "must not be before 1990 or after 2099"
FOLLOW_UP = FollowUp(date(2026, 4, 1), date(2026, 3, 9), evenings=True)
FULL = OutreachOutcome("o-1", "h-1", AT, ON, ATTEMPT, EndResult.HELP, FOLLOW_UP, ("S-1", "S-2"))

WHOLE_MILLISECONDS = replace(FULL, at=AT.replace(microsecond=500_000))


@pytest.fixture
def producer(monkeypatch: pytest.MonkeyPatch) -> FakeProducer:
    return fake_producer(monkeypatch)


def test_an_outcome_is_stored_under_its_household_and_read_back_as_it_was(producer: FakeProducer) -> None:
    with OutcomeReporter("nowhere") as reporter:
        at = reporter.report(FULL)

    ((topic, key, value, headers),) = producer.sent
    assert producer.settings["bootstrap.servers"] == "nowhere"
    assert (topic, key, headers) == ("outreach.outcomes", b"h-1", None)
    assert at == ("outreach.outcomes", 0, 0)
    codec = Codec("OutreachOutcome", "outreach.outcomes", LocalRegistry())
    assert OutreachOutcome.from_record(codec.decode(value)) == WHOLE_MILLISECONDS


def test_the_record_says_days_and_milliseconds_and_leaves_out_what_was_not_said() -> None:
    assert FULL.to_record() == {
        "outcome_id": "o-1",
        "household": "h-1",
        "at": 1_772_443_800_500,
        "picked_up_on": 20_513,
        "attempt": {"channel": "VISIT", "reached": True, "on": 20_513, "day_part": "EVENING"},
        "result": "HELP",
        "follow_up": FOLLOW_UP.to_record(),
        "signals": ["S-1", "S-2"],
        "asks_still_open": False,
    }
    bare = OutreachOutcome("o-1", "h-1", AT, result=EndResult.NO_CONTACT)
    said = bare.to_record()
    assert said["attempt"] is said["picked_up_on"] is said["follow_up"] is None
    assert OutreachOutcome.from_record(said) == replace(bare, at=WHOLE_MILLISECONDS.at)
    pick_up = replace(bare, picked_up_on=ON, result=None)
    assert pick_up.to_record()["result"] is None
    assert OutreachOutcome.from_record(pick_up.to_record()).result is None
    assert ContactAttempt(ContactChannel.CARD, False, ON).day_part is DayPart.UNKNOWN


def test_an_outcome_that_is_not_stored_says_so(producer: FakeProducer) -> None:
    codec = Codec("OutreachOutcome", "outreach.outcomes", LocalRegistry())
    producer.fails = {codec.encode(FULL.to_record())}

    with OutcomeReporter("nowhere") as reporter, pytest.raises(NotAcknowledged) as raised:
        reporter.report(FULL)

    assert str(raised.value).startswith("the outcome was not acknowledged (")
    assert str(raised.value).endswith("). Report it again")
    assert raised.value.retriable


WRONG: list[tuple[dict[str, Any], str, str, str]] = [
    ({"outcome_id": 1}, "outcome_id", "wrong-type", "must be str, not int"),
    ({"household": None}, "household", "wrong-type", "must be str, not NoneType"),
    ({"at": ON}, "at", "wrong-type", "must be datetime, not date"),
    ({"picked_up_on": AT}, "picked_up_on", "wrong-type", "must be date, not datetime"),
    ({"attempt": "visit"}, "attempt", "wrong-type", "must be ContactAttempt, not str"),
    ({"result": "HELP"}, "result", "wrong-type", "must be EndResult, not str"),
    (
        {"attempt": replace(ATTEMPT, channel="VISIT")},  # type: ignore[arg-type]
        "attempt.channel", "wrong-type", "must be ContactChannel, not str",
    ),
    (
        {"attempt": replace(ATTEMPT, reached=1)},  # type: ignore[arg-type]
        "attempt.reached", "wrong-type", "must be bool, not int",
    ),
    ({"attempt": replace(ATTEMPT, on=AT)}, "attempt.on", "wrong-type", "must be date, not datetime"),
    (
        {"attempt": replace(ATTEMPT, day_part=None)},  # type: ignore[arg-type]
        "attempt.day_part", "wrong-type", "must be DayPart, not NoneType",
    ),
    ({"outcome_id": " "}, "outcome_id", "empty", "must not be empty"),
    ({"household": ""}, "household", "empty", "must not be empty"),
    (
        {"household": "h" * (LONGEST_TEXT + 1)},
        "household", "too-long", f"at most {LONGEST_TEXT} characters",
    ),
    (
        {"outcome_id": "half \ud800"},
        "outcome_id", "not-unicode", "holds half a character; read its source in the right encoding",
    ),
    ({"at": AT.replace(tzinfo=None)}, "at", "no-zone", "must say its time zone"),
    ({"at": LAST_MOMENT}, "at", "impossible-date", NOT_POSSIBLE),
    ({"picked_up_on": date(1989, 12, 31)}, "picked_up_on", "impossible-date", NOT_POSSIBLE),
    ({"attempt": replace(ATTEMPT, on=date(2100, 1, 1))}, "attempt.on", "impossible-date", NOT_POSSIBLE),
    (
        {"picked_up_on": None, "attempt": None, "result": None, "signals": ()},
        "picked_up_on, attempt, result, asks_still_open", "empty-outcome", "give one of them",
    ),
    (
        {"follow_up": replace(FOLLOW_UP, interpreter="Arabic")},
        "follow_up.interpreter", "no-language", "must be two letters, such as ar (ISO 639-1)",
    ),
    ({"signals": ["S-1"]}, "signals", "wrong-type", "must be tuple, not list"),
    ({"signals": (1,)}, "signals", "wrong-type", "must be a tuple of str, without half a character"),
    ({"signals": ("\ud800",)}, "signals", "wrong-type", "must be a tuple of str, without half a character"),
    ({"signals": ("",)}, "signals", "empty", "must not be empty"),
    ({"signals": ("S-1",) * 101}, "signals", "too-many", "at most 100; report the others in another outcome"),
    (
        {"result": None},
        "signals", "signals-without-result", "are those of a result; give one, or none of them",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("change", "field", "code", "message"), WRONG)
def test_what_is_wrong_is_named_and_nothing_is_sent(
    producer: FakeProducer, change: dict[str, Any], field: str, code: str, message: str
) -> None:
    with OutcomeReporter("nowhere") as reporter, pytest.raises(InvalidOutcome) as raised:
        reporter.report(replace(FULL, **change))

    assert [tuple(each) for each in raised.value.faults] == [(field, code, message)]
    assert producer.sent == []


def test_each_of_the_three_is_enough_alone() -> None:
    for name in ("picked_up_on", "attempt", "result"):
        nothing: dict[str, Any] = {"picked_up_on": None, "attempt": None, "result": None, "signals": ()}
        assert faults(replace(FULL, **{**nothing, name: getattr(FULL, name)})) == []
    assert faults(replace(FULL, outcome_id="x" * LONGEST_TEXT)) == []


def test_a_hundred_signals_are_the_most_that_are_named() -> None:
    assert faults(replace(FULL, signals=("S-1",) * 100)) == []

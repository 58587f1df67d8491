"""Codes for the next visit: chosen, and gone by themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from eropaf.board.follow_ups import CODE_HOLDS_DAYS, LANGUAGES, MISSED_DAYS, follow_up_of, holding
from eropaf.board.words import WORDS
from eropaf_client.follow_up import FollowUp
from eropaf_client.outcomes import ContactAttempt, ContactChannel, OutreachOutcome, faults

TODAY = date(2026, 3, 30)
OUTCOME = OutreachOutcome(
    "o", "h", datetime(2026, 3, 30, tzinfo=UTC), attempt=ContactAttempt(ContactChannel.VISIT, False, TODAY)
)


def test_a_form_that_says_nothing_makes_nothing() -> None:
    assert follow_up_of({"come_back_on": "", "interpreter": ""}, TODAY) is None


def test_what_is_chosen_holds_for_two_months_and_for_a_day_that_is_later() -> None:
    said = {"come_back_on": "2026-05-28", "evenings": "on", "interpreter": "ar", "card_left": "on"}

    follow_up = follow_up_of(said, TODAY)

    until = date(2026, 5, 28) + timedelta(days=MISSED_DAYS)
    assert follow_up == FollowUp(until, date(2026, 5, 28), evenings=True, interpreter="ar", card_left=True)
    assert follow_up_of({"two_together": "on"}, TODAY) == FollowUp(
        TODAY + timedelta(days=CODE_HOLDS_DAYS), two_together=True
    )
    assert faults(replace(OUTCOME, follow_up=follow_up)) == []


@pytest.mark.parametrize(
    "said",
    [
        {"come_back_on": "2026-03-29"},
        {"come_back_on": "2026-09-01"},
        {"come_back_on": "soon"},
        {"interpreter": "<b>"},
    ],
)
def test_what_cannot_be_chosen_is_refused(said: dict[str, str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # whatever it is
        follow_up_of(said, TODAY)


def test_the_newest_that_said_anything_counts_until_its_day() -> None:
    older = replace(OUTCOME, follow_up=FollowUp(TODAY + timedelta(days=9), evenings=True))
    newer = replace(OUTCOME, follow_up=FollowUp(TODAY + timedelta(days=3), TODAY))
    history = [OUTCOME, newer, older]

    assert holding(history, TODAY) == newer.follow_up
    assert holding(history, TODAY + timedelta(days=4)) is None
    assert holding([OUTCOME], TODAY) is None


def test_a_day_that_was_missed_is_shown_a_few_days_and_then_no_more() -> None:
    history = [replace(OUTCOME, follow_up=FollowUp(TODAY + timedelta(days=50), TODAY, evenings=True))]

    soon, later = (
        holding(history, TODAY + timedelta(days=MISSED_DAYS)),
        holding(history, TODAY + timedelta(days=MISSED_DAYS + 1)),
    )

    assert soon is not None
    assert soon.come_back_on == TODAY
    assert later == FollowUp(TODAY + timedelta(days=50), evenings=True)


def test_it_survives_the_wire_and_names_what_is_wrong() -> None:
    outcome = replace(OUTCOME, follow_up=FollowUp(TODAY, TODAY, True, True, "tr", True))
    assert OutreachOutcome.from_record(outcome.to_record()) == outcome

    wrong = replace(OUTCOME, follow_up=FollowUp(TODAY, TODAY + timedelta(days=1), interpreter="Turkish"))
    assert [each.field for each in faults(wrong)] == ["follow_up.until", "follow_up.interpreter"]


def test_every_language_has_its_name() -> None:
    for words in WORDS.values():
        assert {f"language.{each}" for each in LANGUAGES} <= words.keys()

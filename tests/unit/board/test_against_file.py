"""Live, against a monthly file: who left the list is no visit lost, and who was helped is nobody's waste."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from eropaf.board.against_file import AgainstFile, Stood, against_file
from eropaf_client.outcomes import ContactAttempt, ContactChannel, DayPart, OutreachOutcome

FIRST, TODAY = date(2026, 3, 1), date(2026, 3, 10)
STANDS = [(FIRST, True)]
PAID_ON_3 = [(FIRST, True), (date(2026, 3, 3), False)]


def called(day: int, channel: ContactChannel = ContactChannel.PHONE) -> OutreachOutcome:
    on = date(2026, 3, day)
    at = datetime(2026, 3, day, 15, tzinfo=UTC)
    return OutreachOutcome(f"o-{day}", "a", at, attempt=ContactAttempt(channel, False, on, DayPart.AFTERNOON))


def found(stood: Stood, outcomes: dict[str, list[OutreachOutcome]]) -> AgainstFile:
    of = against_file(stood, outcomes, FIRST, TODAY)
    assert of is not None
    return of


def test_a_call_from_the_live_list_is_held_against_one_from_the_file() -> None:
    of = found({"a": STANDS, "b": PAID_ON_3}, {"a": [called(5)]})

    assert of == AgainstFile(since=FIRST, listed=2, left=1, attempts=1, for_nothing=0, of_file=0.5)


def test_before_anybody_paid_a_file_is_as_good() -> None:
    assert found({"a": STANDS, "b": PAID_ON_3}, {"a": [called(3)]}).of_file == 0


def test_a_call_at_who_was_off_the_list_that_morning_is_for_nothing() -> None:
    assert found({"a": PAID_ON_3, "b": STANDS}, {"a": [called(4)]}).for_nothing == 1


def test_who_pays_on_the_day_of_the_call_was_called_in_time() -> None:
    assert found({"a": PAID_ON_3, "b": STANDS}, {"a": [called(3)]}).for_nothing == 0


def test_who_left_after_we_had_tried_is_nobodys_waste() -> None:
    helped = [(FIRST, True), (date(2026, 3, 2), False)]
    of = found({"a": helped, "b": STANDS}, {"a": [called(2), called(6)]})

    assert (of.left, of.for_nothing, of.of_file) == (0, 0, 0)


def test_who_came_on_the_list_later_is_in_no_file() -> None:
    later = [(date(2026, 3, 4), True), (date(2026, 3, 6), False)]

    assert found({"a": STANDS, "b": later}, {"a": [called(8)]}).listed == 1


@pytest.mark.parametrize("channel", [ContactChannel.LETTER, ContactChannel.MESSAGE])
def test_what_is_written_is_neither_a_visit_nor_a_call(channel: ContactChannel) -> None:
    assert found({"a": STANDS}, {"a": [called(5, channel)]}).attempts == 0


def test_the_file_is_of_the_first_day_on_which_anybody_stood_on_the_list() -> None:
    stood: Stood = {"a": [(date(2026, 3, 6), True)]}

    assert found(stood, {"a": [called(8)]}).since == date(2026, 3, 6)
    assert against_file(stood, {}, FIRST, date(2026, 3, 6)) is None
    assert against_file({}, {}, FIRST, TODAY) is None

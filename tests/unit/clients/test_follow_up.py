"""What the next visitor must know: stored as codes, and what is wrong is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from eropaf_client.follow_up import FollowUp, faults

UNTIL = date(2026, 4, 1)
FULL = FollowUp(UNTIL, date(2026, 3, 9), evenings=True, two_together=True, interpreter="ar", card_left=True)


def test_it_is_stored_as_days_and_codes_and_read_back_as_it_was() -> None:
    assert FULL.to_record() == {
        "until": 20_544, "come_back_on": 20_521, "evenings": True, "two_together": True, "interpreter": "ar",
        "card_left": True,
    }  # fmt: skip
    assert FollowUp.from_record(FULL.to_record()) == FULL


def test_what_is_not_said_is_no() -> None:
    least = FollowUp(UNTIL)

    assert least.to_record() == {
        "until": 20_544, "come_back_on": None, "evenings": False, "two_together": False, "interpreter": None,
        "card_left": False,
    }  # fmt: skip
    assert FollowUp.from_record(least.to_record()) == least
    assert [*faults(least)] == []


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"until": None}, "wrong-type", "follow_up.until: must be date, not NoneType"),
        ({"come_back_on": "Monday"}, "wrong-type", "follow_up.come_back_on: must be date, not str"),
        ({"evenings": 1}, "wrong-type", "follow_up.evenings: must be bool, not int"),
        ({"two_together": None}, "wrong-type", "follow_up.two_together: must be bool, not NoneType"),
        ({"interpreter": 1}, "wrong-type", "follow_up.interpreter: must be str, not int"),
        ({"card_left": "yes"}, "wrong-type", "follow_up.card_left: must be bool, not str"),
        (
            {"come_back_on": date(2026, 4, 2)},
            "too-early", "follow_up.until: must not be before come_back_on",
        ),
        (
            {"interpreter": "Arabic"},
            "no-language", "follow_up.interpreter: must be two letters, such as ar (ISO 639-1)",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_follow_up_is_named(change: dict[str, Any], code: str, said: str) -> None:
    (fault,) = faults(replace(FULL, **change))

    assert (fault.code, str(fault)) == (code, said)


def test_coming_back_on_the_last_day_is_no_fault() -> None:
    assert [*faults(replace(FULL, come_back_on=UNTIL))] == []

"""A worker's decision over the band, up to and including its date."""

from __future__ import annotations

import pytest

from eropaf.risk.events import LONGEST_OVERRULE_DAYS, Overrule
from eropaf.risk.records import DAY_MS, HouseholdEvent
from eropaf.risk.refusal import Reason
from tests.builders import HOUSEHOLD, MARCH_2, NOON, day_of
from tests.story import on, story, tick, told


def overrule(day: int, kind: str, until: int) -> HouseholdEvent:
    decision = Overrule(kind, MARCH_2 + until, "seen at the door")
    return HouseholdEvent(HOUSEHOLD, f"overrule-{day}", NOON + day * DAY_MS, overrule=decision)


@pytest.mark.parametrize(("kind", "said"), [("RAISE", "RAISED HIGH"), ("LOWER", "LOWERED LOW")])
def test_a_worker_overrules_until_a_date_and_the_update_says_so(kind: str, said: str) -> None:
    history = story(on(0), overrule(1, kind, until=5), tick(5), tick(6), tick(20))

    assert told(history)[:2] == ["RAISED MEDIUM", said]
    assert [update.overruled for update in history.updates] == [False, True, False]
    assert history.updates[-1].band == "MEDIUM"


@pytest.mark.parametrize("until", [0, LONGEST_OVERRULE_DAYS + 2, 2_932_896])
def test_a_decision_until_a_day_past_or_too_far_is_refused_and_the_one_before_stands(until: int) -> None:
    history = story(on(0), overrule(1, "RAISE", until=5), overrule(1, "LOWER", until=until))

    assert told(history) == ["RAISED MEDIUM", "RAISED HIGH"]
    assert list(history.refused.values()) == [Reason.IMPOSSIBLE_DATE]


@pytest.mark.parametrize("until", [1, LONGEST_OVERRULE_DAYS + 1])
def test_a_decision_may_hold_for_that_day_alone_and_for_half_a_year(until: int) -> None:
    history = story(on(0), overrule(1, "RAISE", until=until))

    assert told(history) == ["RAISED MEDIUM", "RAISED HIGH"]


def test_on_its_last_day_a_decision_holds_whatever_comes_in() -> None:
    history = story(on(0), overrule(1, "RAISE", until=5), on(5, version=2), on(6, version=3))

    assert [(day_of(update.event_at), update.band) for update in history.updates] == [
        (MARCH_2, "MEDIUM"), (MARCH_2 + 1, "HIGH"), (MARCH_2 + 6, "MEDIUM"),
    ]  # fmt: skip


def test_a_household_that_is_held_stays_as_it_was_told() -> None:
    history = story(on(0), overrule(1, "HOLD", until=5), on(2, version=2, amount_cents=400_000), tick(6))

    assert told(history) == ["RAISED MEDIUM", "RAISED URGENT"]
    assert day_of(history.updates[1].event_at) == MARCH_2 + 6


def test_an_overrule_does_not_creep() -> None:
    history = story(on(0), overrule(1, "RAISE", until=30), *(on(d, version=d) for d in range(2, 9)))

    assert told(history) == ["RAISED MEDIUM", "RAISED HIGH"]


def test_nobody_is_kept_on_the_list_without_arrears() -> None:
    history = story(on(0), overrule(1, "RAISE", until=30), on(2, version=2, kind="PAID"))

    assert told(history)[-1] == "CLOSED NONE"

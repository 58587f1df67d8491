"""Arrears age one by one: each creditor's word counts for its own days, whatever the others repeat.

Source: the creditor reports monthly while arrears stand (Divosa Monitor 2023); the days are the policy's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eropaf.risk.events import Outcome, Tick
from eropaf.risk.history import History, tell
from eropaf.risk.household import fold
from eropaf.risk.records import DAY_MS, Departure, HouseholdEvent
from eropaf.risk.refusal import Reason
from tests.builders import HOUSEHOLD, MARCH_2, NOON, a_signal, amsterdam_example, an_event, day_of

POLICY = amsterdam_example()
MONTHS = range(0, 360, 30)


def on(day: int, **changes: Any) -> HouseholdEvent:
    return an_event(a_signal(reported_at=NOON + day * DAY_MS, version=day + 1, **changes))


def of_energy(day: int, **changes: Any) -> HouseholdEvent:
    return on(day, creditor="energy", partner_type="ENERGY", contract="e", **changes)


def of_water(day: int, **changes: Any) -> HouseholdEvent:
    return on(day, creditor="water", partner_type="WATER", contract="w", **changes)


def result(day: int) -> HouseholdEvent:
    outcome = Outcome("o-1", None, None, "NO_CONTACT")
    return HouseholdEvent(HOUSEHOLD, "outcome", NOON + day * DAY_MS, outcome=outcome)


def tick(day: int) -> HouseholdEvent:
    return HouseholdEvent("*", f"tick-{day}", (MARCH_2 + day) * DAY_MS, tick=Tick(MARCH_2 + day, 0, 1))


def counted(history: History) -> tuple[int, int]:
    return history.risks[-1].open_positions, history.risks[-1].creditors


# Kind, days for which it counts, source.
VALID = [
    ("RENT", 92, "three monthly reports"),
    ("HEALTH", 92, "three monthly reports"),
    ("ENERGY", 92, "three monthly reports"),
    ("WATER", 122, "some bill once a quarter"),
    ("CARE_CONTRIBUTION", 183, "to be chosen by the municipality"),
    ("INCOME_TAX", 183, "to be chosen by the municipality"),
    ("BENEFITS_RECLAIM", 183, "to be chosen by the municipality"),
]


@pytest.mark.parametrize(("kind", "days", "source"), VALID)
def test_a_signal_that_nobody_repeats_stops_counting(kind: str, days: int, source: str) -> None:
    rent = [on(day) for day in range(0, days, 30)]
    other = on(0, creditor="other", partner_type=kind, contract="o", amount_cents=100_000)
    before = tell([*rent, other, tick(days - 1)], POLICY)
    after = tell([*rent, other, tick(days)], POLICY)

    assert counted(before) == (2, 2)
    assert counted(after) == (1, 1)


def test_energy_of_march_does_not_score_in_december_because_rent_reports_monthly() -> None:
    history = tell([of_energy(0), *(on(day) for day in MONTHS)], POLICY)

    assert counted(history) == (1, 1)


# What stands of the water company when a policy without its kind comes to hold, and what it hears on the next
# day: of what was handled, agreed, paid or forgotten for its age it hears nothing more.
WITHOUT = {
    Reason.NO_GROUND: replace(POLICY.partners["WATER"], grounded=False),
    Reason.PARTNER_NOT_ACCEPTED: replace(POLICY.partners["WATER"], accepted=False),
}
STANDS: list[tuple[str, list[HouseholdEvent], int, bool]] = [
    ("reported", [of_water(0)], 1, True),
    ("changed", [of_water(0), of_water(1, kind="CHANGED")], 2, True),
    ("out of date", [of_water(0)], 150, True),
    ("handled", [of_water(0), result(1)], 2, False),
    ("handled, and it grew", [of_water(0), result(1), of_water(2, amount_cents=120_000)], 3, True),
    ("handled, and the quiet is over", [of_water(0), result(1)], 70, True),
    ("a plan", [of_water(0), of_water(1, kind="PLAN_AGREED")], 2, False),
    ("paid", [of_water(0), of_water(1, kind="PAID", amount_cents=0)], 2, False),
    ("forgotten for its age", [of_water(0), on(100)], 183, False),
]


@pytest.mark.parametrize("reason", WITHOUT)
@pytest.mark.parametrize(("case", "said", "day", "hears"), STANDS, ids=[line[0] for line in STANDS])
def test_a_creditor_hears_when_a_policy_ends_its_ground(
    case: str, said: list[HouseholdEvent], day: int, hears: bool, reason: Reason
) -> None:
    row = tell([*said, on(0, contract="rent")], POLICY).households[HOUSEHOLD]
    without = replace(POLICY, version="without", partners=POLICY.partners | {"WATER": WITHOUT[reason]})

    after = fold(row, replace(tick(day), household=HOUSEHOLD), without)

    assert after.row is not None
    assert {position.creditor for position in after.row.positions} == {"rent"}
    assert [(each.creditor, each.status, each.reason) for each in after.answers] == (
        [("water", "NOT_PICKED_UP_UNJUSTIFIED", reason)] if hears else []
    )
    assert fold(after.row, replace(tick(day), household=HOUSEHOLD), without).answers == ()


def test_each_contract_is_forgotten_by_itself_in_the_end() -> None:
    months = [event for day in MONTHS for event in (on(day), tick(day + 1))]

    history = tell([of_energy(0), *months], POLICY)

    assert [position.creditor for position in history.households[HOUSEHOLD].positions] == ["rent"]


@pytest.mark.parametrize(("kind", "kept"), [("PAID", 183), ("WITHDRAWN", 30)])
def test_a_closed_contract_is_forgotten_when_its_own_days_are_over(kind: str, kept: int) -> None:
    closed = [of_energy(0), of_energy(1, kind=kind)]
    rent = [on(day) for day in range(0, kept + 30, 30)]

    def known(day: int) -> list[str]:
        events = [*closed, *(event for event in rent if event.at <= NOON + day * DAY_MS), tick(day)]
        return [position.creditor for position in tell(events, POLICY).households[HOUSEHOLD].positions]

    assert known(kept) == ["energy", "rent"]
    assert known(kept + 1) == ["rent"]


def test_when_all_are_out_of_date_the_household_leaves_and_is_forgotten_later() -> None:
    history = tell([on(0), *(tick(day) for day in range(1, 92))], POLICY)
    assert [update.band for update in history.updates] == ["MEDIUM"]

    history = tell([on(0), *(tick(day) for day in range(1, 93))], POLICY)
    assert (history.risks[-1].ended_by, history.updates[-1].change) == ("SILENT", "WITHDRAWN")
    assert day_of(history.updates[-1].event_at) == MARCH_2 + 92

    assert tell([on(0), tick(92), tick(183)], POLICY).households == {}


# The date of a threat, the day that is looked at: whether it threatens, and how many points.
THREATS = [(5, 1, True, 18_000), (5, 5, True, 20_000), (5, 6, False, 4_000)]


@pytest.mark.parametrize(("date", "day", "threatens", "points"), THREATS)
def test_a_threat_ends_with_its_date(date: int, day: int, threatens: bool, points: int) -> None:
    eviction = on(0, crisis_kind="EVICTION", crisis_on=MARCH_2 + date)

    risk = tell([eviction, *(tick(each) for each in range(1, day + 1))], POLICY).risks[-1]

    assert (risk.threatening, risk.score) == (threatens, points)
    assert risk.crisis_on == (MARCH_2 + date if threatens else None)


def test_a_threat_without_a_date_stands_as_long_as_its_signal_counts() -> None:
    assert tell([on(0, crisis_kind="EVICTION"), tick(91)], POLICY).risks[-1].threatening


def test_the_months_of_who_left_do_not_stay_for_the_next() -> None:
    left = HouseholdEvent(
        HOUSEHOLD, "r", NOON + 70 * DAY_MS, departure=Departure("rent", "contract-1", None, None, "p")
    )
    earlier = [on(0), on(30), on(60)]

    alone = tell([*earlier, left, of_energy(71)], POLICY).households[HOUSEHOLD]
    with_another = tell([*earlier, of_energy(61), left], POLICY).households[HOUSEHOLD]

    assert len(alone.months) == 1
    assert len(with_another.months) == 3

"""Courses of one city differ by what outreach does, and in nothing else; the list is the product's own."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import asdict, replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eropaf.risk.history import tell
from eropaf.risk.policy import Policy
from eropaf.risk.ranking import NONE
from eropaf.risk.records import HouseholdEvent
from eropaf.settings.policy import policy_text
from eropaf.simulate.backtest.arms import NOBODY, WORKERS, Arm, Channel, Delivery, Effect, monthly
from eropaf.simulate.backtest.course import MONTHS_BEFORE, Beginning, Lived, Unhelped, lived
from eropaf.simulate.backtest.days import civil, worked_by
from eropaf.simulate.backtest.figures import by_group
from eropaf.simulate.backtest.groups import DIMENSIONS
from eropaf.simulate.backtest.harms import MOST_DAYS, YEAR_DAYS, follows
from eropaf.simulate.backtest.listing import Entry, Listing, key_of
from eropaf.simulate.backtest.messages import Creditors, found
from eropaf.simulate.backtest.orders import BASELINES, Around, by_policy, households
from eropaf.simulate.backtest.outreach import helps
from eropaf.simulate.years.course import City
from eropaf.simulate.years.creditors import signalled
from eropaf.simulate.years.days import DAYS_OF_A_MONTH
from eropaf.simulate.years.outreach import PHONE, VISIT, attempts_a_report, reached_by

POLICY = Policy.parse(policy_text("amsterdam-example"))
DWELLINGS, MONTHS = 1_500, MONTHS_BEFORE + 5


@cache
def beginning() -> Beginning:
    return Beginning.of(City.of(DWELLINGS, 4))


@cache
def course(arm: Arm) -> Lived:
    return lived(beginning(), arm, POLICY, MONTHS)


def events_of_a_month() -> list[HouseholdEvent]:
    """Every creditor's batch, what outreach finds at some, and the batches of the month after."""
    start = Beginning.of(City.of(6_000, 4))
    creditors = Creditors.of(start.habits)
    events: list[HouseholdEvent] = []
    for month in (0, 1):
        signals = signalled(start.state, creditors.habits, start.city.parameters, start.draws, month)
        for day in range(1, DAYS_OF_A_MONTH + 1):
            events += creditors.batch(signals, start.state, month, day)
        for number, household in enumerate(signals.household[::5].tolist()):
            result = ("HELP", "ARRANGES_ITSELF", "PAID_OR_PLAN", None)[number % 4]
            events.append(found(household, civil(month, 28), "PHONE", result is not None, result, number + 1))
    return events


def test_the_list_is_what_the_rules_make_of_the_same_events() -> None:
    events = events_of_a_month()
    listing = Listing(POLICY)
    for event in events:
        listing.take(event)

    history = tell(events, POLICY)
    on_list = {key: row for key, row in history.rankings.items() if row.band != NONE}
    scores = {risk.household: risk.score for risk in history.risks}
    assert len(on_list) > 20
    assert {key_of(household) for household in listing.entries} == set(on_list)
    assert {key_of(each.household): each.score for each in listing.entries.values()} == {
        key: scores[key] for key in on_list
    }


def test_who_nobody_tried_to_reach_has_the_same_luck_under_every_order() -> None:
    nobody = course(Arm(NOBODY))
    for arm in (Arm(POLICY.version), Arm("lot"), Arm("largest-debt", Delivery.MONTHLY)):
        tried = set(course(arm).attempts.household)
        for kind, households_hit in nobody.harms.households.items():
            here = course(arm).harms
            unhelped = [
                (household, day)
                for household, day in zip(households_hit, nobody.harms.days[kind], strict=True)
                if household not in tried
            ]
            assert unhelped == [
                (household, day)
                for household, day in zip(here.households[kind], here.days[kind], strict=True)
                if household not in tried
            ]


def test_a_team_works_in_the_months_that_count_and_harm_goes_on_for_a_year() -> None:
    begins, ends = MONTHS_BEFORE * DAYS_OF_A_MONTH, MONTHS * DAYS_OF_A_MONTH
    of = course(Arm("lot", workers=2))

    assert begins <= min(of.attempts.day) <= max(of.attempts.day) < ends
    assert begins <= min(of.listed.values())
    assert set(of.attempts.household) <= set(of.listed)
    last = max(day for days in of.harms.days.values() for day in days)
    assert ends < last < ends + YEAR_DAYS


def test_of_creditors_that_are_silent_the_list_hears_nothing_and_luck_is_the_same() -> None:
    all_tell, silent = course(Arm("lot", workers=2)), course(Arm("lot", workers=2, silent="health"))

    assert len(silent.listed) < 0.8 * len(all_tell.listed)
    assert silent.signals[0] == all_tell.signals[0]  # of the city; the list is told less
    tried = {*all_tell.attempts.household, *silent.attempts.household}
    for kind in all_tell.harms.households:
        ours, theirs = (
            {each for each in zip(of.harms.households[kind], of.harms.days[kind], strict=True)}
            for of in (all_tell, silent)
        )
        assert {each for each in ours ^ theirs if each[0] not in tried} == set()


def test_one_arm_is_one_course() -> None:
    arm = Arm("lot", Delivery.WEEKLY)

    again = lived(beginning(), arm, POLICY, MONTHS)

    assert asdict(again.attempts) == asdict(course(arm).attempts)
    assert again.attempts.household


def test_who_is_not_reached_is_tried_again_on_another_day_as_often_as_a_report_takes() -> None:
    attempts = course(Arm(POLICY.version, workers=1)).attempts
    tried: dict[tuple[int, int, int], list[tuple[int, bool]]] = {}
    for household, day, channel, reached in zip(
        attempts.household, attempts.day, attempts.channel, attempts.reached, strict=True
    ):
        if channel in (PHONE, VISIT):
            tried.setdefault((household, day // DAYS_OF_A_MONTH, channel), []).append((day, reached))

    most = {PHONE: 3, VISIT: 2}
    assert {len(each) for (*_, channel), each in tried.items() if channel == PHONE} == {1, 2, 3}
    for (*_, channel), each in tried.items():
        assert len(each) == len({day for day, _ in each}) <= most[channel]
        assert not any(reached for _, reached in each[:-1])  # who was reached is not tried again
    assert len({(household, month) for household, month, _ in tried}) == len(tried)  # by one channel


def test_a_reports_attempts_together_reach_the_published_share() -> None:
    shares = [reached_by(0.59, attempt, 3) for attempt in (1, 2, 3, 4)]

    assert shares == pytest.approx([0.257, 0.448, 0.59, 0.59], abs=0.001)
    assert attempts_a_report(0.59, 3) == pytest.approx(1 + (1 - shares[0]) + (1 - shares[1]), abs=1e-9)
    assert attempts_a_report(0.59, 1) == pytest.approx(1)


def test_a_bill_that_was_paid_before_the_batch_is_not_in_it() -> None:
    start = beginning()
    signals = signalled(deepcopy(start.state), start.habits, start.city.parameters, start.draws, 0)
    paid_up = deepcopy(start.state)
    paid_up.clear(int(signals.sector[0]), signals.household[:1].astype(np.intp))

    whole, less = (
        [
            event
            for day in range(1, DAYS_OF_A_MONTH + 1)
            for event in Creditors.of(start.habits).batch(signals, state, 0, day)
        ]
        for state in (start.state, paid_up)
    )

    assert len(whole) - len(less) == 1


@pytest.mark.parametrize(
    ("delivery", "days"),
    [
        (Delivery.LIVE, list(range(1, 29))),
        (Delivery.WEEKLY, [1, 8, 15, 22]),
        (Delivery.MONTHLY, [17]),
    ],
)
def test_a_list_is_released_on_the_days_of_its_delivery(delivery: Delivery, days: list[int]) -> None:
    assert [day for day in range(1, 29) if delivery.releases(day, list_day=17)] == days


@given(st.floats(0, 500, allow_nan=False), st.integers(0, 40))
def test_all_attempts_are_made_on_working_days_and_no_part_of_one_is_lost(a_month: float, month: int) -> None:
    by_day = [worked_by(month, day, a_month) for day in range(29)]

    assert by_day == sorted(by_day)
    assert by_day[28] == worked_by(month + 1, 0, a_month) == int((month + 1) * a_month + 1e-9)
    assert by_day[5] == by_day[7]  # a weekend


def test_a_tenth_more_staff_makes_a_tenth_more_visits_in_however_small_a_city() -> None:
    usual, more = (
        lived(beginning(), Arm("lot", workers=times * WORKERS), POLICY, 20).attempts for times in (1, 1.1)
    )

    counts = [sum(channel in (PHONE, VISIT) for channel in each.channel) for each in (usual, more)]
    assert counts[1] / counts[0] == pytest.approx(1.1, abs=0.03)


def test_a_team_has_as_many_hours_by_whatever_channel() -> None:
    mixed = monthly(Arm("lot", workers=2 * WORKERS), 100, 0.1, 0.2)

    assert mixed == pytest.approx((20, 40))
    assert monthly(Arm("lot", workers=2 * WORKERS, channel=Channel.CALLS), 100, 0.1, 0.2) == (0, 80)
    assert monthly(Arm("lot", workers=2 * WORKERS, channel=Channel.VISITS), 100, 0.1, 0.2) == (40, 0)


def entry(household: int, score: int = 5, since: int = 0, creditors: int = 1, cents: int = 1) -> Entry:
    return Entry(household, 1, 9, score, creditors, cents, since, 100)


AROUND = Around(
    np.array([0, 0, 1, 1], np.int8),
    np.array([0.4, 0.3, 0.2, 0.1], np.float32),
    np.array([True, False, False, False]),
    newest_from=100,
)


def test_ties_of_a_policy_go_by_lot_or_where_it_is_asked_against_who_needs_help() -> None:
    by_lot = replace(AROUND, behind=np.zeros(4, np.bool_))

    assert households(by_policy, [entry(3), entry(0), entry(2)], AROUND) == [3, 2, 0]
    assert households(by_policy, [entry(0), entry(1), entry(2)], by_lot) == [2, 1, 0]
    assert households(by_policy, [entry(0, score=6), entry(1)], AROUND) == [0, 1]


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("oldest-first", entry(0, since=-5)),
        ("largest-debt", entry(0, cents=9)),
        ("most-creditors", entry(0, creditors=2)),
        ("file-2015", entry(0, creditors=2, cents=9)),
    ],
)
def test_a_baseline_puts_first_what_it_is_named_after(name: str, first: Entry) -> None:
    assert households(BASELINES[name], [entry(1), first, entry(2)], AROUND)[0] == 0
    assert households(BASELINES[name], [entry(1), entry(0)], AROUND) == [1, 0]  # by lot


def test_the_file_of_2015_has_the_newest_months_signals_alone() -> None:
    old = Entry(1, 1, 9, 5, 3, 900, 0, 99)

    assert households(BASELINES["file-2015"], [old, entry(0)], AROUND) == [0]


def test_neighbourhoods_with_most_on_the_list_come_first() -> None:
    assert set(households(BASELINES["area"], [entry(0), entry(2), entry(3)], AROUND)[:2]) == {2, 3}


moments = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40)), max_size=12)


@given(moments, st.integers(0, 3), st.integers(0, 40), st.integers(1, 30))
def test_harm_follows_where_one_of_the_household_comes_within_the_days(
    harmed: list[tuple[int, int]], household: int, day: int, within: int
) -> None:
    rising = np.unique(np.array([each * MOST_DAYS + on for each, on in harmed], np.int64))

    said = follows(rising, np.array([household]), np.array([day]), within)[0]

    assert said == any(each == household and day <= on < day + within for each, on in harmed)


def test_what_was_found_is_a_part_of_all_harm_in_every_dimension() -> None:
    nobody = lived(beginning(), Arm(NOBODY), POLICY, 12)
    found_by = by_group(
        lived(beginning(), Arm("oldest-first", workers=3), POLICY, 12), nobody, beginning(), 12
    )

    sums = {
        (count, dimension): sum(found_by[f"{count}:{dimension}:{group}"] for group in groups)
        for dimension, groups in DIMENSIONS.items()
        for count in ("harms", "found")
    }
    assert 0 < sums["found", "harm"] < sums["harms", "harm"]
    assert len({sums["harms", dimension] for dimension in DIMENSIONS}) == 1
    assert len({sums["found", dimension] for dimension in DIMENSIONS}) == 1


@pytest.mark.parametrize("helped", [0.0, 0.4, 0.8])
@pytest.mark.parametrize("effect", list(Effect))
def test_help_works_as_often_over_who_is_signalled_whomever_it_works_for(
    effect: Effect, helped: float
) -> None:
    unhelped = Unhelped.of(course(Arm(NOBODY)), DWELLINGS)
    strain = beginning().city.population.strain

    chances = helps(effect, helped, strain, unhelped.signals)

    assert np.average(chances, weights=unhelped.signals) == pytest.approx(helped, abs=1e-6)
    assert chances.min() >= 0
    assert chances.max() <= 1
    # Those who are signalled are under more strain than others: over all the mean is another.
    slope = np.corrcoef(chances, strain)[0, 1] if chances.std() else 0.0
    assert np.sign(slope) == (0 if helped == 0 else {"equal": 0, "rising": 1, "falling": -1}[effect])

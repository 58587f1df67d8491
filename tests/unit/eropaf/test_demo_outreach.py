"""The demo's team works down the list on working days, and says what came of it as often as is published."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

from eropaf.demo.outreach import REACHED, TRIES, Rounds
from eropaf_client.outcomes import ContactChannel, EndResult, OutreachOutcome, faults
from eropaf_client.records import PriorityUpdate
from tests.integration.clients.telling import an_update

MONDAY = date(2026, 3, 2)


def listed(count: int) -> list[PriorityUpdate]:
    return [replace(an_update(), household=f"h-{number}") for number in range(count)]


def month(rounds: Rounds, ranked: list[PriorityUpdate]) -> list[OutreachOutcome]:
    days = (MONDAY + timedelta(days=number) for number in range(28))
    return [outcome for day in days for outcome in rounds.of(day, ranked)]


def test_a_city_of_ten_thousand_has_some_fifteen_visits_and_calls_a_month() -> None:
    assert 15 <= len(month(Rounds(10_000, 1), listed(500))) <= 20


def test_who_stands_first_is_visited_first_and_nobody_at_the_weekend() -> None:
    rounds = Rounds(40_000, 1)

    assert [each.household for each in rounds.of(MONDAY, listed(9))] == ["h-0", "h-1", "h-2"]
    assert rounds.of(MONDAY + timedelta(days=5), listed(9)) == []


def test_who_is_not_reached_is_tried_again_some_days_later_and_not_for_ever() -> None:
    rounds = Rounds(40_000, 1)
    outcomes = month(rounds, listed(2))

    per_household = Counter(each.household for each in outcomes)
    assert max(per_household.values()) <= TRIES
    last = {each.household: each.result for each in outcomes}
    assert None not in last.values()


def test_who_stands_first_is_visited_and_the_next_are_called() -> None:
    outcomes = Rounds(40_000, 1).of(MONDAY, listed(9))
    channels = [each.attempt.channel for each in outcomes if each.attempt is not None]

    assert channels == [ContactChannel.VISIT, ContactChannel.PHONE, ContactChannel.PHONE]


def test_as_many_are_reached_as_is_published() -> None:
    outcomes = month(Rounds(4_000_000, 1), listed(9_000))
    attempts = [each.attempt for each in outcomes if each.attempt is not None]
    accepted = [each.result is EndResult.HELP for each in outcomes if each.attempt and each.attempt.reached]

    assert len(outcomes) > 4_000
    for channel, share in REACHED.items():
        reached = [each.reached for each in attempts if each.channel is channel]
        assert abs(sum(reached) / len(reached) - share) < 0.04
    assert abs(sum(accepted) / len(accepted) - 0.35) < 0.04


def test_what_it_says_may_be_reported_and_is_the_same_for_one_seed() -> None:
    one, other = (month(Rounds(20_000, 7), listed(30)) for _ in range(2))

    assert one == other
    assert len({each.outcome_id for each in one}) == len(one)
    assert [fault for each in one for fault in faults(each)] == []

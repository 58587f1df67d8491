"""A board runs for months: what its topics keep no longer, it keeps no longer either."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from eropaf.board import kept
from eropaf.board.kept import EVENTS_KEPT_DAYS
from eropaf.board.reading import News
from eropaf.board.records import Claim
from eropaf.board.state import State
from eropaf.board.user import EVERYWHERE, Role, User
from eropaf_client.inbox import Received
from eropaf_client.outcomes import ContactAttempt, ContactChannel, OutreachOutcome
from eropaf_client.records import Band
from tests.board.standing import city, key

FIRST = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY_MS = 86_400_000
LOTTE = User("lotte", "lotte", Role.LEAD, EVERYWHERE)
HOME, NEXT_DOOR = key(0), key(1)


class Months:
    """A board that reads on while days pass."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = FIRST
        monkeypatch.setattr(kept.time, "time", lambda: self.now.timestamp())
        monkeypatch.setattr(State, "today", property(lambda state: self.now.date()))
        self.state = State(event_clock=False)
        told = [replace(each, event_at=FIRST) for each in city(3, FIRST.date())]
        self.take(updates=[_received(each) for each in told])

    @property
    def now_ms(self) -> int:
        return int(self.now.timestamp() * 1000)

    def take(self, **news: Any) -> None:
        self.state.take(News(**news))
        assert not self.state.failed.done()

    def pass_days(self, days: int) -> None:
        """Let days pass on which nothing is told."""
        for _ in range(days):
            self.now += timedelta(days=1)
            self.take()

    def came_of(self, name: str) -> None:
        attempt = ContactAttempt(ContactChannel.VISIT, True, self.now.date())
        self.take(outcomes=[(self.now_ms, OutreachOutcome(name, HOME, self.now, attempt=attempt))])

    def claim(self, before: str | None, holder: str | None) -> None:
        self.take(claims=[(0, 0, Claim(HOME, before, holder, holder or "", self.now_ms))])

    def erase(self, household: str) -> None:
        self.take(updates=[Received(household, None, self.now_ms, 0, 0, b"")])


def _received(update: Any) -> Received:
    return Received(update.household, update, 0, 0, 0, b"")


def holds(months: Months, text: str) -> bool:
    """Say whether a text stands anywhere in the board's memory."""
    seen: set[int] = set()

    def found(value: Any) -> bool:
        if id(value) in seen:
            return False
        seen.add(id(value))
        if isinstance(value, str):
            return text in value
        if isinstance(value, dict):
            return any(map(found, value)) or any(map(found, value.values()))
        if isinstance(value, (list, tuple, set)):
            return any(map(found, value))
        if type(value).__module__.startswith("eropaf"):
            names = getattr(type(value), "__slots__", ()) or vars(value)
            return any(found(getattr(value, name)) for name in names)
        return False

    return found(vars(months.state))


def run(then: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def begun() -> None:
        then(Months(monkeypatch))
        await asyncio.sleep(0)

    asyncio.run(begun())


def test_an_outcome_is_shown_for_as_long_as_its_topic_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def then(months: Months) -> None:
        months.came_of("the first")
        months.pass_days(1)
        months.came_of("the second")

        months.pass_days(EVENTS_KEPT_DAYS - 1)
        assert [each.outcome_id for each in months.state.history(HOME)] == ["the second"]
        assert not holds(months, "the first")
        months.pass_days(1)
        assert months.state.history(HOME) == []
        assert not holds(months, "the second")

    run(then, monkeypatch)


def test_an_outcome_that_is_too_old_is_not_taken_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def then(months: Months) -> None:
        old = months.now_ms - EVENTS_KEPT_DAYS * DAY_MS
        months.take(outcomes=[(old, OutreachOutcome("old", HOME, FIRST))])

        assert months.state.history(HOME) == []

    run(then, monkeypatch)


@pytest.mark.parametrize("released", [False, True])
def test_who_held_a_household_is_forgotten_with_the_claim(
    released: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def then(months: Months) -> None:
        months.claim(None, "youssef")
        if released:
            months.claim("youssef", None)
        assert holds(months, "youssef")

        months.pass_days(EVENTS_KEPT_DAYS)

        assert not holds(months, "youssef")
        assert list(months.state.claims.let_go("youssef")) == []

    run(then, monkeypatch)


def test_an_erased_household_is_in_no_corner_of_it_once_its_outcomes_would_be_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def then(months: Months) -> None:
        months.came_of("a visit")
        months.claim(None, "youssef")
        mark = months.state.since.mark(LOTTE)
        months.erase(HOME)
        assert months.state.since.after(LOTTE, mark) == [HOME]
        assert months.state.area(HOME) is not None, "who looks at the list must hear that it is gone"

        months.pass_days(2)
        assert months.state.area(HOME) is None
        assert months.state.since.after(LOTTE, mark) is None, "who comes back after days is told everything"
        months.pass_days(EVENTS_KEPT_DAYS - 2)

        assert not holds(months, HOME)
        assert holds(months, NEXT_DOOR)

    run(then, monkeypatch)


def test_figures_keep_the_days_they_show_and_say_the_same_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def then(months: Months) -> None:
        band, sequence = Band.LOW, 1
        update = replace(city(1, FIRST.date())[0], event_at=FIRST)
        for _ in range(40):
            months.pass_days(1)
            band, sequence = (Band.NONE if band is Band.LOW else Band.LOW), sequence + 1
            told = replace(update, band=band, sequence=sequence, event_at=months.now)
            months.take(updates=[_received(told)])
        whole = months.state.figures
        areas, today = [update.area], months.now.date()
        before = (whole.open(today, areas), whole.inflow(today, areas))
        assert sum(count or 0 for _, count, _ in before[0]) > 0

        whole.forget_old(today)

        assert (whole.open(today, areas), whole.inflow(today, areas)) == before
        assert min(on for on, _ in whole._inflow) >= today - timedelta(days=27)
        assert max(map(len, whole._stood.values())) <= 29

    run(then, monkeypatch)

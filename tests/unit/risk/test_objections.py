"""An objection is a person's (GDPR art. 21): whose it is, what it bars, and how it ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eropaf.risk.events import Tick
from eropaf.risk.history import History, tell
from eropaf.risk.household import fold
from eropaf.risk.objections import MOST_OBJECTORS, newest
from eropaf.risk.records import DAY_MS, Departure, HouseholdEvent
from eropaf.risk.refusal import Reason
from eropaf.risk.rows import HouseholdRow
from tests.builders import HOME, HOUSEHOLD, NOON, a_signal, amsterdam_example, an_event
from tests.story import story, tick, told

POLICY = amsterdam_example()
THERE = "f" * 32
ELSEWHERE = replace(HOME, house_number=99)


def on(day: int, **changes: Any) -> HouseholdEvent:
    return an_event(a_signal(reported_at=NOON + day * DAY_MS, version=day + 1, **changes))


def objection(day: int, whose: str | None = None, stands: bool = True) -> HouseholdEvent:
    at = NOON + day * DAY_MS
    return HouseholdEvent(HOUSEHOLD, f"objection-{day}", at, HOME, objection_stands=stands, objector=whose)


def departure(day: int, contract: str, whose: str, moves: bool) -> HouseholdEvent:
    creditor = "rent" if contract else ""
    left = Departure(creditor, contract, THERE if moves else None, ELSEWHERE if moves else None, whose)
    return HouseholdEvent(HOUSEHOLD, f"residents-{day}", NOON + day * DAY_MS, departure=left)


def standing(history: History) -> list[str]:
    row = history.households.get(HOUSEHOLD)
    return [] if row is None else [f"{p.creditor}/{p.contract}" for p in row.positions if p.amount_cents]


HEALTH: dict[str, Any] = {"creditor": "health", "partner_type": "HEALTH", "contract": "h"}
EVICTION: dict[str, Any] = {"crisis_kind": "EVICTION", "contract": "contract-2"}

# Whose objection stands from day 1 (None: of who lives at the address); whose signal comes on day 2 (None: an
# address alone); whether it is taken in.
BARS: list[tuple[str | None, str | None, bool, str]] = [
    ("ann", "ann", False, "her own"),
    ("ann", "bob", True, "his are not hers"),
    ("ann", None, False, "may be hers, and she lives there"),
    (None, None, False, "the address' own"),
    (None, "bob", False, "the address' own, whoever it is"),
]


@pytest.mark.parametrize(("whose", "of", "taken", "why"), BARS)
def test_an_objection_bars(whose: str | None, of: str | None, taken: bool, why: str) -> None:
    history = tell([objection(1, whose), on(2, **HEALTH, resident_key=of)], POLICY)

    assert standing(history) == (["health/h"] if taken else [])
    assert [(answer.status, answer.reason) for answer in history.answers] == (
        [] if taken else [("NOT_PICKED_UP_OTHER", None)]
    )


@pytest.mark.parametrize(("whose", "left"), [("ann", ["rent/contract-1"]), ("bob", ["health/h"]), (None, [])])
def test_what_stood_of_the_objector_goes_and_of_others_stays(whose: str | None, left: list[str]) -> None:
    before = [on(0, **HEALTH, resident_key="ann"), on(0, resident_key="bob")]

    history = tell([*before, objection(1, whose)], POLICY)

    assert standing(history) == left
    assert len(history.answers) == 2 - len(left)
    assert history.risks[-1].ended_by == ("OPEN" if left else "OBJECTED")


def test_of_arrears_that_may_be_the_objectors_nothing_stays() -> None:
    assert standing(tell([on(0), objection(1, "ann")], POLICY)) == []


def test_it_is_taken_back_by_whose_it_is() -> None:
    other = tell([objection(1, "ann"), objection(2, "bob", stands=False), on(3)], POLICY)
    own = tell([objection(1, "ann"), objection(2, "ann", stands=False), on(3)], POLICY)

    assert (standing(other), standing(own)) == ([], ["rent/contract-1"])


def test_who_moves_takes_it_along_and_the_next_tenant_is_helped() -> None:
    row = fold(fold(None, objection(1, "ann"), POLICY).row, departure(5, "", "ann", moves=True), POLICY)

    (onward,) = row.onward
    assert (onward.household, onward.address) == (THERE, ELSEWHERE)
    assert (onward.objection_stands, onward.objector) == (True, "ann")
    assert row.row is None
    there = fold(None, onward, POLICY).row
    assert there is not None
    assert there.objectors == ("ann",)


def test_with_who_leaves_the_municipality_it_ends() -> None:
    events = [objection(1, "ann"), departure(5, "", "ann", moves=False)]

    assert tell(events, POLICY).households == {}
    assert standing(tell([*events, on(6)], POLICY)) == ["rent/contract-1"]


def test_when_somebody_else_leaves_it_stands() -> None:
    history = tell([objection(1, "ann"), departure(5, "", "bob", moves=True)], POLICY)

    assert history.households[HOUSEHOLD].objectors == ("ann",)


# Of an address: whether another contract of the home is another tenancy's is for a clerk to decide.
def test_another_contract_of_the_home_does_not_end_it_and_no_creditor_learns_why() -> None:
    history = tell([on(0), objection(1), on(2), on(90, **EVICTION)], POLICY)

    assert history.households[HOUSEHOLD].objected
    assert standing(history) == []
    assert [(a.status, a.reason) for a in history.answers[1:]] == [("NOT_PICKED_UP_OTHER", None)] * 2


def test_the_next_tenant_is_helped_as_soon_as_a_clerk_has_decided() -> None:
    named = [on(0), objection(1), on(2), on(90, **EVICTION)]

    history = tell([*named, objection(91, stands=False), on(92, **EVICTION)], POLICY)

    assert standing(history) == ["rent/contract-2"]
    assert [update.band for update in history.updates] == ["MEDIUM", "NONE", "URGENT"]
    assert not history.households[HOUSEHOLD].objected


def test_of_the_same_home_an_eviction_stays_barred() -> None:
    history = tell([on(0), objection(1), on(90, crisis_kind="EVICTION")], POLICY)

    assert history.households[HOUSEHOLD].objected
    assert standing(history) == []


def test_the_first_home_that_is_named_after_an_objection_is_the_objectors() -> None:
    history = tell([objection(1), on(2), on(3, **HEALTH), on(90, **EVICTION)], POLICY)

    row = history.households[HOUSEHOLD]
    assert (row.homes, row.homes_since) == (("rent/contract-1",), ("rent/contract-2",))
    assert standing(history) == []


GARAGE: dict[str, Any] = {"contract": "a-garage"}
BERTH: dict[str, Any] = {"creditor": "marina", "contract": "berth"}


@pytest.mark.parametrize("other", [GARAGE, BERTH], ids=["a garage", "of another landlord"])
def test_every_contract_of_the_home_that_was_known_is_the_objectors(other: dict[str, Any]) -> None:
    history = tell([on(0), on(0, **other), objection(1), on(30), on(31, **other), on(60)], POLICY)

    assert history.households[HOUSEHOLD].objected
    assert standing(history) == []


@pytest.mark.parametrize(
    ("changes", "answers"),
    [({"kind": "PAID"}, []), ({"partner_type": "MORTGAGE"}, ["NOT_PICKED_UP_UNJUSTIFIED"])],
    ids=["that was paid", "that may not be picked up"],
)
def test_another_contract_says_something_only_with_arrears_that_may_be_picked_up(
    changes: dict[str, Any], answers: list[str]
) -> None:
    before = tell([on(0), objection(1)], POLICY)

    history = tell([on(0), objection(1), on(90, **GARAGE, **changes)], POLICY)

    assert history.households[HOUSEHOLD] == before.households[HOUSEHOLD]
    assert [answer.status for answer in history.answers[len(before.answers) :]] == answers


def test_it_leaves_with_the_last_contract_of_the_home() -> None:
    row = tell([on(0), on(0, **GARAGE), objection(1)], POLICY).households[HOUSEHOLD]

    left = fold(row, departure(5, "a-garage", "ann", moves=True), POLICY)
    gone = fold(left.row, departure(5, "contract-1", "ann", moves=True), POLICY)

    assert left.row is not None
    assert (left.row.objected, left.row.homes) == (True, ("rent/contract-1",))
    assert {event.objector for event in (*left.onward, *gone.onward)} == {"ann"}
    assert gone.row is None or not gone.row.objected


def test_what_an_older_version_kept_of_it_holds() -> None:
    """It kept one contract of the home."""
    row = tell([on(0), objection(1)], POLICY).households[HOUSEHOLD]
    older = {**row.to_record(), "homes": [], "tenancy": "rent/contract-1"}

    assert HouseholdRow.from_record(older) == row


def test_with_the_register_the_objection_of_an_address_leaves_with_its_tenant() -> None:
    row = fold(fold(None, on(0), POLICY).row, objection(1), POLICY).row

    left = fold(row, departure(5, "contract-1", "ann", moves=True), POLICY)

    assert left.row is not None
    assert not left.row.objected
    assert [(event.household, event.objector) for event in left.onward] == [(THERE, "ann")]


def test_it_is_kept_however_much_time_passes_and_without_arrears_nothing_else_is() -> None:
    later = HouseholdEvent("*", "tick", 0, tick=Tick(30_000, 0, 1))
    row = tell([on(0, resident_key="bob"), objection(1, "ann"), later], POLICY).households[HOUSEHOLD]

    assert (row.objectors, row.positions, row.sequence) == (("ann",), (), 0)


def test_a_thousand_residents_may_object_and_the_next_is_told() -> None:
    row = fold(None, objection(1, "x"), POLICY).row
    assert row is not None
    objectors = tuple(f"{number:04}" for number in range(MOST_OBJECTORS))
    full = replace(row, objectors=objectors, objectors_at=(NOON,) * MOST_OBJECTORS)

    history = History(POLICY, households={HOUSEHOLD: full})

    assert len(history.households[HOUSEHOLD].objectors) == MOST_OBJECTORS
    with pytest.raises(Exception, match="1000 residents of this address already object") as refused:
        fold(full, objection(2, "x"), POLICY)
    assert getattr(refused.value, "reason", None) is Reason.HOUSEHOLD_TOO_LARGE


def test_an_objection_stops_signals_and_no_creditor_learns_why() -> None:
    history = story(on(0), objection(1), on(2), on(3, kind="PAID"))

    assert told(history) == ["RAISED MEDIUM", "WITHDRAWN NONE"]
    assert {(a.status, a.reason) for a in history.answers} == {("NOT_PICKED_UP_OTHER", None)}
    assert history.households[HOUSEHOLD].positions == ()


def test_an_objection_of_somebody_never_heard_of_holds_for_what_comes() -> None:
    history = story(objection(0), on(1))

    assert history.updates == []
    assert history.households[HOUSEHOLD].objected


def test_an_objection_can_be_taken_back() -> None:
    history = story(on(0), objection(1), objection(2, stands=False), on(3))

    assert told(history)[-1] == "RAISED MEDIUM"


def test_an_objection_is_kept_however_much_time_passes() -> None:
    assert story(objection(0), tick(3_000)).households[HOUSEHOLD].objected


# Since when a resident objects, a word of another moment, and whether it says that they object.
WORDS = [
    (None, 5, True, 5), (None, 5, False, None), (5, 6, True, 6), (5, 4, True, 5), (5, 4, False, 5),
    (5, 5, False, 5), (5, 6, False, None),
]  # fmt: skip


@pytest.mark.parametrize(("since", "at", "stands", "left"), WORDS)
def test_the_word_said_last_holds_and_of_one_moment_that_they_object(
    since: int | None, at: int, stands: bool, left: int | None
) -> None:
    assert newest(since, at, stands) == left

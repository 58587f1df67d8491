"""A contact slip stands as long as the arrears that it was left beside, wherever those go."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from eropaf.agents.household import _Tell
from eropaf.agents.slips import Slips
from eropaf.risk.household import fold
from eropaf.risk.identity import household_key
from eropaf.risk.policy import Policy
from eropaf.risk.records import DAY_MS, Departure, HouseholdEvent
from eropaf.risk.rows import HouseholdRow
from eropaf.risk.slips import Contract, slips_ended
from eropaf.streams.runtime.batch import Batch
from eropaf.streams.runtime.record import Record
from eropaf_client.schemas.registry import LocalRegistry
from tests.builders import AMSTERDAM_EXAMPLE, CONTACT_SLIPS, HOME, HOUSEHOLD, NOON, SECRET, a_signal, an_event

POLICY = Policy.parse(AMSTERDAM_EXAMPLE + CONTACT_SLIPS)
RENT, WATER = ("rent", "contract-1"), ("water", "contract-2")
LATER = NOON + DAY_MS


def after(row: HouseholdRow | None, event: HouseholdEvent) -> tuple[HouseholdRow | None, list[Contract]]:
    folded = fold(row, event, POLICY)
    return folded.row, slips_ended(row, event, folded)


@pytest.fixture
def row() -> HouseholdRow:
    """Return a household with arrears at two creditors, of both of which a slip stays."""
    rent, ended = after(None, an_event())
    assert ended == []
    signal = a_signal(signal_id="2", creditor="water", partner_type="WATER", contract="contract-2")
    both, ended = after(rent, an_event(signal))
    assert both is not None
    assert ended == []
    return both


@pytest.mark.parametrize("kind", ["PAID", "WITHDRAWN"])
def test_a_slip_ends_with_its_arrears_and_anothers_stays(row: HouseholdRow, kind: str) -> None:
    _, ended = after(row, an_event(kind=kind, version=2, amount_cents=0, reported_at=LATER))

    assert ended == [RENT]


@pytest.mark.parametrize("kind", ["CHANGED", "PLAN_AGREED"])
def test_while_something_is_owed_the_slip_stays(row: HouseholdRow, kind: str) -> None:
    _, ended = after(row, an_event(kind=kind, version=2, reported_at=LATER))

    assert ended == []


def test_an_erasure_ends_every_slip_of_the_household(row: HouseholdRow) -> None:
    erased = HouseholdEvent(HOUSEHOLD, "erasure", LATER, HOME, erasure_requested_on=20_515)

    assert after(row, erased) == (fold(None, erased, POLICY).row, [RENT, WATER])


def test_an_objection_ends_every_slip_and_one_that_comes_after_it(row: HouseholdRow) -> None:
    objected, ended = after(row, HouseholdEvent(HOUSEHOLD, "objection", LATER, HOME, objection_stands=True))
    assert ended == [RENT, WATER]

    _, ended = after(objected, an_event(version=3, reported_at=LATER + DAY_MS))

    assert ended == [RENT]


def test_a_signal_that_lets_no_arrears_stand_ends_its_slip() -> None:
    _, ended = after(None, an_event(partner_type="OTHER"))

    assert ended == [RENT]


def test_what_changes_nothing_ends_no_slip(row: HouseholdRow) -> None:
    assert after(row, an_event()) == (row, [])


def test_what_moves_along_with_a_resident_keeps_its_slip_and_what_leaves_does_not(
    row: HouseholdRow,
) -> None:
    there = replace(HOME, house_number=99)
    moves = Departure("rent", "contract-1", household_key(there, SECRET), there)
    leaves = Departure("rent", "contract-1", None, None)

    _, of_who_moves = after(row, HouseholdEvent(HOUSEHOLD, "r", LATER, HOME, departure=moves))
    _, of_who_leaves = after(row, HouseholdEvent(HOUSEHOLD, "r", LATER, HOME, departure=leaves))

    assert of_who_moves == []
    assert of_who_leaves == [RENT]


def test_slips_of_those_who_take_part_are_deleted_and_a_retired_topic_is_not_written() -> None:
    row, _ = after(None, an_event())
    row, _ = after(row, an_event(a_signal(signal_id="2", creditor="retired", contract="contract-2")))
    event = HouseholdEvent(HOUSEHOLD, "erasure", LATER, HOME, erasure_requested_on=20_515)
    emitted: list[tuple[Any, ...]] = []
    batch = SimpleNamespace(emit=lambda *what: emitted.append(what))

    Slips(["rent"]).forget(cast(Batch, batch), row, event, fold(row, event, POLICY), LATER)

    assert emitted == [("contacts.rent", b"contract-1", None, LATER)]


def test_an_erasure_ends_slips_also_where_the_policy_knows_none_any_more(row: HouseholdRow) -> None:
    emitted: list[tuple[Any, ...]] = []
    batch = SimpleNamespace(
        emit=lambda *what: emitted.append(what), table=SimpleNamespace(put=lambda key, row: None)
    )
    record = SimpleNamespace(timestamp=lambda: (1, LATER))
    event = HouseholdEvent(HOUSEHOLD, "erasure", LATER, HOME, erasure_requested_on=20_515)
    without = Policy.parse(AMSTERDAM_EXAMPLE)

    tell = _Tell(LocalRegistry(), ["rent"], None)
    folded = fold(row, event, without)
    tell.folded(cast(Batch, batch), cast(Record, record), b"key", event, row, folded, without)

    assert ("contacts.rent", b"contract-1", None, LATER) in emitted

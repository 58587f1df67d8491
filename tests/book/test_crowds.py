"""The rules as a book: how much of what is kept, told and explained, at most."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from eropaf.risk.events import NUMBERS, ResidencyTick, Tick
from eropaf.risk.household import fold
from eropaf.risk.plain_words import in_words
from eropaf.risk.positions import position_of
from eropaf.risk.records import HouseholdEvent, MinorChildren, Signal, UnresolvedSignal
from eropaf.risk.refusal import Refused
from eropaf.risk.residency import resolve
from eropaf.risk.rows import HouseholdRow, ResidentRow, Sent, Waiting
from tests.book.columns import CROWD, MANY, SLICES
from tests.book.kept import read_again
from tests.book.lives import as_date, sealed, why
from tests.book.pages import Table, differs, of
from tests.builders import HOME, HOUSEHOLD, MARCH_2, NOON, SECRET, a_signal

NAMES = {
    "20 letters": "n" * 16,
    "200 letters": "n" * 196,
    "200 signs of four bytes": "\N{HOUSE BUILDING}" * 196,
}


@of(*CROWD)
def test_what_is_kept_of_many_ends_where_the_book_says(table: Table) -> None:
    wrong = []
    for case in table.rows:
        count, _, whom = case.cells["is known already"].partition(" ")
        names = [f"{number:04}" for number in range(int(count))]
        comes = "one more" if case.cells["comes"] == "another" else names[0]
        try:
            kept = KNOWN[whom](names, comes, table)
        except Refused as refused:
            wrong += differs(case, {"what follows": why(refused)})
        else:
            wrong += differs(case, {"what follows": f"{kept} are kept"})
    assert wrong == []


@of(*MANY)
def test_of_many_contracts_an_explanation_tells_what_the_book_says(table: Table) -> None:
    wrong = []
    for case in table.rows:
        name = NAMES[case.cells["each named in"]]
        facts = _explained(int(case.cells["contracts"]), name, table)
        listed = [part["points"] for part in facts["contributions"] if part["what"] == "arrears"]
        rest = [line for line in in_words(facts, "en").splitlines() if "too many to be listed" in line]
        threats = facts["threats"]
        found = (
            "; ".join(f"{listed.count(points)} of {points / 100:g}" for points in sorted({*listed})[::-1]),
            f"{len(threats)}, until {as_date(threats[-1]['on'])}",
            rest[0].removeprefix("- ") if rest else "-",
        )
        wrong += differs(case, dict(zip(MANY[2:], found, strict=True)))
    assert wrong == []


@of(*SLICES)
def test_a_day_reaches_every_household_in_parts_as_the_book_says(table: Table) -> None:
    wrong = []
    for case in table.rows:
        count = int(case.cells["households"].replace(",", ""))
        keys = [f"{number * NUMBERS // count:04x}" + "0" * 28 for number in range(count)]
        ticks = [*_told(count)]
        reached = sorted(key for tick in ticks for key in tick.among(keys))
        each = "once" if reached == keys else f"{len(reached)} of {count}"
        wrong += differs(case, {"parts": f"{len(ticks) - 1:,}", "each hears it": each})
    assert wrong == []


def _told(households: int) -> Iterator[Tick]:
    """Yield what a partition of so many households, or of residents who wait, is told of one day."""
    patience = {"stored_before": NOON, "sent_before": MARCH_2 - 366}
    waiting: ResidencyTick | None = ResidencyTick(Tick(MARCH_2, 0, 0), **patience)
    while waiting is not None:
        yield waiting.tick
        following = waiting.follow(households)
        follows = waiting.tick.follow(households)
        assert following == (None if follows is None else ResidencyTick(follows, **patience))
        waiting = None if following is None else read_again(following)


def _signal(contract: str, number: int = 0) -> Signal:
    """Return a signal of rent: of two months where its number is even, of one where it is odd."""
    on, cents = MARCH_2 + 1 + number, 55_000 if number % 2 else 110_000
    return a_signal(contract=contract, amount_cents=cents, crisis_kind="EVICTION", crisis_on=on)


def _explained(contracts: int, name: str, table: Table) -> dict[str, Any]:
    signals = [_signal(f"{number:04}{name}", number) for number in range(contracts)]
    row = HouseholdRow(HOME, NOON, 1, tuple(map(position_of, signals[:-1])))
    event = HouseholdEvent(HOUSEHOLD, "e-1", NOON, HOME, signals[-1])
    folded = fold(row, event, table.policy)
    explained: dict[str, Any] = json.loads(sealed(folded, table.policy))
    assert folded.risk is not None
    assert sum(part["points"] for part in explained["contributions"]) == folded.risk.score
    return explained


def _contracts(names: list[str], comes: str, table: Table) -> int:
    row = HouseholdRow(HOME, NOON, 1, tuple(position_of(_signal(name)) for name in names))
    event = HouseholdEvent(HOUSEHOLD, "e-1", NOON, HOME, replace(_signal(comes), version=2))
    after = fold(row, event, table.policy).row
    return 0 if after is None else len(read_again(after).positions)


def _objectors(names: list[str], comes: str, table: Table) -> int:
    row = HouseholdRow(HOME, NOON, 1, (), objectors=tuple(names))
    event = HouseholdEvent(HOUSEHOLD, "e-1", NOON, HOME, objection_stands=True, objector=comes)
    after = fold(row, event, table.policy).row
    return 0 if after is None else len(after.objectors)


def _parents(names: list[str], comes: str, table: Table) -> int:
    row = HouseholdRow(HOME, 0, 0, (), minor_children=tuple(names))
    event = HouseholdEvent(HOUSEHOLD, "e-1", NOON, HOME, minor_children=MinorChildren(comes, True))
    after = fold(row, event, table.policy).row
    return 0 if after is None else len(after.minor_children)


def _parents_where_it_objects(names: list[str], comes: str, table: Table) -> int:
    row = HouseholdRow(HOME, NOON, 1, (), objected=True, minor_children=tuple(names))
    event = HouseholdEvent(HOUSEHOLD, "e-1", NOON, HOME, minor_children=MinorChildren(comes, True))
    after = fold(row, event, table.policy).row
    return 0 if after is None else len(after.minor_children)


def _waiting(names: list[str], comes: str, table: Table) -> int:
    row = ResidentRow(None, tuple(Waiting(name, NOON, _signal(name)) for name in names))
    return len(_resolved(row, comes).waiting)


def _sent(names: list[str], comes: str, table: Table) -> int:
    return len(_resolved(ResidentRow(HOME, (), tuple(Sent("rent", name) for name in names)), comes).sent)


def _resolved(row: ResidentRow, comes: str) -> ResidentRow:
    after, _ = resolve(row, UnresolvedSignal("Anna", "e-1", _signal(comes)), NOON, SECRET)
    return read_again(after)


KNOWN = {
    "contracts at an address": _contracts,
    "residents of an address who object": _objectors,
    "residents with minor children": _parents,
    "residents with minor children where the address objects": _parents_where_it_objects,
    "signals of a resident that wait for the register": _waiting,
    "contracts of a resident": _sent,
}

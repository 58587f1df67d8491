"""What stands of one contract: which word of its creditor, what it grew from, and what was handled of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eropaf.risk.positions import (
    AGREED,
    closed,
    counts,
    is_asked,
    is_newer,
    is_open,
    is_repeat,
    is_valid,
    position_of,
    signal_of,
    threatens,
    with_position,
    without,
)
from eropaf.risk.rows import Position
from tests.builders import MARCH_2, NOON, a_signal, amsterdam_example

POLICY = amsterdam_example()
EVERYTHING: dict[str, Any] = {
    "arrears_since": MARCH_2 - 40, "crisis_kind": "EVICTION", "crisis_on": MARCH_2 + 9, "handover_wish": True,
    "own_effort": AGREED, "resident_key": "ann", "version": 3,
}  # fmt: skip


def test_a_signal_makes_a_position_of_everything_that_counts() -> None:
    assert position_of(a_signal(**EVERYTHING)) == Position(
        "rent", "contract-1", "RENT", "REPORTED", 110_000, 55_000, NOON, 3, "signal-1", True, MARCH_2 + 9,
        MARCH_2 - 40, 3, 110_000, None, None, "EVICTION", True, True, "ann",
    )  # fmt: skip


def test_who_moves_takes_along_what_makes_the_same_position_there() -> None:
    signal = a_signal(**EVERYTHING)

    assert signal_of(position_of(signal)) == signal
    assert signal_of(position_of(a_signal())) == a_signal()


# The last three columns: of what was said, what a closed position keeps. No amount, no bill, no date.
@pytest.mark.parametrize("kind", ["PAID", "WITHDRAWN"])
def test_a_closed_position_keeps_no_more_than_that_it_is_closed(kind: str) -> None:
    left = Position(
        "rent", "contract-1", "RENT", kind, 0, None, NOON, 3, "signal-1", False, None, resident_key="ann"
    )  # fmt: skip

    assert closed(a_signal(**EVERYTHING), kind) == left
    assert position_of(a_signal(**EVERYTHING, kind=kind)) == left


# A threat threatens; the end of a delivery is ranked by the time left (NVVK, 1 November 2023).
@pytest.mark.parametrize(
    ("kind", "crisis"),
    [
        (None, False), ("EVICTION", True), ("DISCONNECTION", True), ("END_OF_INSURANCE", True),
        ("END_OF_DELIVERY", False),
    ],
)  # fmt: skip
def test_which_crisis_threatens(kind: str | None, crisis: bool) -> None:
    assert position_of(a_signal(crisis_kind=kind)).crisis is crisis


# Day of the threat (None: not known), today: whether it stands.
@pytest.mark.parametrize(
    ("crisis", "on", "stands"),
    [(True, None, True), (True, 0, True), (True, 1, True), (True, -1, False), (False, 1, False)],
)
def test_a_threat_stands_up_to_and_including_its_day(crisis: bool, on: int | None, stands: bool) -> None:
    day = None if on is None else MARCH_2 + on
    position = replace(position_of(a_signal()), crisis=crisis, crisis_on=day)

    assert threatens(position, MARCH_2) is stands


# Version, moment and id of what comes, against 2, NOON, "m": whether it is newer.
NEWER = [
    (3, 0, "a", True), (1, NOON + 1, "z", False), (2, NOON + 1, "a", True), (2, NOON - 1, "z", False),
    (2, NOON, "n", True), (2, NOON, "l", False), (2, NOON, "m", False),
]  # fmt: skip


@pytest.mark.parametrize(("version", "at", "signal_id", "newer"), NEWER)
def test_the_higher_version_is_newer_then_the_later_moment_then_the_id(
    version: int, at: int, signal_id: str, newer: bool
) -> None:
    standing = position_of(a_signal(version=2, signal_id="m"))
    comes = position_of(a_signal(version=version, reported_at=at, signal_id=signal_id))

    assert is_newer(comes, standing) is newer
    merged = with_position((standing,), comes)
    assert merged[0].signal_id == (signal_id if newer else "m")


def test_positions_are_in_order_of_creditor_and_contract_whatever_came_first() -> None:
    names = [("b", "2"), ("a", "9"), ("b", "1"), ("c", "0")]
    positions: tuple[Position, ...] = ()
    for creditor, contract in names:
        positions = with_position(positions, position_of(a_signal(creditor=creditor, contract=contract)))

    assert [(each.creditor, each.contract) for each in positions] == sorted(names)
    left = without(positions, "b", "1")
    assert [(each.creditor, each.contract) for each in left] == [("a", "9"), ("b", "2"), ("c", "0")]
    assert without(positions, "a", "1") == positions
    assert without(positions, "c", "9") == positions


def test_the_same_said_again_gives_the_same_positions() -> None:
    standing = (position_of(a_signal()),)

    assert with_position(standing, position_of(a_signal())) is standing


def test_of_two_of_a_name_the_first_holds_and_growth_is_not_measured_from_the_other() -> None:
    """A correction without a new version: EUR 50 in place of EUR 5,000 would make arrears that grew."""
    standing = (position_of(a_signal(amount_cents=500_000)),)

    assert with_position(standing, position_of(a_signal(amount_cents=5_000))) is standing


def test_of_two_with_one_name_what_closes_the_contract_holds_whatever_came_first() -> None:
    opened, paid = position_of(a_signal()), position_of(a_signal(kind="PAID"))

    for one, other in ((opened, paid), (paid, opened)):
        (merged,) = with_position((one,), other)
        assert (merged.kind, merged.first_cents) == ("PAID", opened.amount_cents)


# What was handled stays so, until something new in kind is said. The kind that stands and comes, and their
# threats: whether the case is over.
ANEW: list[tuple[str, str, str | None, str | None, bool]] = [
    ("REPORTED", "CHANGED", None, None, False),
    ("REPORTED", "PLAN_BROKEN", None, None, True),
    ("PLAN_BROKEN", "PLAN_BROKEN", None, None, False),
    ("PLAN_AGREED", "PLAN_BROKEN", None, None, True),
    ("REPORTED", "PAID", None, None, True),
    ("REPORTED", "WITHDRAWN", None, None, True),
    ("REPORTED", "PLAN_AGREED", None, None, False),
    ("REPORTED", "CHANGED", None, "EVICTION", True),
    ("REPORTED", "CHANGED", "EVICTION", "EVICTION", False),
    ("REPORTED", "CHANGED", "EVICTION", None, False),
    # Energieregeling of 2026 (NVVK, 26 January 2026): the end comes after the early signal.
    ("REPORTED", "CHANGED", None, "END_OF_DELIVERY", True),
]


@pytest.mark.parametrize(("stood", "comes", "threat", "next_threat", "anew"), ANEW)
def test_what_was_handled_is_so_until_something_new_in_kind_is_said(
    stood: str, comes: str, threat: str | None, next_threat: str | None, anew: bool
) -> None:
    standing = position_of(a_signal(kind=stood, crisis_kind=threat))
    handled = replace(standing, handled_cents=110_000, handled_until=MARCH_2 + 30)

    (merged,) = with_position(
        (handled,), position_of(a_signal(kind=comes, crisis_kind=next_threat, version=2))
    )

    assert (merged.handled_cents, merged.handled_until) == ((None, None) if anew else (110_000, MARCH_2 + 30))


def test_an_older_word_that_comes_late_ends_no_case() -> None:
    standing = replace(position_of(a_signal(version=5)), handled_cents=110_000, handled_until=MARCH_2 + 30)

    (merged,) = with_position((standing,), position_of(a_signal(version=2, kind="PLAN_BROKEN")))

    assert (merged.handled_cents, merged.handled_until, merged.version) == (110_000, MARCH_2 + 30, 5)


def test_the_merged_position_is_the_newer_one_but_for_what_it_grew_from() -> None:
    first = position_of(a_signal(amount_cents=40_000))
    newer = position_of(a_signal(**EVERYTHING))

    for one, other in ((first, newer), (newer, first)):
        (merged,) = with_position((one,), other)
        assert merged == replace(newer, first_version=1, first_cents=40_000)


# Versions and amounts, the closed among them, and what growth is measured from.
GROWN: list[tuple[list[tuple[int, int, str]], tuple[int, int]]] = [
    ([(1, 50, "REPORTED"), (2, 70, "CHANGED")], (1, 50)),
    ([(2, 70, "CHANGED"), (1, 50, "REPORTED")], (1, 50)),
    ([(1, 50, "REPORTED"), (2, 0, "PAID"), (3, 90, "CHANGED")], (1, 50)),
    ([(2, 0, "PAID"), (1, 50, "REPORTED"), (3, 90, "CHANGED")], (1, 50)),
    ([(2, 0, "PAID"), (3, 90, "CHANGED")], (3, 90)),
    ([(1, 50, "REPORTED"), (1, 40, "REPORTED")], (1, 40)),
]


@pytest.mark.parametrize(("said", "first"), GROWN)
def test_growth_is_measured_from_the_lowest_version_that_had_an_amount(
    said: list[tuple[int, int, str]], first: tuple[int, int]
) -> None:
    positions: tuple[Position, ...] = ()
    for version, cents, kind in said:
        signal = a_signal(version=version, amount_cents=cents, kind=kind, signal_id=f"{version}-{cents}")
        positions = with_position(positions, position_of(signal))

    (position,) = positions
    assert (position.first_version, position.first_cents) == first


# Source: DDAS 1.2, "herhaalde melding": the same arrears, recently handled, and not higher. Cents and day up
# to which they were handled: whether EUR 1,100 today are a repeat.
REPEATS: list[tuple[int | None, int | None, bool]] = [
    (None, None, False), (110_000, None, False), (None, 1, False), (110_000, 1, True), (110_001, 1, True),
    (109_999, 1, False), (110_000, 0, False), (110_000, -1, False),
]  # fmt: skip


@pytest.mark.parametrize(("cents", "until", "repeat"), REPEATS)
def test_a_repeat_is_what_was_handled_and_no_more(cents: int | None, until: int | None, repeat: bool) -> None:
    day = None if until is None else MARCH_2 + until
    position = replace(position_of(a_signal()), handled_cents=cents, handled_until=day)

    assert is_repeat(position, MARCH_2) is repeat
    assert counts(position, MARCH_2, POLICY) is not repeat


# Kind and cents; whether arrears stand, and ask for help where a plan counts for nothing, or for something.
OPEN = [
    ("REPORTED", 1, True, True, True), ("REPORTED", 0, False, False, False), ("PAID", 1, False, False, False),
    ("WITHDRAWN", 1, False, False, False), ("PLAN_AGREED", 1, True, False, True),
    ("PLAN_AGREED", 0, False, False, False), ("PLAN_BROKEN", 1, True, True, True),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "cents", "stands", "asked", "asked_half"), OPEN)
def test_which_arrears_stand_and_ask_for_help(
    kind: str, cents: int, stands: bool, asked: bool, asked_half: bool
) -> None:
    position = replace(position_of(a_signal()), kind=kind, amount_cents=cents)

    assert is_open(position) is stands
    assert is_asked(position, POLICY) is asked
    assert is_asked(position, replace(POLICY, plan_agreed_percent=1)) is asked_half


@pytest.mark.parametrize(("days", "valid"), [(0, True), (91, True), (92, False)])
def test_a_word_counts_for_its_days(days: int, valid: bool) -> None:
    position = position_of(a_signal())

    assert is_valid(position, MARCH_2 + days, POLICY) is valid
    assert counts(position, MARCH_2 + days, POLICY) is valid

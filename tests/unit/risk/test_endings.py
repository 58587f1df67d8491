"""Why nothing of a household counts any more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.story import POLICY, on, story, told


@pytest.mark.parametrize(
    ("kind", "cents", "ended"),
    [
        ("PLAN_AGREED", 110_000, "PLANNED"),
        ("REPORTED", 4_999, "BELOW_MINIMUM"),
        ("PAID", 0, "PAID"),
        ("WITHDRAWN", 110_000, "WITHDRAWN"),
        ("CHANGED", 0, "PAID"),
    ],
)
def test_why_nothing_counts_any_more_is_said(kind: str, cents: int, ended: str) -> None:
    history = story(on(0), on(1, version=2, kind=kind, amount_cents=cents))

    assert history.risks[-1].ended_by == ended
    assert history.updates[-1].band == "NONE"


def test_while_a_plan_counts_by_the_policy_help_is_offered() -> None:
    half = replace(POLICY, plan_agreed_percent=50)

    assert story(on(0, kind="PLAN_AGREED"), policy=half).risks[-1].score == 2_000
    assert story(on(0, kind="PLAN_AGREED"), policy=half).updates[-1].band == "LOW"
    assert story(on(0, kind="PLAN_AGREED")).updates == []


@pytest.mark.parametrize("kind", ["PAID", "WITHDRAWN"])
@pytest.mark.parametrize(
    ("stands", "comes"), [("C-1\u200b", "C-1"), ("C-1", "C-1\u200b"), ("C-1 ", "C-1\u200b"), (" C-1", " C-1")]
)
def test_arrears_end_under_any_spelling_that_is_read_alike(kind: str, stands: str, comes: str) -> None:
    end = on(2, version=2, kind=kind, amount_cents=0, contract=comes)

    history = story(on(0, contract=stands), on(0, contract="C-2", signal_id="other"), end)

    assert history.risks[-1].open_positions == 1, "what is read otherwise stands"
    assert story(on(0, creditor="water", contract=stands), end).risks[-1].open_positions == 1


# The contracts of a creditor that stand, the one that is said to be paid, and those that stand after it.
ZERO_WIDTH, OTHER = "C-1\u200b", "C-1\u200c"


@pytest.mark.parametrize(
    ("stand", "paid", "left"),
    [
        (["C-1", ZERO_WIDTH], ZERO_WIDTH, ["C-1"]),
        (["C-1", ZERO_WIDTH], "C-1", [ZERO_WIDTH]),
        (["C-1", ZERO_WIDTH], OTHER, [ZERO_WIDTH]),
        ([ZERO_WIDTH], "C-1", []),
        ([ZERO_WIDTH], OTHER, []),
        ([ZERO_WIDTH, OTHER], "C-1", [ZERO_WIDTH, OTHER]),
    ],
)
def test_a_contract_ends_under_its_own_name_and_the_only_one_that_is_read_alike_else(
    stand: list[str], paid: str, left: list[str]
) -> None:
    signals = [on(0, contract=each) for each in stand]

    history = story(*signals, on(2, version=2, kind="PAID", amount_cents=0, contract=paid))

    (row,) = history.households.values()
    assert [each.contract for each in row.positions if each.amount_cents] == left


def test_a_payment_leaves_another_contract_that_is_closed_as_it_was() -> None:
    closed = (on(0, version=2, kind="PAID", contract="C-1"), on(0, contract=ZERO_WIDTH))
    (before,) = story(*closed).households.values()

    (row,) = story(*closed, on(2, version=3, kind="PAID", contract=ZERO_WIDTH)).households.values()

    assert row.positions[0] == before.positions[0]
    assert [each.amount_cents for each in row.positions] == [0, 0]


def test_a_payment_under_another_spelling_holds_against_what_comes_later() -> None:
    paid = on(2, version=2, kind="PAID", amount_cents=0, contract=ZERO_WIDTH)

    assert story(paid, on(0, contract="C-1")).risks[-1].open_positions == 0


def test_who_changes_its_name_says_the_new_one_first_and_no_deadline_moves() -> None:
    """The order of docs/how-to/upgrade.md."""
    before = on(0, creditor="water-north")
    anew = on(3, creditor="north-water")
    gone = on(3, creditor="water-north", version=2, kind="WITHDRAWN", amount_cents=0)

    kept, lost = story(before, anew, gone), story(before, gone, anew)

    assert (told(kept)[-1], kept.updates[-1].respond_by) == ("LOWERED MEDIUM", kept.updates[0].respond_by)
    assert "WITHDRAWN NONE" in told(lost)

from __future__ import annotations

from risk.history import tell
from risk.household import fold
from tests.builders import NOON, a_signal, amsterdam_example, an_event

POLICY = amsterdam_example()


def test_the_first_signal_makes_a_row_and_tells_a_risk() -> None:
    folded = fold(None, an_event(), POLICY)

    assert folded.risk is not None
    assert (folded.risk.sequence, folded.risk.score, folded.risk.open_positions) == (1, 4_000, 1)
    assert folded.row is not None
    assert folded.row.at == NOON


def test_the_same_signal_twice_changes_nothing() -> None:
    row = fold(None, an_event(), POLICY).row

    again = fold(row, an_event(), POLICY)

    assert again.row is row
    assert again.risk is None


def test_an_older_version_that_comes_late_reopens_nothing() -> None:
    row = fold(None, an_event(version=2, amount_cents=0, kind="PAID"), POLICY).row

    late = fold(row, an_event(version=1), POLICY)

    assert late.risk is not None
    assert (late.risk.score, late.risk.open_positions, late.risk.ended_by) == (0, 0, "PAID")


def test_a_payment_ends_the_arrears_and_says_so() -> None:
    row = fold(None, an_event(), POLICY).row

    paid = fold(row, an_event(version=2, kind="PAID", amount_cents=0), POLICY)

    assert paid.risk is not None
    assert (paid.risk.score, paid.risk.open_positions, paid.risk.ended_by) == (0, 0, "PAID")


def test_a_withdrawal_says_that_it_was_one() -> None:
    row = fold(None, an_event(), POLICY).row

    withdrawn = fold(row, an_event(version=2, kind="WITHDRAWN"), POLICY)

    assert withdrawn.risk is not None
    assert withdrawn.risk.ended_by == "WITHDRAWN"


def test_the_earliest_of_several_crisis_dates_is_the_one_that_counts() -> None:
    events = [
        an_event(a_signal(contract="a", crisis_kind="EVICTION", crisis_on=20_600)),
        an_event(a_signal(contract="b", crisis_kind="DISCONNECTION", crisis_on=20_550)),
        an_event(a_signal(contract="c", crisis_kind="DISCONNECTION", crisis_on=None)),
    ]

    row = None
    for event in events:
        folded = fold(row, event, POLICY)
        row = folded.row

    assert folded.risk is not None
    assert folded.risk.crisis_on == 20_550


def test_a_history_tells_the_rows_and_the_updates_it_leads_to() -> None:
    history = tell([an_event(), an_event(version=2, kind="PAID", amount_cents=0)], POLICY)

    assert [(u.sequence, u.band, u.change) for u in history.updates] == [
        (1, "MEDIUM", "RAISED"),
        (2, "NONE", "CLOSED"),
    ]

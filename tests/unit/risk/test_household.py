from __future__ import annotations

from dataclasses import replace

import pytest

from eropaf.agents.topology import LARGEST_ROW
from eropaf.risk.history import tell
from eropaf.risk.household import fold
from eropaf.risk.people import MOST_PARENTS
from eropaf.risk.positions import position_of
from eropaf.risk.refusal import Refused
from eropaf.risk.rows import HouseholdRow
from eropaf.risk.signalled import MONTHS_KEPT, MOST_POSITIONS
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.wire import Codec
from tests.builders import HOME, NOON, a_signal, amsterdam_example, an_event

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


def a_full_row() -> HouseholdRow:
    """Return a row with as many contracts as a household can have, each with the longest texts."""
    longest = "\N{GRINNING FACE}" * 195
    signal = a_signal(
        signal_id=longest, creditor="c" * 241, monthly_bill_cents=55_000, crisis_kind="EVICTION"
    )
    signal = replace(signal, crisis_on=20_600, amount_cents=10_000_000_000, version=2**62)
    position = replace(
        position_of(signal), handled_cents=10_000_000_000, handled_until=20_600, arrears_since=20_000
    )
    contracts = (f"{longest}{number:05}" for number in range(MOST_POSITIONS))
    positions = tuple(replace(position, contract=contract) for contract in contracts)
    return HouseholdRow(
        HOME,
        NOON,
        1,
        positions,
        tuple(range(600, 600 + MONTHS_KEPT)),
        minor_children=("0" * 32,) * MOST_PARENTS,
    )


def test_one_contract_too_many_is_refused_and_the_others_go_on() -> None:
    row = a_full_row()
    standing = row.positions[0]

    with pytest.raises(Refused, match="already has 1000 contracts"):
        fold(row, an_event(contract="one more"), POLICY)

    paid = an_event(
        creditor=standing.creditor, contract=standing.contract, kind="PAID", version=standing.version + 1
    )
    after = fold(row, paid, POLICY).row
    assert after is not None
    assert after.positions[0].kind == "PAID"


def test_the_largest_row_that_the_rules_allow_fits_into_a_record_of_its_changelog() -> None:
    data = Codec("HouseholdRow", "rows", LocalRegistry()).encode(a_full_row().to_record())

    assert len(data) < LARGEST_ROW - 1024


def test_history_goes_on_past_what_a_household_refuses() -> None:
    events = [an_event(contract=f"{number:05}") for number in range(MOST_POSITIONS + 1)]

    told = tell([*events, an_event(contract="00000", version=2, kind="PAID")], POLICY)

    (row,) = told.households.values()
    assert (len(row.positions), row.sequence) == (MOST_POSITIONS, MOST_POSITIONS + 1)

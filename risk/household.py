"""A household's state, and what one more event makes of it."""

from __future__ import annotations

from dataclasses import dataclass

from risk.policy import Policy
from risk.positions import CLOSED, position_of, with_position
from risk.records import HouseholdEvent, HouseholdRisk, HouseholdRow
from risk.refusal import Reason, Refused
from risk.score import assess

# A household has a few contracts; an address with a thousand is an institution, or the office of an
# administrator for many. With the longest texts that intake lets in, as many positions fill 1.9 MB: a
# row must fit into one record of its changelog (2 MiB).
MOST_POSITIONS = 1_000


@dataclass(frozen=True, slots=True)
class Folded:
    """The row after an event, and the risk to tell; None where the event changed nothing."""

    row: HouseholdRow
    risk: HouseholdRisk | None


def fold(row: HouseholdRow | None, event: HouseholdEvent, policy: Policy) -> Folded:
    """Take one event in. An event that says nothing new gives the same row and no risk.

    Raises:
        Refused: the event is of a kind that has no rule yet, or it would be one contract more than a
            household can have; what stands goes on.

    """
    if event.signal is None or event.address is None:
        raise Refused(Reason.UNKNOWN_EVENT, "the event is of a kind that this version does not know")
    if row is None:
        row = HouseholdRow(event.address, event.at, 0, ())
    positions = with_position(row.positions, position_of(event.signal))
    if positions is row.positions:
        return Folded(row, None)
    if len(positions) > max(MOST_POSITIONS, len(row.positions)):
        raise Refused(
            Reason.HOUSEHOLD_TOO_LARGE, f"the address has {MOST_POSITIONS} contracts already, and this is new"
        )
    folded = HouseholdRow(row.address, max(row.at, event.at), row.sequence + 1, positions)
    return Folded(folded, _risk(folded, event.household, policy))


def _risk(row: HouseholdRow, household: str, policy: Policy) -> HouseholdRisk:
    assessment = assess(row.positions, policy)
    return HouseholdRisk(
        household,
        row.sequence,
        row.address,
        assessment.score,
        assessment.open_positions,
        assessment.creditors,
        assessment.months_behind,
        assessment.threatening,
        assessment.crisis_on,
        "OPEN" if assessment.open_positions else _ended_by(row),
        policy.version,
        row.at,
    )


def _ended_by(row: HouseholdRow) -> str:
    """Say how the last position ended. One without an amount left counts as paid."""
    last = max(
        row.positions, key=lambda position: (position.reported_at, position.version, position.signal_id)
    )
    return last.kind if last.kind in CLOSED else "PAID"

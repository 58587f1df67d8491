"""The effect of one event on a household: what is kept, what creditors hear, what moves on."""

from __future__ import annotations

from eropaf.risk.feedback import Answer
from eropaf.risk.records import HouseholdEvent
from eropaf.risk.refusal import Reason
from eropaf.risk.rows import HouseholdRow, Position
from eropaf.risk.value import value


@value(frozen=True, slots=True)
class Changed:
    """What is kept after an event (None: nothing), what the creditors hear, and what moves on."""

    row: HouseholdRow | None
    answers: tuple[Answer, ...] = ()
    onward: tuple[HouseholdEvent, ...] = ()


def told(position: Position, status: str, reason: Reason | None = None) -> Answer:
    """Return what a position's creditor hears."""
    return Answer(position.creditor, position.contract, position.signal_id, status, reason)

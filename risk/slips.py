"""Which contact slips end with an event: a slip stands as long as the arrears it was left beside."""

from __future__ import annotations

from eropaf.risk.household import Folded
from eropaf.risk.positions import is_open
from eropaf.risk.records import HouseholdEvent
from eropaf.risk.rows import HouseholdRow

Contract = tuple[str, str]  # creditor, and its reference


def slips_ended(before: HouseholdRow | None, event: HouseholdEvent, folded: Folded) -> list[Contract]:
    """Return the contracts whose slip must go after `event`.

    Those whose arrears stood and do not any more, and the one of a signal that did not let any stand. What
    moves along with a resident stands at another household, so its slip stays.
    """
    stood = _standing(before)
    if event.signal is not None:
        stood.append((event.signal.creditor, event.signal.contract))
    stands = set(_standing(folded.row))
    stands.update(
        [(each.signal.creditor, each.signal.contract) for each in folded.onward if each.signal is not None]
    )
    return [each for each in dict.fromkeys(stood) if each not in stands]


def _standing(row: HouseholdRow | None) -> list[Contract]:
    if row is None:
        return []
    return [(each.creditor, each.contract) for each in row.positions if is_open(each)]

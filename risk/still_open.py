"""Before somebody rings or visits: which creditors are asked whether their arrears still stand."""

from __future__ import annotations

import uuid
from typing import Any

from eropaf.risk.events import EpochMs
from eropaf.risk.found import OUTCOMES_KEPT
from eropaf.risk.names import id_of
from eropaf.risk.policy import Policy
from eropaf.risk.positions import counts
from eropaf.risk.rows import HouseholdRow
from eropaf.risk.value import replace, value

QUESTIONS = uuid.uuid5(uuid.NAMESPACE_DNS, "questions.eropaf.nl").bytes
# However often somebody sets out, creditors are asked of one household once in a quarter of a day.
ASKED_ONCE_IN_MS = 6 * 60 * 60 * 1000
ASKS = "asks/"  # followed by the quarter of a day, among the ids of outcomes that a row keeps


@value(frozen=True, slots=True)
class Question:
    """Whether `creditor`'s arrears on a contract still stand. Says nothing of who asks, where, or why."""

    creditor: str
    contract: str
    signal_id: str

    def to_record(self, event_id: str, at: EpochMs) -> dict[str, Any]:
        """Return the Avro value of the CreditorQuestion that the event `event_id` caused."""
        return {
            "question_id": id_of(QUESTIONS, f"{event_id}:{self.creditor}:{self.contract}"),
            "contract": self.contract,
            "signal_id": self.signal_id,
            "asked_at": at,
        }


def asked(
    row: HouseholdRow | None, at: EpochMs, policy: Policy
) -> tuple[HouseholdRow | None, tuple[Question, ...]]:
    """Return the row after a moment at which somebody sets out, and a question for each contract that counts.

    The row knows that it was asked; nothing else of it changes. It is the same object where nothing is asked:
    the policy does not have it, nothing counts, or it was asked in the same quarter of a day.
    """
    quarter = at // ASKED_ONCE_IN_MS
    name = f"{ASKS}{quarter}"
    if row is None or not policy.still_open or name in row.outcomes:
        return row, ()
    today = policy.zone.day_of(max(row.at, at))
    standing = [each for each in row.positions if counts(each, today, policy)]
    if not standing:
        return row, ()
    questions = tuple([Question(each.creditor, each.contract, each.signal_id) for each in standing])
    # No asking comes six hours late: older ones would only take the places of outcomes that may come twice.
    near = (f"{ASKS}{quarter - 1}", f"{ASKS}{quarter + 1}")
    kept = [each for each in row.outcomes if not each.startswith(ASKS) or each in near]
    return replace(row, outcomes=(*kept, name)[-OUTCOMES_KEPT:]), questions

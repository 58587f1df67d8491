"""What a creditor hears about its signal: the national model's status, and no more."""

from __future__ import annotations

import uuid
from typing import Any

from eropaf.risk.events import EpochDay, EpochMs
from eropaf.risk.names import id_of
from eropaf.risk.value import value

FEEDBACK = uuid.uuid5(uuid.NAMESPACE_DNS, "feedback.eropaf.nl").bytes


@value(frozen=True, slots=True)
class Answer:
    """What `creditor` hears about one of its signals.

    `reason` is the code of a rule that the creditor itself did not meet. It is never set for "not picked up:
    other reason", whose cause nobody may learn (DDAS 1.2).
    """

    creditor: str
    contract: str
    signal_id: str
    status: str
    reason: str | None = None
    collection: str = "NO_WORD"
    pause_until: EpochDay | None = None

    def __post_init__(self) -> None:
        if self.status == "NOT_PICKED_UP_OTHER" and self.reason is not None:
            raise ValueError("a creditor may not learn why a signal was not picked up for another reason")

    def to_record(self, event_id: str, at: EpochMs) -> dict[str, Any]:
        """Return the Avro value of the CreditorFeedback that the event `event_id` caused."""
        name = f"{event_id}:{self.creditor}:{self.contract}:{self.signal_id}:{self.status}"
        return {
            "feedback_id": id_of(FEEDBACK, name),
            "contract": self.contract,
            "signal_id": self.signal_id,
            "status": self.status,
            "reason": self.reason,
            "collection": self.collection,
            "pause_until": self.pause_until,
            "at": at,
        }

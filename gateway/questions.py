"""What one creditor is asked before a visit, read from its topic."""

from __future__ import annotations

from typing import Any, NamedTuple

from eropaf.gateway.own_topic import OwnTopic
from eropaf_client.questions import CreditorQuestion


class Question(NamedTuple):
    """One question, and where it stands."""

    offset: int
    said: CreditorQuestion

    def to_json(self) -> dict[str, Any]:
        """Return it as a caller reads it."""
        return {
            "question_id": self.said.question_id,
            "contract": self.said.contract,
            "signal_id": self.said.signal_id,
            "asked_at": self.said.asked_at.isoformat().replace("+00:00", "Z"),
        }


class Questions(OwnTopic[Question]):
    """One creditor's questions, while an answer may still come in time."""

    def forget(self) -> None:
        """Forget whom somebody has rung meanwhile."""
        self.keep(lambda each: each.said.stands())

    def after(self, cursor: str | None, most: int) -> tuple[list[Question], str]:
        """Return those behind a cursor that stand now. See `OwnTopic`."""
        self.forget()
        return super().after(cursor, most)

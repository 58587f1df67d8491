"""For creditors: what they are asked before somebody rings or visits: whether arrears still stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from eropaf_client.cluster import Where
from eropaf_client.own_topic_reader import OwnTopicReader
from eropaf_client.records import EPOCH_UTC, MILLISECOND
from eropaf_client.schemas.topics import questions

# Whoever set out then has rung: creditors are asked of one household once in so long.
ASKED_FOR = timedelta(hours=6)


@dataclass(frozen=True)
class CreditorQuestion:
    """Whether the arrears of one signal still stand.

    The answer is an ordinary signal on the contract, of the next version: paid, or another amount. Where
    nothing changed there is nothing to say.
    """

    question_id: str
    contract: str
    signal_id: str
    asked_at: datetime

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> CreditorQuestion:
        """Make the question from its Avro value."""
        return cls(
            question_id=record["question_id"],
            contract=record["contract"],
            signal_id=record["signal_id"],
            asked_at=EPOCH_UTC + record["asked_at"] * MILLISECOND,
        )

    def stands(self) -> bool:
        """Return whether an answer may still come in time, by this computer's clock."""
        return datetime.now(timezone.utc) - self.asked_at < ASKED_FOR


class QuestionReader(OwnTopicReader[CreditorQuestion]):
    """Reads the questions of the last six hours to a creditor, then as they arrive.

        with QuestionReader("kafka:9092", "rent") as reader:
            for question in reader:
                ...

    What was asked longer ago is passed over, though the topic keeps it for a day: whoever set out then has
    rung. The same question always has the same `question_id`. The rest is as in `FeedbackReader`.

    Raises:
        BrokerUnreachable, NotAuthenticated, NotPermitted, TopicMissing: at the start, in time.
    """

    def __init__(self, where: Where, creditor: str) -> None:
        super().__init__(where, questions(creditor), "CreditorQuestion", _standing)


def _standing(record: Mapping[str, Any]) -> CreditorQuestion | None:
    question = CreditorQuestion.from_record(record)
    return question if question.stands() else None

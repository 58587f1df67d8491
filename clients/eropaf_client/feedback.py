"""For creditors: what happened to their signals, as far as the law lets them know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from eropaf_client.cluster import Where
from eropaf_client.own_topic_reader import OwnTopicReader
from eropaf_client.records import EPOCH, EPOCH_UTC, MILLISECOND
from eropaf_client.schemas.topics import feedback
from eropaf_client.wire_enum import WireEnum


class SignalStatus(WireEnum):
    """Status of a signal: the eight of DDAS 1.2; UNKNOWN: not known to this version."""

    UNKNOWN = "UNKNOWN"
    NOT_YET_PICKED_UP = "NOT_YET_PICKED_UP"
    PICKED_UP = "PICKED_UP"
    KNOWN_AT_DEBT_HELP = "KNOWN_AT_DEBT_HELP"
    DECEASED = "DECEASED"
    NOT_PICKED_UP_REPEATED = "NOT_PICKED_UP_REPEATED"
    NOT_PICKED_UP_UNJUSTIFIED = "NOT_PICKED_UP_UNJUSTIFIED"
    NOT_PICKED_UP_OTHER = "NOT_PICKED_UP_OTHER"
    NOT_A_RESIDENT = "NOT_A_RESIDENT"


class Collection(WireEnum):
    """What the creditor is asked to do about collection."""

    NO_WORD = "NO_WORD"
    PAUSE = "PAUSE"
    RESUME = "RESUME"


@dataclass(frozen=True)
class CreditorFeedback:
    """What happened to one signal.

    `reason` is a code of docs/reference/reasons.md for a fault that the creditor can correct; `collection`
    and `pause_until` say what it is asked to do about collection.
    """

    feedback_id: str
    contract: str
    signal_id: str
    status: SignalStatus
    reason: str | None
    collection: Collection
    pause_until: date | None
    at: datetime

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> CreditorFeedback:
        """Make the feedback from its Avro value."""
        until = record["pause_until"]
        return cls(
            feedback_id=record["feedback_id"],
            contract=record["contract"],
            signal_id=record["signal_id"],
            status=SignalStatus(record["status"]),
            reason=record["reason"],
            collection=Collection(record["collection"]),
            pause_until=None if until is None else EPOCH + timedelta(days=until),
            at=EPOCH_UTC + record["at"] * MILLISECOND,
        )


class FeedbackReader(OwnTopicReader[CreditorFeedback]):
    """Reads a creditor's own feedback from the beginning, then as it arrives.

        with FeedbackReader("kafka:9092", "rent") as reader:
            for feedback in reader:
                ...

    The same feedback always has the same `feedback_id`. Unreadable records are skipped and logged.
    However a loop ends, the feedback in hand comes again in the next loop. For one thread at a time.

    Raises:
        BrokerUnreachable, NotAuthenticated, NotPermitted, TopicMissing: at the start, in time.
    """

    def __init__(self, where: Where, creditor: str) -> None:
        super().__init__(where, feedback(creditor), "CreditorFeedback", CreditorFeedback.from_record)

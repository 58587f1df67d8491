"""For creditors: what happened to their signals, as far as the law lets them know."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from eropaf_client.cluster import Where, cluster
from eropaf_client.connection import POLL_WAIT_S
from eropaf_client.lifetime import Closing
from eropaf_client.records import EPOCH, EPOCH_UTC, MILLISECOND
from eropaf_client.schemas.aside import Asides
from eropaf_client.schemas.topics import feedback
from eropaf_client.schemas.wire import Codec
from eropaf_client.source import KafkaSource
from eropaf_client.topic_reader import Read, TopicReader
from eropaf_client.wire_enum import WireEnum

LOG = logging.getLogger("eropaf_client")


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


class FeedbackReader(Closing):
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
        at, topic = cluster(where), feedback(creditor)
        codec = Codec("CreditorFeedback", topic, at.registry)
        self._reader = TopicReader(
            KafkaSource(at, [topic], "feedback"),
            {topic: lambda value: CreditorFeedback.from_record(codec.decode(value))},
            lambda aside: LOG.error("%s cannot be used: passed over", aside),
        )
        self._first: Read | None = None

    def close(self) -> None:
        """Stop reading. Idempotent."""
        self._reader.close()

    def __iter__(self) -> Iterator[CreditorFeedback]:
        while True:
            first = self.first(POLL_WAIT_S)
            if first is not None:
                yield first
                self.done(first)

    def first(self, wait_s: float) -> CreditorFeedback | None:
        """Return the first one not dealt with; None if none arrives within `wait_s`."""
        read = self._reader.first(wait_s)
        while read is not None and read.value is None:
            self._reader.done(read)
            read = self._reader.first(0.0)
        self._first = read
        return None if read is None else read.value

    def done(self, feedback: CreditorFeedback) -> None:
        """Mark `feedback` as dealt with. Idempotent."""
        if self._first is not None and self._first.value is feedback:
            self._reader.done(self._first)

    @property
    def asides(self) -> Asides:
        """The records that could not be used; the first of them are in the log."""
        return self._reader.asides

    @property
    def caught_up(self) -> bool:
        """Whether everything stored at the start has been read."""
        return self._reader.caught_up

    def poll(self, wait_s: float) -> list[CreditorFeedback]:
        """Return the feedback that has arrived; wait at most `wait_s` for the first.

        Raises:
            NotAuthenticated, NotPermitted, TopicMissing, ClientBroken: waiting will not help.
        """
        return [each.value for each in self._reader.poll(wait_s) if each.value is not None]

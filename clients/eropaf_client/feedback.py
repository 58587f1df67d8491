"""For creditors: what became of one's own signals, and no more than the law lets one know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from eropaf_client.connection import LOG, USUAL, Timing
from eropaf_client.records import EPOCH, EPOCH_UTC, MILLISECOND
from eropaf_client.schemas.aside import Asides
from eropaf_client.schemas.registry import LocalRegistry, Registry
from eropaf_client.schemas.topics import feedback
from eropaf_client.schemas.wire import Codec
from eropaf_client.source import End, KafkaSource, Source


class SignalStatus(str, Enum):
    """Status of a signal: the eight of DDAS 1.2; UNKNOWN is one that this version does not know."""

    UNKNOWN = "UNKNOWN"
    NOT_YET_PICKED_UP = "NOT_YET_PICKED_UP"
    PICKED_UP = "PICKED_UP"
    KNOWN_AT_DEBT_HELP = "KNOWN_AT_DEBT_HELP"
    DECEASED = "DECEASED"
    NOT_PICKED_UP_REPEATED = "NOT_PICKED_UP_REPEATED"
    NOT_PICKED_UP_UNJUSTIFIED = "NOT_PICKED_UP_UNJUSTIFIED"
    NOT_PICKED_UP_OTHER = "NOT_PICKED_UP_OTHER"
    NOT_A_RESIDENT = "NOT_A_RESIDENT"


@dataclass(frozen=True)
class CreditorFeedback:
    """What became of one signal.

    `reason` is a code of docs/reference/reasons.md that the creditor itself can mend; `collection`
    and `pause_until` say what is asked of the creditor's own collection.
    """

    feedback_id: str
    contract: str
    signal_id: str
    status: SignalStatus
    reason: str | None
    collection: str
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
            collection=record["collection"],
            pause_until=None if until is None else EPOCH + timedelta(days=until),
            at=EPOCH_UTC + record["at"] * MILLISECOND,
        )


class FeedbackReader:
    """Reads a creditor's own feedback from the beginning, and goes on as it comes.

        with FeedbackReader("kafka:9092", "rent") as reader:
            for feedback in reader:
                ...

    The same feedback always has the same `feedback_id`. What cannot be read is passed over, and logged.

    Raises:
        BrokerUnreachable, NotAuthenticated, NotPermitted, TopicMissing: at the start, in time.
    """

    def __init__(
        self,
        bootstrap: str,
        creditor: str,
        registry: Registry | None = None,
        config: Mapping[str, Any] | None = None,
        timing: Timing = USUAL,
        source: Source | None = None,
    ) -> None:
        topic = feedback(creditor)
        self._codec = Codec("CreditorFeedback", topic, registry or LocalRegistry())
        self._source = source or KafkaSource(bootstrap, [topic], "feedback", config, timing)
        self._source.start({})
        self._behind = set(range(self._source.partitions[topic]))
        self.asides = Asides(lambda aside: LOG.error("%s cannot be used: passed over", aside))
        """What could not be used; the first of it is in the log."""

    def __enter__(self) -> FeedbackReader:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop reading. Twice is harmless."""
        self._source.close()

    def __iter__(self) -> Iterator[CreditorFeedback]:
        while True:
            yield from self.poll(1.0)

    @property
    def caught_up(self) -> bool:
        """Whether everything that was there has been read once."""
        return not self._behind

    def poll(self, wait_s: float) -> list[CreditorFeedback]:
        """Return the feedback that is there; wait at most `wait_s` for the first.

        Raises:
            NotAuthenticated, NotPermitted, TopicMissing, ClientBroken: waiting does not help.
        """
        found = []
        for each in self._source.poll(wait_s):
            if isinstance(each, End):
                self._behind.discard(each.partition)
            else:
                told = self.asides.usable(each, self._told)
                found += [] if told is None else [told]
        return found

    def _told(self, value: bytes) -> CreditorFeedback:
        return CreditorFeedback.from_record(self._codec.decode(value))

"""For outreach tools: report outcomes, in the terms of the national exchange model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from eropaf_client.cluster import Where, cluster
from eropaf_client.errors import Fault, InvalidOutcome, NotAcknowledged
from eropaf_client.follow_up import FollowUp
from eropaf_client.follow_up import faults as follow_up_faults
from eropaf_client.lifetime import Closing
from eropaf_client.records import EPOCH, EPOCH_UTC, MILLISECOND
from eropaf_client.schemas.topics import OUTCOMES
from eropaf_client.sending import Acknowledged, Sender
from eropaf_client.validation import encodable, needed, of_type, possible
from eropaf_client.wire_enum import WireEnum


class ContactChannel(WireEnum):
    """How contact was attempted (DDAS contactpoging.soort); UNKNOWN: not known to this version."""

    VISIT = "VISIT"
    PHONE = "PHONE"
    MESSAGE = "MESSAGE"
    LETTER = "LETTER"
    CARD = "CARD"
    EMAIL = "EMAIL"
    APPOINTMENT = "APPOINTMENT"
    ADMINISTRATIVE = "ADMINISTRATIVE"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


class DayPart(WireEnum):
    """Morning until 12, afternoon until 18, evening from 18 o'clock (DDAS dagdeel)."""

    UNKNOWN = "UNKNOWN"
    MORNING = "MORNING"
    AFTERNOON = "AFTERNOON"
    EVENING = "EVENING"


class EndResult(WireEnum):
    """The result that ends a case: the sixteen of DDAS 1.2 (eindresultaat)."""

    UNKNOWN = "UNKNOWN"
    ADVICE = "ADVICE"
    HELP = "HELP"
    HELP_FINANCIAL = "HELP_FINANCIAL"
    HELP_NOT_FINANCIAL = "HELP_NOT_FINANCIAL"
    ARRANGES_ITSELF = "ARRANGES_ITSELF"
    PAID_OR_PLAN = "PAID_OR_PLAN"
    KNOWN_AT_DEBT_HELP = "KNOWN_AT_DEBT_HELP"
    OTHER_TRAJECTORY = "OTHER_TRAJECTORY"
    NO_CONTACT = "NO_CONTACT"
    NO_REACTION = "NO_REACTION"
    REFERRED_WITHOUT_RESIDENT = "REFERRED_WITHOUT_RESIDENT"
    NOT_A_RESIDENT = "NOT_A_RESIDENT"
    DECEASED = "DECEASED"
    NOT_PICKED_UP_REPEATED = "NOT_PICKED_UP_REPEATED"
    NOT_PICKED_UP_UNJUSTIFIED = "NOT_PICKED_UP_UNJUSTIFIED"
    NOT_PICKED_UP_OTHER = "NOT_PICKED_UP_OTHER"


# Results that count as help accepted (Divosa Monitor 2023, ch. 8).
ACCEPTED = frozenset(
    {EndResult.ADVICE, EndResult.HELP, EndResult.HELP_FINANCIAL, EndResult.HELP_NOT_FINANCIAL}
)


# With ids of the longest, a record stays far below the largest that is read.
MOST_SIGNALS_NAMED = 100


@dataclass(frozen=True)
class ContactAttempt:
    """One attempt to reach a household."""

    channel: ContactChannel
    reached: bool
    on: date
    day_part: DayPart = DayPart.UNKNOWN


@dataclass(frozen=True)
class OutreachOutcome:
    """What outreach did or found: at least one of its fields below `at`. `at` is aware (UTC).

    A repeated `outcome_id` counts once, so an outcome can be reported again after a failure. `signals` are
    the ids of the signals that the result is about, as their creditors gave them; none: all that stood on its
    day. `asks_still_open` says that somebody is about to ring or visit: each creditor is asked whether its
    arrears still stand, where the municipality's policy has that.
    """

    outcome_id: str
    household: str
    at: datetime
    picked_up_on: date | None = None
    attempt: ContactAttempt | None = None
    result: EndResult | None = None
    follow_up: FollowUp | None = None
    signals: tuple[str, ...] = ()
    asks_still_open: bool = False

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> OutreachOutcome:
        """Make the outcome from its Avro value."""
        picked_up_on, attempt, result = record["picked_up_on"], record["attempt"], record["result"]
        follow_up = record["follow_up"]
        return cls(
            outcome_id=record["outcome_id"],
            household=record["household"],
            at=EPOCH_UTC + record["at"] * MILLISECOND,
            picked_up_on=None if picked_up_on is None else EPOCH + timedelta(days=picked_up_on),
            attempt=attempt
            and ContactAttempt(
                channel=ContactChannel(attempt["channel"]),
                reached=attempt["reached"],
                on=EPOCH + timedelta(days=attempt["on"]),
                day_part=DayPart(attempt["day_part"]),
            ),
            result=result and EndResult(result),
            follow_up=follow_up and FollowUp.from_record(follow_up),
            signals=tuple(record["signals"]),
            asks_still_open=record["asks_still_open"],
        )

    def to_record(self) -> dict[str, Any]:
        """Return the Avro value: dates as days, instants as milliseconds since 1970 UTC."""
        attempt = self.attempt
        return {
            "outcome_id": self.outcome_id,
            "household": self.household,
            "at": (self.at - EPOCH_UTC) // MILLISECOND,
            "picked_up_on": self.picked_up_on and (self.picked_up_on - EPOCH).days,
            "attempt": attempt
            and {
                "channel": attempt.channel.value,
                "reached": attempt.reached,
                "on": (attempt.on - EPOCH).days,
                "day_part": attempt.day_part.value,
            },
            "result": self.result and self.result.value,
            "follow_up": self.follow_up and self.follow_up.to_record(),
            "signals": list(self.signals),
            "asks_still_open": self.asks_still_open,
        }


class OutcomeReporter(Closing):
    """Reports outcomes on `outreach.outcomes`.

        with OutcomeReporter("kafka:9092") as reporter:
            reporter.report(outcome)

    Raises:
        BrokerUnreachable, NotAuthenticated, NotPermitted, TopicMissing: at the start, in time.
    """

    def __init__(self, where: Where) -> None:
        self._sender = Sender(cluster(where), OUTCOMES, "OutreachOutcome")

    def close(self) -> None:
        """Wait for records in flight."""
        self._sender.close()

    def report(self, outcome: OutreachOutcome) -> Acknowledged:
        """Report one outcome; return when it is stored.

        Raises:
            InvalidOutcome: it was not sent; `field` names what is wrong.
            NotAcknowledged: no answer in time; report it again under the same id.
        """
        wrong = faults(outcome)
        if wrong:
            raise InvalidOutcome(wrong)
        sent = self._sender.store(outcome.household, self._sender.encode(outcome.to_record()))
        if sent.at is None:
            raise NotAcknowledged(f"the outcome was not acknowledged ({sent.error}). Report it again")
        return sent.at


# As `validation.SIGNAL`.
OUTCOME = (
    ("outcome_id", str, False),
    ("household", str, False),
    ("at", datetime, False),
    ("picked_up_on", date, True),
    ("attempt", ContactAttempt, True),
    ("result", EndResult, True),
    ("follow_up", FollowUp, True),
    ("signals", tuple, False),
    ("asks_still_open", bool, False),
)
ATTEMPT = (
    ("channel", ContactChannel, False),
    ("reached", bool, False),
    ("on", date, False),
    ("day_part", DayPart, False),
)


def _signals(outcome: OutreachOutcome) -> Iterator[Fault]:
    if not all(isinstance(each, str) and encodable(each) for each in outcome.signals):
        yield Fault("signals", "wrong-type", "must be a tuple of str, without half a character")
        return
    if outcome.signals and outcome.result is None:
        yield Fault("signals", "signals-without-result", "are those of a result; give one, or none of them")
    if len(outcome.signals) > MOST_SIGNALS_NAMED:
        said = f"at most {MOST_SIGNALS_NAMED}; report the others in another outcome"
        yield Fault("signals", "too-many", said)
    for each in outcome.signals[:MOST_SIGNALS_NAMED]:
        yield from needed("signals", each)


def faults(outcome: OutreachOutcome) -> list[Fault]:
    """Return every fault of `outcome`, each naming its field."""
    wrong = [*of_type(outcome, OUTCOME)]
    if not wrong and outcome.attempt is not None:
        wrong = [*of_type(outcome.attempt, ATTEMPT, "attempt.")]
    if not wrong and outcome.follow_up is not None:
        wrong = [*follow_up_faults(outcome.follow_up)]
    if wrong:
        return wrong
    wrong = [*needed("outcome_id", outcome.outcome_id), *needed("household", outcome.household)]
    wrong += _signals(outcome)
    if outcome.at.tzinfo is None:
        wrong.append(Fault("at", "no-zone", "must say its time zone"))
    else:
        wrong += [*possible("at", (outcome.at - EPOCH_UTC).days)]
    if outcome.picked_up_on is not None:
        wrong += [*possible("picked_up_on", (outcome.picked_up_on - EPOCH).days)]
    if outcome.attempt is not None:
        wrong += [*possible("attempt.on", (outcome.attempt.on - EPOCH).days)]
    if not (outcome.picked_up_on or outcome.attempt or outcome.result or outcome.asks_still_open):
        said = "picked_up_on, attempt, result, asks_still_open"
        wrong.append(Fault(said, "empty-outcome", "give one of them"))
    return wrong

"""Events of a household other than creditors' signals, as values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from eropaf.risk.value import value

EpochDay = int
EpochMs = int
# Of the first four digits of a household's key, which are hexadecimal, and what comes after all keys.
NUMBERS = 16**4
BEYOND = "g"
# Of all partitions together some hundreds of milliseconds, for which what comes in meanwhile waits.
HOUSEHOLDS_OF_A_SLICE = 250


@value(frozen=True, slots=True)
class ContactAttempt:
    """One attempt to reach a household, in the terms of DDAS 1.2."""

    channel: str
    reached: bool
    on: EpochDay
    day_part: str

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> ContactAttempt:
        """Make from its Avro value."""
        return cls(record["channel"], record["reached"], record["on"], record["day_part"])

    def to_record(self) -> dict[str, Any]:
        """Return the Avro value."""
        return {"channel": self.channel, "reached": self.reached, "on": self.on, "day_part": self.day_part}


@value(frozen=True, slots=True)
class Outcome:
    """What outreach found at a household."""

    outcome_id: str
    picked_up_on: EpochDay | None = None
    attempt: ContactAttempt | None = None
    result: str | None = None
    signals: tuple[str, ...] = ()
    """The signals that the result is about, by their creditors' ids; none: all that stood on its day."""

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Outcome:
        """Make from the Avro value of an Outcome, or of an OutreachOutcome."""
        attempt = record["attempt"]
        return cls(
            record["outcome_id"],
            record["picked_up_on"],
            None if attempt is None else ContactAttempt.from_record(attempt),
            record["result"],
            tuple(record["signals"]),
        )

    def to_record(self) -> dict[str, Any]:
        """Return the Avro value."""
        return {
            "outcome_id": self.outcome_id,
            "picked_up_on": self.picked_up_on,
            "attempt": None if self.attempt is None else self.attempt.to_record(),
            "result": self.result,
            "signals": self.signals,
        }


# What a worker may decide, from what puts a household lowest; of a newer version's nobody knows here.
_DECISIONS = ("UNKNOWN", "LOWER", "HOLD", "RAISE")
# Half a year, as long as a signal counts at most: whoever still thinks so looks at it again by then.
LONGEST_OVERRULE_DAYS = 183


@value(frozen=True, slots=True)
class Overrule:
    """A worker's decision on the band: RAISE, LOWER or HOLD, up to and including its date."""

    kind: str
    until: EpochDay
    reason: str

    def outweighs(self, other: Overrule) -> bool:
        """Return whether this one holds of two of one moment, whichever arrived first."""
        mine, others = (_DECISIONS.index(each.kind) for each in (self, other))
        return (mine, self.until, self.reason) > (others, other.until, other.reason)

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Overrule:
        """Make from its Avro value."""
        return cls(record["kind"], record["until"], record["reason"])

    def to_record(self) -> dict[str, Any]:
        """Return the Avro value."""
        return {"kind": self.kind, "until": self.until, "reason": self.reason}


@value(frozen=True, slots=True)
class Tick:
    """A new day, for the households of one slice of a partition.

    Without slices it concerns no household yet: the first slice follows once their number is known.
    """

    on: EpochDay
    slice: int
    slices: int

    @property
    def reach(self) -> tuple[str, str]:
        """The slice's bounds in the order of keys, the upper one exclusive."""
        if not self.slices:
            return BEYOND, BEYOND
        begins, ends = (NUMBERS * number // self.slices for number in (self.slice, self.slice + 1))
        return f"{begins:04x}", f"{ends:04x}" if ends < NUMBERS else BEYOND

    def among(self, households: Iterable[str]) -> list[str]:
        """Return those of the slice."""
        begins, ends = self.reach
        return [household for household in households if begins <= household < ends]

    def follow(self, households: int) -> Tick | None:
        """Return the next tick in a partition with this many households; None after the last slice."""
        if not self.slices:
            return Tick(self.on, 0, max(1, min(NUMBERS, -(-households // HOUSEHOLDS_OF_A_SLICE))))
        return Tick(self.on, self.slice + 1, self.slices) if self.slice + 1 < self.slices else None

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Tick:
        """Make from its Avro value."""
        return cls(record["on"], record["slice"], record["slices"])

    def to_record(self) -> dict[str, Any]:
        """Return the Avro value."""
        return {"on": self.on, "slice": self.slice, "slices": self.slices}


@value(frozen=True, slots=True)
class ResidencyTick:
    """Time passes for signals that wait for the register, and for what is known of residents.

    Signals stored before a moment are answered and forgotten; so are contracts, unanswered, without a signal
    since a day, if one is given.
    """

    tick: Tick
    stored_before: EpochMs
    sent_before: EpochDay | None = None

    def follow(self, residents: int) -> ResidencyTick | None:
        """Return the next tick in a partition with this many residents; None after the last slice."""
        following = self.tick.follow(residents)
        return None if following is None else ResidencyTick(following, self.stored_before, self.sent_before)

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> ResidencyTick:
        """Make from its Avro value."""
        return cls(Tick.from_record(record["tick"]), record["stored_before"], record["sent_before"])

    def to_record(self) -> dict[str, Any]:
        """Return the Avro value."""
        return {
            "tick": self.tick.to_record(),
            "stored_before": self.stored_before,
            "sent_before": self.sent_before,
        }


@value(frozen=True, slots=True)
class PolicyActivated:
    """From here on, this policy is in force. A version's text never changes."""

    version: str
    text: str
    at: EpochMs

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> PolicyActivated:
        """Make from its Avro value."""
        return cls(record["version"], record["text"], record["at"])

    def to_record(self) -> dict[str, Any]:
        """Return the Avro value."""
        return {"version": self.version, "text": self.text, "at": self.at}

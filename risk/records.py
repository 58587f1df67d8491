"""The records as values: what the rules take and give. Dictionaries stop here.

Each class has `from_record` and `to_record`, the only places that know the names in the schemas.
They are on the path of every event, so they are plain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from risk.refusal import Reason, Refused

EpochDay = int
EpochMs = int

DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Address:
    """A normalised Dutch address: 1011AB, 12, HS."""

    postcode: str
    house_number: int
    addition: str

    @property
    def area(self) -> str:
        """Four digits of the postcode: the area that an outreach team works in."""
        return self.postcode[:4]

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Address:
        """Make from its Avro value."""
        return cls(record["postcode"], record["house_number"], record["addition"])

    def to_record(self) -> dict[str, Any]:
        """Give the Avro value."""
        return {
            "postcode": self.postcode,
            "house_number": self.house_number,
            "addition": self.addition,
        }


@dataclass(frozen=True, slots=True)
class Signal:
    """What one creditor says of one contract. Own effort is kept as it came, for later rules."""

    signal_id: str
    creditor: str
    contract: str
    kind: str
    partner_type: str
    amount_cents: int
    monthly_bill_cents: int | None
    arrears_since: EpochDay | None
    reported_at: EpochMs
    version: int
    own_effort: dict[str, Any] | None
    crisis_kind: str | None
    crisis_on: EpochDay | None
    handover_wish: bool

    @classmethod
    def from_record(cls, record: dict[str, Any], creditor: str | None = None) -> Signal:
        """Make from the Avro value of a Signal, or of an ArrearsSignal that `creditor` published."""
        crisis = record["crisis"]
        return cls(
            record["signal_id"],
            record["creditor"] if creditor is None else creditor,
            record["contract"],
            record["kind"],
            record["partner_type"],
            record["amount_cents"],
            record["monthly_bill_cents"],
            record["arrears_since"],
            record["reported_at"],
            record["version"],
            record["own_effort"],
            None if crisis is None else crisis["kind"],
            None if crisis is None else crisis["on"],
            record["handover_wish"],
        )

    def to_record(self) -> dict[str, Any]:
        """Give the Avro value."""
        return {
            "signal_id": self.signal_id,
            "creditor": self.creditor,
            "contract": self.contract,
            "kind": self.kind,
            "partner_type": self.partner_type,
            "amount_cents": self.amount_cents,
            "monthly_bill_cents": self.monthly_bill_cents,
            "arrears_since": self.arrears_since,
            "reported_at": self.reported_at,
            "version": self.version,
            "own_effort": self.own_effort,
            "crisis": None if self.crisis_kind is None else {"kind": self.crisis_kind, "on": self.crisis_on},
            "handover_wish": self.handover_wish,
        }


@dataclass(frozen=True, slots=True)
class HouseholdEvent:
    """One thing that happened to a household; so far: a creditor's signal."""

    household: str
    event_id: str
    at: EpochMs
    address: Address
    signal: Signal

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> HouseholdEvent:
        """Make from its Avro value.

        Raises:
            Refused: the event is of a kind that this version does not know.
        """
        if record["signal"] is None or record["address"] is None:
            raise Refused(Reason.UNKNOWN_EVENT, "the event is of a kind that this version does not know")
        return cls(
            record["household"],
            record["event_id"],
            record["at"],
            Address.from_record(record["address"]),
            Signal.from_record(record["signal"]),
        )

    def to_record(self) -> dict[str, Any]:
        """Give the Avro value."""
        return {
            "household": self.household,
            "event_id": self.event_id,
            "at": self.at,
            "address": self.address.to_record(),
            "signal": self.signal.to_record(),
        }


@dataclass(frozen=True, slots=True)
class UnresolvedSignal:
    """A signal on a BSN, on its way to meet the register."""

    resident: str
    event_id: str
    signal: Signal

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> UnresolvedSignal:
        """Make from its Avro value."""
        return cls(record["resident"], record["event_id"], Signal.from_record(record["signal"]))

    def to_record(self) -> dict[str, Any]:
        """Give the Avro value."""
        return {"resident": self.resident, "event_id": self.event_id, "signal": self.signal.to_record()}


@dataclass(frozen=True, slots=True)
class Position:
    """What one creditor last said of one contract."""

    creditor: str
    contract: str
    partner_type: str
    kind: str
    amount_cents: int
    monthly_bill_cents: int | None
    reported_at: EpochMs
    version: int
    signal_id: str
    crisis: bool
    crisis_on: EpochDay | None

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Position:
        """Make from its Avro value."""
        return cls(
            record["creditor"],
            record["contract"],
            record["partner_type"],
            record["kind"],
            record["amount_cents"],
            record["monthly_bill_cents"],
            record["reported_at"],
            record["version"],
            record["signal_id"],
            record["crisis"],
            record["crisis_on"],
        )

    def to_record(self) -> dict[str, Any]:
        """Give the Avro value."""
        return {
            "creditor": self.creditor,
            "contract": self.contract,
            "partner_type": self.partner_type,
            "kind": self.kind,
            "amount_cents": self.amount_cents,
            "monthly_bill_cents": self.monthly_bill_cents,
            "reported_at": self.reported_at,
            "version": self.version,
            "signal_id": self.signal_id,
            "crisis": self.crisis,
            "crisis_on": self.crisis_on,
        }


@dataclass(frozen=True, slots=True)
class HouseholdRow:
    """State kept per household. Positions are ordered by creditor and contract."""

    address: Address
    at: EpochMs
    sequence: int
    positions: tuple[Position, ...]

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> HouseholdRow:
        """Make from its Avro value."""
        return cls(
            Address.from_record(record["address"]),
            record["at"],
            record["sequence"],
            tuple([Position.from_record(position) for position in record["positions"]]),
        )

    def to_record(self) -> dict[str, Any]:
        """Give the Avro value."""
        return {
            "address": self.address.to_record(),
            "at": self.at,
            "sequence": self.sequence,
            "positions": [position.to_record() for position in self.positions],
        }


@dataclass(frozen=True, slots=True)
class HouseholdRisk:
    """How urgently help is needed at one household, after one event."""

    household: str
    sequence: int
    address: Address
    score: int
    open_positions: int
    creditors: int
    months_behind: int
    threatening: bool
    crisis_on: EpochDay | None
    ended_by: str
    policy_version: str
    at: EpochMs

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> HouseholdRisk:
        """Make from its Avro value."""
        return cls(
            record["household"],
            record["sequence"],
            Address.from_record(record["address"]),
            record["score"],
            record["open_positions"],
            record["creditors"],
            record["months_behind"],
            record["threatening"],
            record["crisis_on"],
            record["ended_by"],
            record["policy_version"],
            record["at"],
        )

    def to_record(self) -> dict[str, Any]:
        """Give the Avro value."""
        return {
            "household": self.household,
            "sequence": self.sequence,
            "address": self.address.to_record(),
            "score": self.score,
            "open_positions": self.open_positions,
            "creditors": self.creditors,
            "months_behind": self.months_behind,
            "threatening": self.threatening,
            "crisis_on": self.crisis_on,
            "ended_by": self.ended_by,
            "policy_version": self.policy_version,
            "at": self.at,
        }


@dataclass(frozen=True, slots=True)
class RankingRow:
    """State kept per household: what outreach was last told."""

    sequence: int
    band: str
    respond_by: EpochDay | None
    risk_sequence: int

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> RankingRow:
        """Make from its Avro value."""
        return cls(record["sequence"], record["band"], record["respond_by"], record["risk_sequence"])

    def to_record(self) -> dict[str, Any]:
        """Give the Avro value."""
        return {
            "sequence": self.sequence,
            "band": self.band,
            "respond_by": self.respond_by,
            "risk_sequence": self.risk_sequence,
        }


@dataclass(frozen=True, slots=True)
class PriorityUpdate:
    """A household crossed a threshold: who, where, how urgent, by when. Never why."""

    update_id: str
    household: str
    sequence: int
    address: Address
    urgency: int
    band: str
    respond_by: EpochDay | None
    change: str
    policy_version: str
    event_at: EpochMs

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> PriorityUpdate:
        """Make from its Avro value."""
        return cls(
            record["update_id"],
            record["household"],
            record["sequence"],
            Address.from_record(record["address"]),
            record["urgency"],
            record["band"],
            record["respond_by"],
            record["change"],
            record["policy_version"],
            record["event_at"],
        )

    def to_record(self) -> dict[str, Any]:
        """Give the Avro value."""
        return {
            "update_id": self.update_id,
            "household": self.household,
            "sequence": self.sequence,
            "address": self.address.to_record(),
            "area": self.address.area,
            "urgency": self.urgency,
            "band": self.band,
            "respond_by": self.respond_by,
            "change": self.change,
            "policy_version": self.policy_version,
            "event_at": self.event_at,
        }


@dataclass(frozen=True, slots=True)
class Waiting:
    """A signal that waits for an address. `timestamp_ms` is that of the creditor's record."""

    event_id: str
    timestamp_ms: EpochMs
    signal: Signal


@dataclass(frozen=True, slots=True)
class ResidentRow:
    """State kept per resident key: the last known address, or the signals that wait for one."""

    address: Address | None
    waiting: tuple[Waiting, ...]

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> ResidentRow:
        """Make from its Avro value."""
        address = record["address"]
        return cls(
            None if address is None else Address.from_record(address),
            tuple(
                Waiting(entry["event_id"], entry["timestamp_ms"], Signal.from_record(entry["signal"]))
                for entry in record["waiting"]
            ),
        )

    def to_record(self) -> dict[str, Any]:
        """Give the Avro value."""
        return {
            "address": None if self.address is None else self.address.to_record(),
            "waiting": [
                {
                    "event_id": entry.event_id,
                    "timestamp_ms": entry.timestamp_ms,
                    "signal": entry.signal.to_record(),
                }
                for entry in self.waiting
            ],
        }

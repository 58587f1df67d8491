"""The records as values: what the rules take and give. Dictionaries stop here.

Each class has `from_record` and `to_record`, the only places that know the names in the schemas.
They are on the path of every event, so they are plain.
"""

from __future__ import annotations

from typing import Any

from risk.events import EpochDay, EpochMs, Outcome, Overrule, PolicyActivated, Tick
from risk.frozen import dataclass
from risk.refusal import Reason, Refused

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
class Departure:
    """The resident behind a contract left, for `household` at `address` or (None) the municipality."""

    creditor: str
    contract: str
    household: str | None
    address: Address | None

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Departure:
        """Make from its Avro value."""
        address = record["address"]
        return cls(
            record["creditor"],
            record["contract"],
            record["household"],
            None if address is None else Address.from_record(address),
        )

    def to_record(self) -> dict[str, Any]:
        """Give the Avro value."""
        return {
            "creditor": self.creditor,
            "contract": self.contract,
            "household": self.household,
            "address": None if self.address is None else self.address.to_record(),
        }


@dataclass(frozen=True, slots=True)
class MinorChildren:
    """Whether minor children live at an address, by the register's entry of one resident."""

    resident: str
    at_home: bool

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> MinorChildren:
        """Make from its Avro value."""
        return cls(record["resident"], record["at_home"])

    def to_record(self) -> dict[str, Any]:
        """Give the Avro value."""
        return {"resident": self.resident, "at_home": self.at_home}


# The address of what is of no household.
NOWHERE = Address("", 0, "")


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
    """One thing that happened to a household: the one of the fields below `address` that is filled.

    `objects` says whether an objection stands from here on, `erased_on` when erasure was asked for.
    """

    household: str
    event_id: str
    at: EpochMs
    address: Address | None = None
    signal: Signal | None = None
    outcome: Outcome | None = None
    overrule: Overrule | None = None
    objects: bool | None = None
    erased_on: EpochDay | None = None
    departure: Departure | None = None
    tick: Tick | None = None
    policy: PolicyActivated | None = None
    minor_children: MinorChildren | None = None

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> HouseholdEvent:
        """Make from its Avro value.

        Raises:
            Refused: the event is of a kind that this version does not know.
        """
        address, signal = record["address"], record["signal"]
        if signal is not None and address is not None:
            return cls(
                record["household"],
                record["event_id"],
                record["at"],
                Address.from_record(address),
                Signal.from_record(signal),
            )
        return cls._without_signal(record)

    def for_household(self, household: str) -> HouseholdEvent:
        """Give this event, which is for many, as one of them gets it."""
        return HouseholdEvent(household, self.event_id, self.at, tick=self.tick)

    @classmethod
    def _without_signal(cls, record: dict[str, Any]) -> HouseholdEvent:
        kinds = (
            "outcome", "overrule", "objection", "erasure", "departure", "tick", "policy", "minor_children",
        )  # fmt: skip
        filled = [kind for kind in kinds if record[kind] is not None]
        if len(filled) != 1:
            raise Refused(Reason.UNKNOWN_EVENT, "the event is of a kind that this version does not know")
        value = record[filled[0]]
        head = (record["household"], record["event_id"], record["at"])
        if filled[0] == "outcome":
            return cls(*head, outcome=Outcome.from_record(value))
        if filled[0] == "overrule":
            return cls(*head, overrule=Overrule.from_record(value))
        if filled[0] == "objection":
            # Somebody may object of whom nothing is known yet: then the address comes along.
            address = record["address"]
            return cls(*head, address and Address.from_record(address), objects=value["stands"])
        if filled[0] == "erasure":
            return cls(*head, erased_on=value["requested_on"])
        if filled[0] == "departure":
            return cls(*head, departure=Departure.from_record(value))
        if filled[0] == "tick":
            return cls(*head, tick=Tick.from_record(value))
        if filled[0] == "minor_children":
            address = record["address"]
            children = MinorChildren.from_record(value)
            return cls(*head, address and Address.from_record(address), minor_children=children)
        return cls(*head, policy=PolicyActivated.from_record(value))

    def to_record(self) -> dict[str, Any]:
        """Give the Avro value."""
        return {
            "household": self.household,
            "event_id": self.event_id,
            "at": self.at,
            "address": None if self.address is None else self.address.to_record(),
            "signal": None if self.signal is None else self.signal.to_record(),
            "outcome": None if self.outcome is None else self.outcome.to_record(),
            "overrule": None if self.overrule is None else self.overrule.to_record(),
            "objection": None if self.objects is None else {"stands": self.objects},
            "erasure": None if self.erased_on is None else {"requested_on": self.erased_on},
            "departure": None if self.departure is None else self.departure.to_record(),
            "tick": None if self.tick is None else self.tick.to_record(),
            "policy": None if self.policy is None else self.policy.to_record(),
            "minor_children": None if self.minor_children is None else self.minor_children.to_record(),
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
    """What one creditor last said of one contract, and what was done about it.

    `crisis` says that a threatening situation stands, `crisis_on` when that, or the end of a
    delivery, happens. Growth is measured from `first_cents`, the amount of the lowest version seen.
    Up to `handled_cents` arrears are a repeat of what a case was about, until `handled_until`.
    """

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
    arrears_since: EpochDay | None = None
    first_version: int | None = None
    first_cents: int | None = None
    handled_cents: int | None = None
    handled_until: EpochDay | None = None
    crisis_kind: str | None = None
    handover: bool = False

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
            record["arrears_since"],
            record["first_version"],
            record["first_cents"],
            record["handled_cents"],
            record["handled_until"],
            record["crisis_kind"],
            record["handover"],
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
            "arrears_since": self.arrears_since,
            "first_version": self.first_version,
            "first_cents": self.first_cents,
            "handled_cents": self.handled_cents,
            "handled_until": self.handled_until,
            "crisis_kind": self.crisis_kind,
            "handover": self.handover,
        }


@dataclass(frozen=True, slots=True)
class PartitionRow:
    """What holds for a whole partition: its policy. Rests under the key `*` of a stage's table."""

    policy: PolicyActivated
    sequence: int

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> PartitionRow:
        """Make from the Avro value of a HouseholdRow or RankingRow whose `policy` is filled."""
        return cls(PolicyActivated.from_record(record["policy"]), record["sequence"])

    def to_record(self) -> dict[str, Any]:
        """Give the Avro value, as a HouseholdRow and as a RankingRow alike."""
        return {
            "address": NOWHERE.to_record(),
            "at": self.policy.at,
            "sequence": self.sequence,
            "band": "NONE",
            "risk_sequence": 0,
            "policy": self.policy.to_record(),
        }


@dataclass(frozen=True, slots=True)
class HouseholdRow:
    """State kept per household. Positions are ordered by creditor and contract.

    `at` is the newest event time seen; `looked_on` the newest day to which time has passed beside
    it; `due_on` the next day on which time alone changes something. `months` are counted from
    January 1970. `minor_children` are the residents whose entries in the register say that minor
    children live here. `sequence` is zero where the register alone has spoken.
    """

    address: Address
    at: EpochMs
    sequence: int
    positions: tuple[Position, ...]
    months: tuple[int, ...] = ()
    picked_up_on: EpochDay | None = None
    handled_by: str | None = None
    outcomes: tuple[str, ...] = ()
    objected: bool = False
    overrule: Overrule | None = None
    looked_on: EpochDay | None = None
    due_on: EpochDay | None = None
    settle_on: EpochDay | None = None
    policy_version: str = ""
    minor_children: tuple[str, ...] = ()

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> HouseholdRow:
        """Make from its Avro value."""
        overrule = record["overrule"]
        return cls(
            Address.from_record(record["address"]),
            record["at"],
            record["sequence"],
            tuple([Position.from_record(position) for position in record["positions"]]),
            tuple(record["months"]),
            record["picked_up_on"],
            record["handled_by"],
            tuple(record["outcomes"]),
            record["objected"],
            None if overrule is None else Overrule.from_record(overrule),
            record["looked_on"],
            record["due_on"],
            record["settle_on"],
            record["policy_version"],
            tuple(record["minor_children"]),
        )

    def to_record(self) -> dict[str, Any]:
        """Give the Avro value."""
        return {
            "address": self.address.to_record(),
            "at": self.at,
            "sequence": self.sequence,
            "positions": [position.to_record() for position in self.positions],
            "months": self.months,
            "picked_up_on": self.picked_up_on,
            "handled_by": self.handled_by,
            "outcomes": self.outcomes,
            "objected": self.objected,
            "overrule": None if self.overrule is None else self.overrule.to_record(),
            "looked_on": self.looked_on,
            "due_on": self.due_on,
            "settle_on": self.settle_on,
            "policy_version": self.policy_version,
            "minor_children": self.minor_children,
        }


@dataclass(frozen=True, slots=True)
class HouseholdRisk:
    """How urgently help is needed at one household, after one event.

    Under the key `*` it says only that another policy holds from here on.
    """

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
    overrule: str | None = None
    policy: PolicyActivated | None = None

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> HouseholdRisk:
        """Make from its Avro value."""
        policy = record["policy"]
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
            record["overrule"],
            None if policy is None else PolicyActivated.from_record(policy),
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
            "overrule": self.overrule,
            "policy": None if self.policy is None else self.policy.to_record(),
        }


@dataclass(frozen=True, slots=True)
class RankingRow:
    """State kept per household: what outreach was last told.

    `points_band` is the band that the points alone give, while a worker has overruled it.
    """

    sequence: int
    band: str
    respond_by: EpochDay | None
    risk_sequence: int
    lowered_on: EpochDay | None = None
    points_band: str | None = None

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> RankingRow:
        """Make from its Avro value."""
        return cls(
            record["sequence"],
            record["band"],
            record["respond_by"],
            record["risk_sequence"],
            record["lowered_on"],
            record["points_band"],
        )

    def to_record(self) -> dict[str, Any]:
        """Give the Avro value."""
        return {
            "sequence": self.sequence,
            "band": self.band,
            "respond_by": self.respond_by,
            "risk_sequence": self.risk_sequence,
            "lowered_on": self.lowered_on,
            "points_band": self.points_band,
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
    overruled: bool = False

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
            record["overruled"],
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
            "overruled": self.overruled,
        }


@dataclass(frozen=True, slots=True)
class Waiting:
    """A signal that waits for an address. `timestamp_ms` is that of the creditor's record."""

    event_id: str
    timestamp_ms: EpochMs
    signal: Signal

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Waiting:
        """Make from its Avro value."""
        return cls(record["event_id"], record["timestamp_ms"], Signal.from_record(record["signal"]))

    def to_record(self) -> dict[str, Any]:
        """Give the Avro value."""
        return {
            "event_id": self.event_id,
            "timestamp_ms": self.timestamp_ms,
            "signal": self.signal.to_record(),
        }


@dataclass(frozen=True, slots=True)
class ResidentRow:
    """State kept per resident key: the last known address, or the signals that wait for one.

    `sent` are the contracts, by creditor and reference, whose signals went to the address.
    `minor_children` is what the register's last entry said.
    """

    address: Address | None
    waiting: tuple[Waiting, ...]
    sent: tuple[tuple[str, str], ...] = ()
    minor_children: bool = False

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> ResidentRow:
        """Make from its Avro value."""
        address = record["address"]
        return cls(
            None if address is None else Address.from_record(address),
            tuple([Waiting.from_record(entry) for entry in record["waiting"]]),
            tuple([(sent["creditor"], sent["contract"]) for sent in record["sent"]]),
            record["minor_children"],
        )

    def to_record(self) -> dict[str, Any]:
        """Give the Avro value."""
        return {
            "address": None if self.address is None else self.address.to_record(),
            "waiting": [entry.to_record() for entry in self.waiting],
            "sent": [{"creditor": creditor, "contract": contract} for creditor, contract in self.sent],
            "minor_children": self.minor_children,
        }

"""Input as values: signals, and all other household events. Dictionaries stop here.

Each class has `from_record` and `to_record`, the only places that know the schemas' field names. They are on
the path of every event, so they are plain.
"""

from __future__ import annotations

from typing import Any

from eropaf.risk.events import EpochDay, EpochMs, Outcome, Overrule, PolicyActivated, Tick
from eropaf.risk.value import by_name, value
from eropaf_client.schemas.epoch import DAY_MS as DAY_MS  # who counts with records, counts with it


@value(frozen=True, slots=True)
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
        """Return the Avro value."""
        return {
            "postcode": self.postcode,
            "house_number": self.house_number,
            "addition": self.addition,
        }


@value(frozen=True, slots=True)
class Departure:
    """The resident behind a contract left for `household` at `address`, or (None) left the municipality.

    An empty contract means the resident `resident_key`, whatever contracts are known. With `address_unknown`
    nobody left: there is no such address.
    """

    creditor: str
    contract: str
    household: str | None
    address: Address | None
    resident_key: str | None = None
    address_unknown: bool = False

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Departure:
        """Make from its Avro value."""
        address = record["address"]
        return cls(
            record["creditor"],
            record["contract"],
            record["household"],
            None if address is None else Address.from_record(address),
            record["resident_key"],
            record["address_unknown"],
        )

    def to_record(self) -> dict[str, Any]:
        """Return the Avro value."""
        return {
            "creditor": self.creditor,
            "contract": self.contract,
            "household": self.household,
            "address": None if self.address is None else self.address.to_record(),
            "resident_key": self.resident_key,
            "address_unknown": self.address_unknown,
        }


@value(frozen=True, slots=True)
class MinorChildren:
    """Whether minor children live at an address, by one resident's entry in the register."""

    resident: str
    at_home: bool

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> MinorChildren:
        """Make from its Avro value."""
        return cls(record["resident"], record["at_home"])

    def to_record(self) -> dict[str, Any]:
        """Return the Avro value."""
        return {"resident": self.resident, "at_home": self.at_home}


# What anybody reports may be dated ahead by so much, and no more: clocks differ, and a date without a time is
# midnight of some zone. A broker's clock and a sender's differ by less than as much again.
FUTURE_TOLERANCE_MS = DAY_MS

# The address of what is of no household.
NOWHERE = Address("", 0, "")


@value(frozen=True, slots=True)
class Signal:
    """What one creditor says about one contract. Own effort is kept unchanged, for later rules."""

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
    resident_key: str | None = None

    @classmethod
    def from_record(cls, record: dict[str, Any], creditor: str | None = None) -> Signal:
        """Make from the Avro value of a Signal, or of an ArrearsSignal that `creditor` published."""
        crisis = record["crisis"]
        return new_signal(
            signal_id=record["signal_id"],
            creditor=record["creditor"] if creditor is None else creditor,
            contract=record["contract"],
            kind=record["kind"],
            partner_type=record["partner_type"],
            amount_cents=record["amount_cents"],
            monthly_bill_cents=record["monthly_bill_cents"],
            arrears_since=record["arrears_since"],
            reported_at=record["reported_at"],
            version=record["version"],
            own_effort=record["own_effort"],
            crisis_kind=None if crisis is None else crisis["kind"],
            crisis_on=None if crisis is None else crisis["on"],
            handover_wish=record["handover_wish"],
            # A creditor's own record knows no keys.
            resident_key=record.get("resident_key"),
        )

    def to_record(self) -> dict[str, Any]:
        """Return the Avro value."""
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
            "resident_key": self.resident_key,
        }


new_signal = by_name(Signal)


@value(frozen=True, slots=True)
class HouseholdEvent:
    """One thing that happened to a household: exactly one field below `address` is set.

    If none is set, the kind is unknown to this version. `objection_stands` says whether an objection stands
    from here on, `objector` whose it is, by key; None: the residents of the address. `moved_at` is set beside
    a signal that came along with whoever moved here. `forwarded` says, of a resident, that another
    municipality has the signal of the record `event_id` now.
    """

    household: str
    event_id: str
    at: EpochMs
    address: Address | None = None
    signal: Signal | None = None
    outcome: Outcome | None = None
    overrule: Overrule | None = None
    objection_stands: bool | None = None
    erasure_requested_on: EpochDay | None = None
    departure: Departure | None = None
    tick: Tick | None = None
    policy: PolicyActivated | None = None
    minor_children: MinorChildren | None = None
    objector: str | None = None
    asks_still_open: bool = False
    moved_at: EpochMs | None = None
    forwarded: bool = False

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> HouseholdEvent:
        """Make from its Avro value."""
        address, signal, outcome = record["address"], record["signal"], record["outcome"]
        overrule, departure, policy = record["overrule"], record["departure"], record["policy"]
        objection, erasure = record["objection"], record["erasure"]
        tick, children = record["tick"], record["minor_children"]
        return new_event(
            household=record["household"],
            event_id=record["event_id"],
            at=record["at"],
            address=None if address is None else Address.from_record(address),
            signal=None if signal is None else Signal.from_record(signal),
            outcome=None if outcome is None else Outcome.from_record(outcome),
            overrule=None if overrule is None else Overrule.from_record(overrule),
            objection_stands=None if objection is None else objection["stands"],
            erasure_requested_on=None if erasure is None else erasure["requested_on"],
            departure=None if departure is None else Departure.from_record(departure),
            tick=None if tick is None else Tick.from_record(tick),
            policy=None if policy is None else PolicyActivated.from_record(policy),
            minor_children=None if children is None else MinorChildren.from_record(children),
            objector=None if objection is None else objection["resident_key"],
            asks_still_open=bool(record["asks_still_open"]),
            moved_at=record["moved_at"],
            forwarded=bool(record["forwarded"]),
        )

    def for_household(self, household: str) -> HouseholdEvent:
        """Return this event, addressed to many, as addressed to one household."""
        return HouseholdEvent(household, self.event_id, self.at, tick=self.tick)

    def to_record(self) -> dict[str, Any]:
        """Return the Avro value."""
        return {
            "household": self.household,
            "event_id": self.event_id,
            "at": self.at,
            "address": None if self.address is None else self.address.to_record(),
            "signal": None if self.signal is None else self.signal.to_record(),
            "outcome": None if self.outcome is None else self.outcome.to_record(),
            "overrule": None if self.overrule is None else self.overrule.to_record(),
            "objection": None
            if self.objection_stands is None
            else {"stands": self.objection_stands, "resident_key": self.objector},
            "erasure": None
            if self.erasure_requested_on is None
            else {"requested_on": self.erasure_requested_on},
            "departure": None if self.departure is None else self.departure.to_record(),
            "tick": None if self.tick is None else self.tick.to_record(),
            "policy": None if self.policy is None else self.policy.to_record(),
            "minor_children": None if self.minor_children is None else self.minor_children.to_record(),
            "asks_still_open": True if self.asks_still_open else None,
            "moved_at": self.moved_at,
            "forwarded": True if self.forwarded else None,
        }


new_event = by_name(HouseholdEvent)


@value(frozen=True, slots=True)
class UnresolvedSignal:
    """A signal with a BSN, on its way to be resolved."""

    resident: str
    event_id: str
    signal: Signal

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> UnresolvedSignal:
        """Make from its Avro value."""
        return cls(record["resident"], record["event_id"], Signal.from_record(record["signal"]))

    def to_record(self) -> dict[str, Any]:
        """Return the Avro value."""
        return {"resident": self.resident, "event_id": self.event_id, "signal": self.signal.to_record()}

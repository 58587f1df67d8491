"""The tables' rows as values: what is kept about a household, a resident and a partition."""

from __future__ import annotations

from typing import Any

from eropaf.risk.events import EpochDay, EpochMs, Overrule, PolicyActivated
from eropaf.risk.records import NOWHERE, Address, Signal
from eropaf.risk.value import by_name, value


@value(frozen=True, slots=True)
class Position:
    """What one creditor last said about one contract, and what was done about it.

    `crisis` says that a threatening situation exists, `crisis_on` when that, or the end of a delivery,
    happens. Growth is measured from `first_cents`, the amount of the lowest version seen. Until
    `handled_until`, arrears up to `handled_cents` repeat an earlier case, which ended with the result
    `handled_by` of the moment `handled_at`; until then, too, it is kept what a result closed. Since
    `stood_since` (None: since `reported_at`) the creditor has said nothing worse. `agreed` says that the
    resident agreed to be passed on; `resident_key` whose arrears they are, if known.
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
    agreed: bool = False
    resident_key: str | None = None
    handled_at: EpochMs | None = None
    handled_by: str | None = None
    stood_since: EpochMs | None = None

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Position:
        """Make from its Avro value."""
        return new_position(
            creditor=record["creditor"],
            contract=record["contract"],
            partner_type=record["partner_type"],
            kind=record["kind"],
            amount_cents=record["amount_cents"],
            monthly_bill_cents=record["monthly_bill_cents"],
            reported_at=record["reported_at"],
            version=record["version"],
            signal_id=record["signal_id"],
            crisis=record["crisis"],
            crisis_on=record["crisis_on"],
            arrears_since=record["arrears_since"],
            first_version=record["first_version"],
            first_cents=record["first_cents"],
            handled_cents=record["handled_cents"],
            handled_until=record["handled_until"],
            crisis_kind=record["crisis_kind"],
            handover=record["handover"],
            agreed=record["agreed"],
            resident_key=record["resident_key"],
            handled_at=record["handled_at"],
            handled_by=record["handled_by"],
            stood_since=record["stood_since"],
        )

    def to_record(self) -> dict[str, Any]:
        """Return the Avro value."""
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
            "agreed": self.agreed,
            "resident_key": self.resident_key,
            "handled_at": self.handled_at,
            "handled_by": self.handled_by,
            "stood_since": self.stood_since,
        }


new_position = by_name(Position)


@value(frozen=True, slots=True)
class PartitionRow:
    """A partition's policy, stored under the key `*` of a stage's table."""

    policy: PolicyActivated
    sequence: int

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> PartitionRow:
        """Make from the Avro value of a HouseholdRow or RankingRow whose `policy` is filled."""
        return cls(PolicyActivated.from_record(record["policy"]), record["sequence"])

    def to_record(self) -> dict[str, Any]:
        """Return the Avro value, as a HouseholdRow and as a RankingRow alike."""
        return {
            "address": NOWHERE.to_record(),
            "at": self.policy.at,
            "sequence": self.sequence,
            "band": "NONE",
            "risk_sequence": 0,
            "policy": self.policy.to_record(),
        }


@value(frozen=True, slots=True)
class HouseholdRow:
    """State kept per household. Positions are ordered by creditor and contract.

    `at` is the newest event time seen; `looked_on` the newest day announced since; `due_on` the next day on
    which time alone changes something. `months` are counted from January 1970. `reached_on` is the newest day
    on which outreach spoke with somebody; `objectors` are the keys of residents who object, `objectors_at`
    the moments of their words. `homes` are the contracts of the home to which `objected` applies, as far as
    creditors have named them; `homes_since` those named later, and `in_doubt_since` the day since which who
    objects may have left. `erased_at` is the moment of the newest erasure. `handled_at`,
    `overruled_at` and `objected_at` are the moments of the newest result, decision and word on the address's
    objection: an older one that arrives later changes nothing. `minor_children` are the residents whose
    register entries say that minor children live here. `sequence` is zero if only the register has spoken.
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
    reached_on: EpochDay | None = None
    objectors: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()
    handled_at: EpochMs | None = None
    overruled_at: EpochMs | None = None
    objected_at: EpochMs | None = None
    homes_since: tuple[str, ...] = ()
    in_doubt_since: EpochDay | None = None
    erased_at: EpochMs | None = None
    objectors_at: tuple[EpochMs, ...] = ()

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> HouseholdRow:
        """Make from its Avro value."""
        overrule = record["overrule"]
        return new_household_row(
            address=Address.from_record(record["address"]),
            at=record["at"],
            sequence=record["sequence"],
            positions=tuple([Position.from_record(position) for position in record["positions"]]),
            months=tuple(record["months"]),
            picked_up_on=record["picked_up_on"],
            handled_by=record["handled_by"],
            outcomes=tuple(record["outcomes"]),
            objected=record["objected"],
            overrule=None if overrule is None else Overrule.from_record(overrule),
            looked_on=record["looked_on"],
            due_on=record["due_on"],
            settle_on=record["settle_on"],
            policy_version=record["policy_version"],
            minor_children=tuple(record["minor_children"]),
            reached_on=record["reached_on"],
            objectors=tuple(record["objectors"]),
            homes=tuple(record["homes"]) or _one(record["tenancy"]),
            handled_at=record["handled_at"],
            overruled_at=record["overruled_at"],
            objected_at=record["objected_at"],
            homes_since=tuple(record["homes_since"]),
            in_doubt_since=record["in_doubt_since"],
            erased_at=record["erased_at"],
            objectors_at=tuple(record["objectors_at"]),
        )

    def to_record(self) -> dict[str, Any]:
        """Return the Avro value."""
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
            "reached_on": self.reached_on,
            "objectors": self.objectors,
            "homes": self.homes,
            "handled_at": self.handled_at,
            "overruled_at": self.overruled_at,
            "objected_at": self.objected_at,
            "homes_since": self.homes_since,
            "in_doubt_since": self.in_doubt_since,
            "erased_at": self.erased_at,
            "objectors_at": self.objectors_at,
        }


new_household_row = by_name(HouseholdRow)


def _one(home: str | None) -> tuple[str, ...]:
    """Return the content of an older version's row, which held a single contract of the home."""
    return () if home is None else (home,)


@value(frozen=True, slots=True)
class RankingRow:
    """State per household: what outreach was last told.

    `points_band` is the band by points alone, while a worker's decision overrides it. `listed_on` is the day
    the household entered the list, `threatened_on` the day since which something threatens: the deadlines
    count from these. `listed_after_talk` and `threatened_after_talk` say that outreach had spoken with
    somebody earlier that same day: that talk was about what came before.
    """

    sequence: int
    band: str
    respond_by: EpochDay | None
    risk_sequence: int
    lowered_on: EpochDay | None = None
    points_band: str | None = None
    listed_on: EpochDay | None = None
    threatened_on: EpochDay | None = None
    listed_after_talk: bool = False
    threatened_after_talk: bool = False

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> RankingRow:
        """Make from its Avro value."""
        return new_ranking_row(
            sequence=record["sequence"],
            band=record["band"],
            respond_by=record["respond_by"],
            risk_sequence=record["risk_sequence"],
            lowered_on=record["lowered_on"],
            points_band=record["points_band"],
            listed_on=record["listed_on"],
            threatened_on=record["threatened_on"],
            listed_after_talk=record["listed_after_talk"],
            threatened_after_talk=record["threatened_after_talk"],
        )

    def to_record(self) -> dict[str, Any]:
        """Return the Avro value."""
        return {
            "sequence": self.sequence,
            "band": self.band,
            "respond_by": self.respond_by,
            "risk_sequence": self.risk_sequence,
            "lowered_on": self.lowered_on,
            "points_band": self.points_band,
            "listed_on": self.listed_on,
            "threatened_on": self.threatened_on,
            "listed_after_talk": self.listed_after_talk,
            "threatened_after_talk": self.threatened_after_talk,
        }


new_ranking_row = by_name(RankingRow)


@value(frozen=True, slots=True)
class Waiting:
    """A signal that waits for an address. `timestamp_ms` is the creditor's record's."""

    event_id: str
    timestamp_ms: EpochMs
    signal: Signal

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Waiting:
        """Make from its Avro value."""
        return cls(record["event_id"], record["timestamp_ms"], Signal.from_record(record["signal"]))

    def to_record(self) -> dict[str, Any]:
        """Return the Avro value."""
        return {
            "event_id": self.event_id,
            "timestamp_ms": self.timestamp_ms,
            "signal": self.signal.to_record(),
        }


@value(frozen=True, slots=True)
class Sent:
    """A contract whose signals went to a resident's address.

    `sent_on` is the newest day, counted in UTC, on which one was stored. What an older version kept has
    none, until the next day is told.
    """

    creditor: str
    contract: str
    sent_on: EpochDay | None = None

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Sent:
        """Make from its Avro value."""
        return cls(record["creditor"], record["contract"], record["sent_on"])

    def to_record(self) -> dict[str, Any]:
        """Return the Avro value."""
        return {"creditor": self.creditor, "contract": self.contract, "sent_on": self.sent_on}


@value(frozen=True, slots=True)
class ResidentRow:
    """State per resident key: the last known address, or the signals waiting for one.

    `sent` are the contracts whose signals went to the address. `minor_children` is from the register's last
    entry. `objected_at` is the moment of an objection that waits for an address (None: none does),
    `erased_at` that of the newest erasure of what waited.
    """

    address: Address | None
    waiting: tuple[Waiting, ...]
    sent: tuple[Sent, ...] = ()
    minor_children: bool = False
    objected_at: EpochMs | None = None
    erased_at: EpochMs | None = None

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> ResidentRow:
        """Make from its Avro value."""
        address = record["address"]
        return cls(
            address=None if address is None else Address.from_record(address),
            waiting=tuple([Waiting.from_record(entry) for entry in record["waiting"]]),
            sent=tuple([Sent.from_record(sent) for sent in record["sent"]]),
            minor_children=record["minor_children"],
            objected_at=record["objected_at"],
            erased_at=record["erased_at"],
        )

    def to_record(self) -> dict[str, Any]:
        """Return the Avro value."""
        return {
            "address": None if self.address is None else self.address.to_record(),
            "waiting": [entry.to_record() for entry in self.waiting],
            "sent": [sent.to_record() for sent in self.sent],
            "minor_children": self.minor_children,
            "objected_at": self.objected_at,
            "erased_at": self.erased_at,
        }

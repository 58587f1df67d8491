"""The two records that outsiders meet, as values with real dates.

Runs on Python 3.9, so without the newer forms of enum and dataclass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any

from eropaf_client.schemas.epoch import EPOCH
from eropaf_client.wire_enum import WireEnum

EPOCH_UTC = datetime(1970, 1, 1, tzinfo=timezone.utc)
MILLISECOND = timedelta(milliseconds=1)


class SignalKind(WireEnum):
    """What happened to the arrears on one contract."""

    REPORTED = "REPORTED"
    CHANGED = "CHANGED"
    PAID = "PAID"
    PLAN_AGREED = "PLAN_AGREED"
    PLAN_BROKEN = "PLAN_BROKEN"
    WITHDRAWN = "WITHDRAWN"


class PartnerType(WireEnum):
    """Kind of creditor: the partner types of DDAS 1.2, and municipal tax (Overige in DDAS)."""

    RENT = "RENT"
    HEALTH = "HEALTH"
    ENERGY = "ENERGY"
    WATER = "WATER"
    MORTGAGE = "MORTGAGE"
    INCOME_TAX = "INCOME_TAX"
    BENEFITS_RECLAIM = "BENEFITS_RECLAIM"
    STUDENT_DEBT = "STUDENT_DEBT"
    CARE_CONTRIBUTION = "CARE_CONTRIBUTION"
    HEALTH_DEFAULTERS = "HEALTH_DEFAULTERS"
    MUNICIPAL_TAX = "MUNICIPAL_TAX"
    OTHER = "OTHER"


class CrisisKind(WireEnum):
    """What threatens the household (Wet gemeentelijke schuldhulpverlening art. 4)."""

    EVICTION = "EVICTION"
    DISCONNECTION = "DISCONNECTION"
    END_OF_INSURANCE = "END_OF_INSURANCE"
    OTHER = "OTHER"
    END_OF_DELIVERY = "END_OF_DELIVERY"
    """Announced by an energy company: threatens nothing by itself, ranked by the time left."""


class ConsentOffer(WireEnum):
    """Outcome of the offer to pass on the resident's contact data."""

    NOT_OFFERED = "NOT_OFFERED"
    NO_ANSWER = "NO_ANSWER"
    AGREED = "AGREED"
    REFUSED = "REFUSED"


@dataclass(frozen=True)
class Crisis:
    """A threatening situation, with its date where that is known."""

    kind: CrisisKind
    on: date | None = None


@dataclass(frozen=True)
class OwnEffort:
    """What the creditor did before signalling (Besluit gemeentelijke schuldhulpverlening art. 2)."""

    personal_contact: bool
    debt_help_pointed_at: bool
    written_reminders: int
    offer: ConsentOffer


@dataclass(frozen=True)
class Resident:
    """Whom a signal is about: a BSN alone, or an address in any spelling.

    Its text form is a placeholder, so that no log line or exception can identify anybody.
    """

    bsn: str | None = field(default=None, repr=False)
    postcode: str | None = field(default=None, repr=False)
    house_number: str | None = field(default=None, repr=False)
    addition: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class ArrearsSignal:
    """One creditor's notice about the arrears on one contract.

    Amounts are in cents of euros. `version` counts up with each signal on the contract; the highest
    is the newest, whatever the order of arrival. `reported_at` is aware (UTC).
    """

    signal_id: str
    contract: str
    kind: SignalKind
    partner_type: PartnerType
    amount_cents: int
    reported_at: datetime
    version: int
    resident: Resident
    monthly_bill_cents: int | None = None
    arrears_since: date | None = None
    own_effort: OwnEffort | None = None
    crisis: Crisis | None = None
    handover_wish: bool = False

    def to_record(self) -> dict[str, Any]:
        """Return the Avro value: dates as days, instants as milliseconds since 1970 UTC."""
        effort, crisis = self.own_effort, self.crisis
        return {
            "signal_id": self.signal_id,
            "contract": self.contract,
            "kind": self.kind.value,
            "partner_type": self.partner_type.value,
            "amount_cents": self.amount_cents,
            "monthly_bill_cents": self.monthly_bill_cents,
            "arrears_since": _days(self.arrears_since),
            "reported_at": (self.reported_at - EPOCH_UTC) // MILLISECOND,
            "version": self.version,
            "own_effort": effort
            and {
                "personal_contact": effort.personal_contact,
                "debt_help_pointed_at": effort.debt_help_pointed_at,
                "written_reminders": effort.written_reminders,
                "offer": effort.offer.value,
            },
            "crisis": crisis and {"kind": crisis.kind.value, "on": _days(crisis.on)},
            "handover_wish": self.handover_wish,
            "resident": {
                "bsn": self.resident.bsn,
                "postcode": self.resident.postcode,
                "house_number": self.resident.house_number,
                "addition": self.resident.addition,
            },
        }


class Band(WireEnum):
    """How urgently help is needed; NONE: off the list."""

    NONE = "NONE"
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    URGENT = "URGENT"


class Action(WireEnum):
    """How help is first offered in a band, by the municipality's policy."""

    UNKNOWN = "UNKNOWN"
    LETTER = "LETTER"
    MESSAGE = "MESSAGE"
    PHONE = "PHONE"
    VISIT = "VISIT"
    SEVERAL_ATTEMPTS = "SEVERAL_ATTEMPTS"


class Norm(WireEnum):
    """Whose norm a deadline is."""

    UNKNOWN = "UNKNOWN"
    MUNICIPAL = "MUNICIPAL"
    LEGAL = "LEGAL"


class Change(WireEnum):
    """What changed about a household's place. UNKNOWN: in a way this version does not know."""

    UNKNOWN = "UNKNOWN"
    RAISED = "RAISED"
    LOWERED = "LOWERED"
    PAUSED = "PAUSED"
    WITHDRAWN = "WITHDRAWN"
    CLOSED = "CLOSED"


@dataclass(frozen=True)
class PriorityUpdate:
    """A household crossed a threshold: who, where, how urgent, by when. Never why."""

    update_id: str
    household: str
    sequence: int
    postcode: str = field(repr=False)
    house_number: int = field(repr=False)
    addition: str = field(repr=False)
    area: str
    urgency: int
    band: Band
    respond_by: date | None
    change: Change
    policy_version: str
    event_at: datetime
    overruled: bool = False
    action: Action | None = None
    respond_by_norm: Norm | None = None

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> PriorityUpdate:
        """Make the update from its Avro value."""
        respond_by, norm = record["respond_by"], record["respond_by_norm"]
        return cls(
            update_id=record["update_id"],
            household=record["household"],
            sequence=record["sequence"],
            postcode=record["address"]["postcode"],
            house_number=record["address"]["house_number"],
            addition=record["address"]["addition"],
            area=record["area"],
            urgency=record["urgency"],
            band=Band(record["band"]),
            respond_by=None if respond_by is None else EPOCH + timedelta(days=respond_by),
            change=Change(record["change"]),
            policy_version=record["policy_version"],
            event_at=EPOCH_UTC + record["event_at"] * MILLISECOND,
            overruled=record["overruled"],
            action=None if record["action"] is None else Action(record["action"]),
            respond_by_norm=None if norm is None else Norm(norm),
        )


def _days(on: date | None) -> int | None:
    return None if on is None else (on - EPOCH).days

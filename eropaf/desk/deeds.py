"""Deeds on one household, each with its trace: requested anywhere, carried out where the rights are.

A deed is a value validated on creation, so the command line and the desk refuse the same. `do` needs the
rights of the role `desk`, and blocks while topics are read.
"""

from __future__ import annotations

from abc import abstractmethod
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from eropaf.agents.topology import ROWS
from eropaf.board.explaining import Asking
from eropaf.board.user import Role
from eropaf.cluster.appending import appender, days, new_id, now_ms
from eropaf.cluster.policy_held import in_force
from eropaf.cluster.readable import records
from eropaf.desk.access_letter import letter
from eropaf.desk.dated import dated
from eropaf.desk.held import Found, Whose, events_of, everything, latest, marks_of
from eropaf.desk.objecting import objecting
from eropaf.desk.opening import (
    ERASURE,
    EVERYTHING,
    OBJECTION,
    OBJECTION_BACK,
    OVERRULE,
    SealedToAnother,
    leave_trace,
    opened_facts,
    trace,
)
from eropaf.desk.whom import (
    WHICH,
    WHO,
    UnknownHousehold,
    household_of,
    is_bsn,
    is_which,
    is_who,
    key_of,
    residents_at,
    written,
)
from eropaf.risk.calendar import EPOCH
from eropaf.risk.events import LONGEST_OVERRULE_DAYS
from eropaf.risk.events import Overrule as Overruled
from eropaf.risk.identity import resident_key
from eropaf.risk.plain_words import SENTENCES
from eropaf.risk.purpose import Purpose
from eropaf.risk.records import NOWHERE, Address, HouseholdEvent
from eropaf.risk.rows import HouseholdRow
from eropaf.settings import Settings
from eropaf.streams.runtime.record import Output
from eropaf.streams.runtime.stage import changelog
from eropaf_client.errors import ClientError
from eropaf_client.schemas.aside import Asides
from eropaf_client.schemas.limits import HOUSEHOLD_KEY
from eropaf_client.schemas.topics import REGISTER_MISMATCHES, RESIDENTS

LONGEST_REASON = 500
SEALED = "sealed: opened with EROPAF_AUDITORS_PRIVATE_KEY"

Answer = dict[str, Any]


class NotTheirs(ClientError):
    """The household is in an area that this person may not see. Nothing was done."""

    code = "not-their-area"


class Decision(StrEnum):
    """A worker's possible decisions."""

    RAISE = "raise"
    LOWER = "lower"
    HOLD = "hold"


class Deed(BaseModel):
    """One thing to do. A refusal names the field, never its content, which may be a BSN."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: ClassVar[str]
    role: ClassVar[Role]

    @abstractmethod
    def do(self, settings: Settings, asking: Asking) -> Answer:
        """Carry it out on behalf of `asking`; return a JSON value."""


class OfResident(Deed):
    """A deed for whoever lives at an address."""

    who: str

    @field_validator("who")
    @classmethod
    def _written(cls, who: str) -> str:
        if not is_who(who):
            raise ValueError(f"say {WHO}")
        return who

    def whom(self, settings: Settings, asking: Asking, asides: Asides) -> tuple[str, Address]:
        """Return the household's key and address.

        Raises:
            ClientError: it cannot be found, or is not for whoever asks.

        """
        household, address = household_of(settings, self.who, asides)
        must_see(asking, household, address.area)
        return household, address

    def resident(self, settings: Settings, household: str, address: Address) -> str | None:
        """Return the key of the resident that `who` is; None: it is who lives at the address."""
        if address == NOWHERE:
            return household
        return resident_key(self.who.strip(), settings.secret()) if is_bsn(self.who) else None

    def whom_if_known(self, settings: Settings, asking: Asking, asides: Asides) -> tuple[str, Address | None]:
        """Return the household's key and address; no address where nothing is kept under the key.

        For deeds that end what waits for a decision: what was kept when it was asked may be gone.
        """
        try:
            return self.whom(settings, asking, asides)
        except UnknownHousehold:  # which is said of a key alone
            must_see(asking, self.who, None)
            return self.who, None


class Explain(Deed):
    """Open the sealed explanation of a household."""

    name = "explain"
    role = Role.AUDITOR

    household: str
    purpose: Purpose

    @field_validator("household")
    @classmethod
    def _written(cls, household: str) -> str:
        if not is_which(household):
            raise ValueError(f"say {WHICH}")
        return household

    def do(self, settings: Settings, asking: Asking) -> Answer:
        """Return the explanation's facts; None if no explanation is stored."""
        household, area = key_of(settings, self.household)
        must_see(asking, household, area)
        return {"facts": opened_facts(settings, asking.who, household, self.purpose)}


class Access(OfResident):
    """Show everything that is held on a household."""

    name = "access"
    role = Role.CLERK

    purpose: Purpose

    def do(self, settings: Settings, asking: Asking) -> Answer:
        """Return all of it as one document with dates, and as a letter in each language."""
        asides = Asides()
        household, address = self.whom(settings, asking, asides)
        leave_trace(settings, asking.who, household, EVERYTHING, self.purpose)
        facts = None
        if settings.auditors_private_key is not None:
            with suppress(SealedToAnother):  # the rest is theirs to have all the same
                facts = opened_facts(settings, asking.who, household, self.purpose)
        residents = residents_at(settings, self.who, address, asides)
        held = everything(settings, Whose(household, frozenset(residents), settings.secret()))
        held["explanation"] = facts if facts is not None else SEALED
        document, policy = dated(held), in_force(settings)
        today = EPOCH + timedelta(policy.zone.day_of(now_ms()))
        letters = {
            language: letter(document, today, policy, language, facts=facts, contact=settings.contact)
            for language in SENTENCES
        }
        kept = any(held[name] for name in ("state", "events", "register", "residents"))
        return {"document": document, "letter": letters, "kept": kept, **aside(asides)}


class Object(OfResident):
    """Object to early signalling, or take an objection back."""

    name = "object"
    role = Role.CLERK

    take_back: bool = False

    def do(self, settings: Settings, asking: Asking) -> Answer:
        """Return whether anything is kept about the household."""
        asides = Asides()
        household, address = self.whom(settings, asking, asides)
        at = now_ms()
        objector = self.resident(settings, household, address)
        event = _objection(household, address, at, objector, stands=not self.take_back)
        known = any(held_of(settings, household))
        kept = known or in_register(settings, residents_at(settings, self.who, address, asides))
        opened = appender(settings)
        what = OBJECTION_BACK if self.take_back else OBJECTION
        left = trace(settings, asking.who, household, what, Purpose.OBJECTION)
        opened.write([opened.event(event, at), left])
        return {"kept": kept, **aside(asides)}


class Objections(Deed):
    """Name the households of which a person must decide whether an address's objection ends."""

    name = "objections"
    role = Role.CLERK

    def do(self, settings: Settings, asking: Asking) -> Answer:
        """Return their keys, addresses and the day since which each is in doubt, the longest first."""
        asides = Asides()
        waiting: dict[str, Answer] = {}
        rows = changelog(settings.group, "household")
        for message, row in records(settings, rows, ROWS["household"], asides, HouseholdRow.from_record):
            household = message.key().decode(errors="replace")
            waiting.pop(household, None)
            if row is None or row.in_doubt_since is None or not asking.may(household, row.address.area):
                continue
            waiting[household] = {
                "household": household,
                "address": written(row.address),
                "in_doubt_since": row.in_doubt_since,
            }
        oldest = sorted(waiting.values(), key=lambda each: (each["in_doubt_since"], each["household"]))
        return {"waiting": dated(oldest), **aside(asides)}


class Erase(OfResident):
    """Forget a household, and the register's entries for its address, but for the objections that stand.

    An objection is a right of its own (GDPR art. 21), often of somebody else at the address: it ends when it
    is taken back.
    """

    name = "erase"
    role = Role.CLERK

    def do(self, settings: Settings, asking: Asking) -> Answer:
        """Return whether anything was kept, how many objections stand on, and the last day of a mark."""
        asides = Asides()
        household, address = self.whom_if_known(settings, asking, asides)
        at = now_ms()
        today = in_force(settings).zone.day_of(at)
        # What waits for a resident whom the register does not know is nowhere.
        where = NOWHERE if address == NOWHERE else None
        event = HouseholdEvent(household, new_id("erasure"), at, where, erasure_requested_on=today)
        opened = appender(settings)
        residents = set() if address is None else residents_at(settings, self.who, address, asides)
        rows, events = held_of(settings, household)
        kept = bool(rows or events) or in_register(settings, residents)
        left = trace(settings, asking.who, household, ERASURE, Purpose.RESIDENT_ASKED)
        objects = objecting(settings, household)
        # By the objector's entry of the register, the objection comes along on a move.
        stay = {household.encode(), *(objector.encode() for objector in objects if objector is not None)}
        leave = residents - stay
        # Of one moment, by which the household's row knows that nobody moved.
        departures = [Output(RESIDENTS, key, None, at) for key in sorted(leave)]
        mismatches = [Output(REGISTER_MISMATCHES, key, None, at) for key in sorted(residents)]
        # One transaction: the household is gone before its residents' departure reaches it.
        opened.write([opened.event(event, at), *departures, *mismatches, left])
        # A mark stands until its day: workers are protected by law (Arbeidsomstandighedenwet art. 3).
        marks = [each for each in marks_of(settings, household) if each["until"] >= today]
        until = [dated(each)["until"] for each in marks]
        return {"kept": kept, "objections": len(objects), "marks_until": until, **aside(asides)}


class Overrule(Deed):
    """Move a household's band up or down, or keep it, until a date."""

    name = "overrule"
    role = Role.CLERK

    household: str
    decision: Decision
    until: date
    reason: str = Field(max_length=LONGEST_REASON, pattern=r"\S")

    @field_validator("household")
    @classmethod
    def _written(cls, household: str) -> str:
        if HOUSEHOLD_KEY.fullmatch(household) is None:
            raise ValueError("a household key has 32 hexadecimal digits")
        return household

    @field_validator("until")
    @classmethod
    def _to_come(cls, until: date) -> date:
        # By UTC: of a day that is over since an hour, the household's own rule says so.
        today = datetime.now(UTC).date()
        if not today <= until <= today + timedelta(days=LONGEST_OVERRULE_DAYS):
            raise ValueError(f"a decision applies from today, for {LONGEST_OVERRULE_DAYS} days at most")
        return until

    def do(self, settings: Settings, asking: Asking) -> Answer:
        """Return what was decided."""
        must_see(asking, self.household, None)
        at = now_ms()
        overruled = Overruled(self.decision.name, days(self.until), self.reason.strip())
        event = HouseholdEvent(self.household, new_id("overrule"), at, overrule=overruled)
        opened = appender(settings)
        # The reason goes with the explanation, and is forgotten with it; the trace is kept for longer.
        decided = f"{self.decision.value} until {self.until.isoformat()}"
        left = trace(settings, asking.who, self.household, OVERRULE, decided)
        opened.write([opened.event(event, at), left])
        return {"decided": decided}


def must_see(asking: Asking, household: str, area: str | None) -> None:
    """Let pass whoever may see a household of this area (None: not said).

    Raises:
        NotTheirs: they may not.

    """
    if not asking.may(household, area):
        raise NotTheirs("this household is not in one of your areas. Nothing was opened or changed")


def _objection(
    household: str, address: Address, at: int, objector: str | None, stands: bool = True
) -> HouseholdEvent:
    """Return the event of an objection, or its withdrawal: a resident's by key, or (None) the address's."""
    return HouseholdEvent(
        household, new_id("objection"), at, address, objection_stands=stands, objector=objector
    )


def held_of(settings: Settings, household: str) -> tuple[Found, Found]:
    """Return the household's row, if there is one, and the events that are kept of it."""
    rows = latest(settings, [household.encode()], changelog(settings.group, "household"), ROWS["household"])
    return rows, events_of(settings, household)


def in_register(settings: Settings, residents: set[bytes]) -> bool:
    """Return whether the register, or the residency stage, keeps anything about any of `residents`."""
    places = [(RESIDENTS, "Residence"), (changelog(settings.group, "resident"), ROWS["resident"])]
    return bool(residents) and any(latest(settings, residents, *place) for place in places)


def aside(asides: Asides) -> Answer:
    """Return what could not be used, for whoever asked to be told."""
    return {"aside": {"records": asides.total, "first": [str(each) for each in asides.first]}}

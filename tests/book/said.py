"""What a case of the book says, in the few words that its tables use, as events of the rules."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from eropaf.risk.events import ContactAttempt, Outcome, Overrule, Tick
from eropaf.risk.identity import household_key
from eropaf.risk.records import DAY_MS, Address, Departure, HouseholdEvent, Signal
from tests.builders import HOME, HOUSEHOLD, SECRET, a_signal

KINDS = {
    "reports": "REPORTED",
    "changes to": "CHANGED",
    "agrees a plan for": "PLAN_AGREED",
    "sees the plan broken at": "PLAN_BROKEN",
    "is paid": "PAID",
    "withdraws": "WITHDRAWN",
}
# Who signals in the book -> the kind of creditor; others are called as their kind.
PARTNERS = {"landlord": "RENT", "insurer": "HEALTH", "supplier": "ENERGY", "benefits": "BENEFITS_RECLAIM"}
EFFORT = {"personal_contact": True, "debt_help_pointed_at": True, "written_reminders": 1}
SIGNALLED = re.compile(rf"(\w+)(?: on (\w+))? ({'|'.join(KINDS)})(?: ([\d.]+))?(?: of ([\d.]+))?(.*)")
WORKER = re.compile(r"worker (raises|lowers|holds) until (\S+)")
RESULT = re.compile(r"result (\w+)(?: about (.*))?")
OBJECTS = re.compile(r"(\w+) (objects|takes the objection back)")
LEAVES = re.compile(r"(\w+)(?:, of (\w+)(?: on (\w+))?,)? leaves for (the next address|elsewhere)")
NEXT = Address("1012AB", 7, "")


def day(text: str) -> int:
    """Return a date as days since 1970."""
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def event(number: int, on: str, what: str) -> HouseholdEvent:
    """Return the event of case `number`, at noon (UTC) of a day.

    Raises:
        ValueError: these are no words of the book.

    """
    name, at = f"e-{number}", day(on) * DAY_MS + DAY_MS // 2
    if (signalled := SIGNALLED.fullmatch(what)) is not None:
        signal = _signal(number, at, signalled)
        return HouseholdEvent(HOUSEHOLD, name, at, HOME, signal)
    if (decided := WORKER.fullmatch(what)) is not None:
        kind = {"raises": "RAISE", "lowers": "LOWER", "holds": "HOLD"}[decided[1]]
        return HouseholdEvent(HOUSEHOLD, name, at, overrule=Overrule(kind, day(decided[2]), "as in the book"))
    if (ended := RESULT.fullmatch(what)) is not None:
        about = tuple(ended[2].split(" and ")) if ended[2] else ()
        return HouseholdEvent(HOUSEHOLD, name, at, outcome=Outcome(name, result=ended[1], signals=about))
    if (objects := OBJECTS.fullmatch(what)) is not None:
        stands, objector = objects[2] == "objects", None if objects[1] == "resident" else objects[1]
        return HouseholdEvent(HOUSEHOLD, name, at, HOME, objection_stands=stands, objector=objector)
    if (leaves := LEAVES.fullmatch(what)) is not None:
        return HouseholdEvent(HOUSEHOLD, name, at, departure=_departure(leaves))
    return _of_outreach(name, at, on, what)


def _of_outreach(name: str, at: int, on: str, what: str) -> HouseholdEvent:
    if what == "a day passes":
        return HouseholdEvent(HOUSEHOLD, name, day(on) * DAY_MS, tick=Tick(day(on), 0, 1))
    if what == "outreach picks up":
        return HouseholdEvent(HOUSEHOLD, name, at, outcome=Outcome(name, picked_up_on=day(on)))
    if what == "outreach speaks with the resident":
        spoken = ContactAttempt("PHONE", True, day(on), "MORNING")
        return HouseholdEvent(HOUSEHOLD, name, at, outcome=Outcome(name, attempt=spoken))
    if what == "outreach finds nobody":
        missed = ContactAttempt("VISIT", False, day(on), "EVENING")
        return HouseholdEvent(HOUSEHOLD, name, at, outcome=Outcome(name, attempt=missed))
    if what == "resident is forgotten":
        return HouseholdEvent(HOUSEHOLD, name, at, erasure_requested_on=day(on))
    raise ValueError(f"no words of the book: {what}")


def _departure(said: re.Match[str]) -> Departure:
    who, creditor, contract, where = said.groups()
    household, address = (household_key(NEXT, SECRET), NEXT) if where == "the next address" else (None, None)
    return Departure(creditor or "", (contract or "contract-1") if creditor else "", household, address, who)


def _signal(number: int, at: int, said: re.Match[str]) -> Signal:
    creditor, contract, kind, amount, bill, rest = said.groups()
    signal = a_signal(
        signal_id=f"signal-{number}",
        creditor=creditor,
        contract=contract or "contract-1",
        kind=KINDS[kind],
        partner_type=PARTNERS.get(creditor, creditor.upper()),
        amount_cents=_cents(amount) or 0,
        monthly_bill_cents=_cents(bill),
        reported_at=at,
        version=number,
    )
    for more in filter(None, rest.split(", ")):
        signal = _with(signal, more)
    return signal


def _with(signal: Signal, more: str) -> Signal:
    words = more.split()
    if words[0] == "about":
        return replace(signal, resident_key=words[1])
    if words[0] == "since":
        return replace(signal, arrears_since=day(words[1]))
    if words[0] in ("eviction", "disconnection", "end-of-delivery"):
        on = day(words[1]) if len(words) > 1 else None
        return replace(signal, crisis_kind=words[0].upper().replace("-", "_"), crisis_on=on)
    if more == "with a warm handover":
        return replace(signal, handover_wish=True)
    if more in ("resident agreed", "resident refused"):
        return replace(signal, own_effort=EFFORT | {"offer": words[1].upper()})
    raise ValueError(f"no words of the book: {more}")


def _cents(euros: str | None) -> int | None:
    return None if euros is None else round(float(euros) * 100)

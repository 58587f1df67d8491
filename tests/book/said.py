"""What a case of the book says, in the few words that its tables use, as events of the rules."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from eropaf.risk.events import ContactAttempt, Outcome, Overrule, PolicyActivated, Tick
from eropaf.risk.identity import household_key
from eropaf.risk.people import ARRIVES
from eropaf.risk.records import DAY_MS, Address, Departure, HouseholdEvent, MinorChildren, Signal
from tests.book.kept import of_the_partition
from tests.book.pages import changed
from tests.builders import AMSTERDAM_EXAMPLE, HOME, SECRET, a_signal

KINDS = {
    "reports": "REPORTED",
    "changes to": "CHANGED",
    "agrees a plan for": "PLAN_AGREED",
    "sees the plan broken at": "PLAN_BROKEN",
    "is paid": "PAID",
    "withdraws": "WITHDRAWN",
}
# Who signals in the book -> the kind of creditor; others are called as their kind.
PARTNERS = {
    "landlord": "RENT",
    "insurer": "HEALTH",
    "supplier": "ENERGY",
    "benefits": "BENEFITS_RECLAIM",
    "cak": "HEALTH_DEFAULTERS",
    "municipality": "MUNICIPAL_TAX",
}
THREATS = {
    "eviction": "EVICTION",
    "disconnection": "DISCONNECTION",
    "end-of-insurance": "END_OF_INSURANCE",
    "end-of-delivery": "END_OF_DELIVERY",
    "another-threat": "OTHER",
}
EFFORT = {"personal_contact": True, "debt_help_pointed_at": True, "written_reminders": 1}
OFFERS = {
    "resident agreed": "AGREED",
    "resident refused": "REFUSED",
    "resident did not answer": "NO_ANSWER",
}
DECISIONS = {
    "raises": "RAISE",
    "lowers": "LOWER",
    "holds": "HOLD",
    "decides what is not known here": "UNKNOWN",
}
# A zero-width space, and as the book shows it.
UNSEEN, ZERO_WIDTH = "\u200b", "·"
WHOSE = rf"(\w+)(?: on ([\w{ZERO_WIDTH}]+))?"
SIGNALLED = re.compile(rf"{WHOSE} ({'|'.join(KINDS)})(?: ([\d.]+))?(?: of ([\d.]+))?(.*)")
WORKER = re.compile(rf"worker ({'|'.join(DECISIONS)}) until (\S+)")
RESULT = re.compile(r"result (\w+)(?: about (.*))?")
OBJECTS = re.compile(r"(\w+) (objects|takes the objection back)")
# Arrears that come along with who moves here; an older version did not say when they moved.
ARRIVES_ON = re.compile(r"(.*), along with who moved here(?: on (\S+))?")
LEAVES = re.compile(r"(\w+)(?:, of (\w+)(?: on (\w+))?,)? leaves for (the next address|elsewhere)")
NO_ADDRESS = re.compile(r"there is no such address, says a clerk of (\w+)(?: on (\w+))?")
CHILDREN = re.compile(r"register: minor children live with (\w+)(, no more)?")
POLICY = re.compile(r"policy (\S+) holds: (.*) becomes (.*)")
LOST = "; the address is lost"
NEXT = Address("1012AB", 7, "")
ADDRESSES = {"1011AB 12": HOME, "1012AB 7": NEXT}


def day(text: str) -> int:
    """Return a date as days since 1970."""
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def moment(text: str) -> int:
    """Return a moment: 2026-03-02 17:59, in UTC; of a day alone its noon."""
    on, _, at = text.partition(" ")
    hour, minute = map(int, (at or "12:00").split(":"))
    return day(on) * DAY_MS + (hour * 60 + minute) * 60_000


def event(number: int, on: str, what: str, home: Address = HOME) -> HouseholdEvent:
    """Return the event of case `number` at an address, at noon (UTC) of a day, or at the hour that is said.

    Raises:
        ValueError: these are no words of the book.

    """
    if what.endswith(LOST):
        return replace(event(number, on, what.removesuffix(LOST), home), address=None)
    if (arrives := ARRIVES_ON.fullmatch(what)) is not None:
        moved_at = None if arrives[2] is None else moment(arrives[2])
        return replace(
            event(number, on, arrives[1], home), event_id=f"e-{number}{ARRIVES}", moved_at=moved_at
        )
    happens = HouseholdEvent(household_key(home, SECRET), f"e-{number}", moment(on))
    if (signalled := SIGNALLED.fullmatch(what)) is not None:
        return replace(happens, address=home, signal=_signal(number, happens.at, signalled))
    if (decided := WORKER.fullmatch(what)) is not None:
        overrule = Overrule(DECISIONS[decided[1]], day(decided[2]), "as in the book")
        return replace(happens, overrule=overrule)
    if (objects := OBJECTS.fullmatch(what)) is not None:
        objector = None if objects[1] == "resident" else objects[1]
        return replace(happens, address=home, objection_stands=objects[2] == "objects", objector=objector)
    if (leaves := LEAVES.fullmatch(what)) is not None:
        return replace(happens, departure=_departure(leaves))
    if (none := NO_ADDRESS.fullmatch(what)) is not None:
        departure = Departure(none[1], none[2] or "contract-1", None, None, address_unknown=True)
        return replace(happens, departure=departure)
    if (children := CHILDREN.fullmatch(what)) is not None:
        at_home = MinorChildren(children[1], children[2] is None)
        return replace(happens, address=home, minor_children=at_home)
    if (becomes := POLICY.fullmatch(what)) is not None:
        return replace(happens, policy=_policy(happens.at, becomes))
    return _of_outreach(happens, on, what)


def _of_outreach(happens: HouseholdEvent, on: str, what: str) -> HouseholdEvent:
    name, today = happens.event_id, day(on.split()[0])
    outcomes = {
        "outreach picks up": Outcome(name, picked_up_on=today),
        "outreach speaks with the resident": Outcome(
            name, attempt=ContactAttempt("PHONE", True, today, "MORNING")
        ),
        "outreach finds nobody": Outcome(name, attempt=ContactAttempt("VISIT", False, today, "EVENING")),
    }
    if what in outcomes:
        return replace(happens, outcome=outcomes[what])
    if (ended := RESULT.fullmatch(what)) is not None:
        about = tuple(ended[2].split(" and ")) if ended[2] else ()
        return replace(happens, outcome=Outcome(name, result=ended[1], signals=about))
    if what == "a day passes":
        return replace(happens, at=today * DAY_MS, tick=Tick(today, 0, 1))
    if what == "somebody sets out":
        return replace(happens, asks_still_open=True)
    if what == "resident is forgotten":
        return replace(happens, erasure_requested_on=today)
    if what == "something that is not known here":
        return happens
    raise ValueError(f"no words of the book: {what}")


def _policy(at: int, said: re.Match[str]) -> PolicyActivated:
    version, stands, becomes = said.groups()
    text = changed(AMSTERDAM_EXAMPLE, "amsterdam-example-3", version)
    return of_the_partition(PolicyActivated(version, changed(text, stands, becomes), at))


def _departure(said: re.Match[str]) -> Departure:
    who, creditor, contract, where = said.groups()
    household, address = (household_key(NEXT, SECRET), NEXT) if where == "the next address" else (None, None)
    return Departure(creditor or "", (contract or "contract-1") if creditor else "", household, address, who)


def _signal(number: int, at: int, said: re.Match[str]) -> Signal:
    creditor, contract, kind, amount, bill, rest = said.groups()
    signal = a_signal(
        signal_id=f"signal-{number}",
        creditor=creditor,
        contract=(contract or "contract-1").replace(ZERO_WIDTH, UNSEEN),
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
    if words[0] in THREATS:
        on = day(words[1]) if len(words) > 1 else None
        return replace(signal, crisis_kind=THREATS[words[0]], crisis_on=on)
    if more == "with a warm handover":
        return replace(signal, handover_wish=True)
    if words[0] == "numbered":
        return replace(signal, signal_id=f"signal-{words[1]}", version=int(words[1]))
    if more in OFFERS:
        return replace(signal, own_effort=EFFORT | {"offer": OFFERS[more]})
    raise ValueError(f"no words of the book: {more}")


def _cents(euros: str | None) -> int | None:
    return None if euros is None else round(float(euros) * 100)

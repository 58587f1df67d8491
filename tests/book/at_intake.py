"""What a case of the book says before it is of a household: the register's word, and outreach's reports."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from eropaf.risk.events import ResidencyTick, Tick
from eropaf.risk.feedback import Answer
from eropaf.risk.identity import household_key
from eropaf.risk.outreach import events_of
from eropaf.risk.records import DAY_MS, NOWHERE, Address, HouseholdEvent, UnresolvedSignal
from eropaf.risk.refusal import Refused
from eropaf.risk.residency import Entry, Registered, Resolved, let_go, register, resolve
from eropaf.risk.rows import ResidentRow, Sent
from eropaf.risk.still_open import ASKED_ONCE_IN_MS
from eropaf.risk.unregistered import barred, is_of_resident, said
from eropaf_client.schemas.limits import EARLIEST_DAY
from tests.book.kept import read_again
from tests.book.lives import why
from tests.book.said import ADDRESSES, PARTNERS
from tests.builders import HOME, HOUSEHOLD, MARCH_2, NOON, SECRET, a_signal, amsterdam_example

POLICY = amsterdam_example()
KEYS = {address: household_key(address, SECRET) for address in ADDRESSES.values()}
AT_HOME = {key: address for address, key in KEYS.items()}
ON_THE_SAME_DAY = ", on the same day"
KNOWN_EARLIER = "an older version knew a contract of insurer, at 1011AB 12"
TOLD_EARLIER = "an older version tells a day"
A_YEAR_MS = 366 * DAY_MS
EARLIER = re.compile(r"(.*), (\d+) weeks earlier")
# What a resident says, whom the register may not know.
WORDS: dict[str, dict[str, Any]] = {
    "Anna objects": {"objection_stands": True, "objector": "Anna"},
    "Anna takes the objection back": {"objection_stands": False, "objector": "Anna"},
    "Anna is to be forgotten": {},
    "Anna says what is not known here": {},
}
ON_A_BSN = re.compile(r"(\w+) (reports|is paid) on a BSN")
ELSEWHERE = re.compile(r"another municipality has the signal of (\w+)")
OF_THE_REGISTER = re.compile(r"register: (gone|\w+ \w+)(, with minor children)?")


class Register:
    """What is kept of one resident, as one case after the other is taken in; three weeks lie between two."""

    def __init__(self) -> None:
        self._row: ResidentRow | None = None
        self._at = NOON
        # When each signal was stored, by its event's id.
        self._stored: dict[str, int] = {}

    def take(self, number: int, what: str) -> str:
        """Take in one case; return what follows from it.

        Raises:
            ValueError: these are no words of the book.

        """
        what, same_day, _ = what.partition(ON_THE_SAME_DAY)
        self._at += 0 if same_day else 21 * DAY_MS
        if what == KNOWN_EARLIER:
            self._row = read_again(ResidentRow(HOME, (), (Sent("insurer", "contract-1"),)))
            return "-"
        at, plain = self._at, what
        if (earlier := EARLIER.fullmatch(what)) is not None:
            at, plain = self._at - 7 * int(earlier[2]) * DAY_MS, earlier[1]
        if plain in WORDS:
            return self._said(f"e-{number}", at, plain)
        if (signalled := ON_A_BSN.fullmatch(plain)) is not None:
            return self._signalled(f"e-{number}", at, signalled[1], signalled[2])
        if (entered := OF_THE_REGISTER.fullmatch(what)) is not None:
            entry = Entry("Anna", f"e-{number}", self._at, ADDRESSES.get(entered[1]), entered[2] is not None)
            return self._kept(register(self._row, entry, SECRET))
        if (forwarded := ELSEWHERE.fullmatch(what)) is not None:
            waiting = () if self._row is None else self._row.waiting
            names = [each.event_id for each in waiting if each.signal.creditor == forwarded[1]]
            word = HouseholdEvent("Anna", (names or ["e-of-none"])[0], self._at, NOWHERE, forwarded=True)
            return self._kept(said(self._row, read_again(word), SECRET))
        self._at += A_YEAR_MS if what == "a year passes" else 0
        if what in ("what waited thirty days goes", "a year passes", TOLD_EARLIER):
            told = self._today()
            told = replace(told, sent_before=None) if what == TOLD_EARLIER else told
            return self._kept(let_go(self._row or ResidentRow(None, ()), read_again(told)))
        raise ValueError(f"no words of the book: {what}")

    def _signalled(self, event_id: str, at: int, creditor: str, what: str) -> str:
        kind = "REPORTED" if what == "reports" else "PAID"
        signal = a_signal(creditor=creditor, partner_type=PARTNERS[creditor], kind=kind, reported_at=at)
        unresolved = read_again(UnresolvedSignal("Anna", event_id, signal))
        self._stored[event_id] = at
        answers = barred(self._row, unresolved)
        if answers is not None:
            return "; ".join(self._hears(event_id, each) for each in answers) or "-"
        row, resolved = resolve(self._row, unresolved, at, SECRET)
        self._row = read_again(row)
        return "waits" if resolved is None else self._follows(resolved)

    def _said(self, event_id: str, at: int, what: str) -> str:
        erased_on = at // DAY_MS if what == "Anna is to be forgotten" else None
        event = HouseholdEvent("Anna", event_id, at, NOWHERE, erasure_requested_on=erased_on, **WORDS[what])
        assert is_of_resident(event)
        try:
            return self._kept(said(self._row, read_again(event), SECRET))
        except Refused as refused:
            return why(refused)

    def _today(self) -> ResidencyTick:
        today = POLICY.zone.day_of(self._at)
        return ResidencyTick(
            Tick(today, 0, 1), POLICY.waits_since(today), POLICY.knows_contracts_since(today)
        )

    def _kept(self, registered: Registered) -> str:
        self._row = None if registered.row is None else read_again(registered.row)
        follows = [self._follows(each) for each in registered.resolved]
        assert len({each.event.event_id for each in registered.resolved}) == len(follows)
        return "; ".join([*follows, *(self._hears(*each) for each in registered.answers)]) or "-"

    def _follows(self, resolved: Resolved) -> str:
        event = read_again(resolved.event)
        if event.objection_stands is not None or event.erasure_requested_on is not None:
            return _goes_on(event)
        told_at = self._at if event.signal is None else self._stored[event.event_id]
        assert (resolved.timestamp_ms, event.at) == (told_at, told_at)
        assert event.household in ([*KEYS.values()] if event.address is None else [KEYS[event.address]])
        if event.signal is not None:
            assert event.signal.resident_key == "Anna", "who objects would not be known by it"
            return f"the signal of {event.signal.creditor} goes to {_named(event.address)}"
        if event.departure is not None:
            left, to = event.departure, event.departure.address
            assert (left.resident_key, left.household) == ("Anna", None if to is None else KEYS[to])
            assert left.contract == ("contract-1" if left.creditor else "")
            return f"{left.creditor or 'the resident'} leaves for {_named(to)}"
        assert event.minor_children is not None
        assert event.minor_children.resident == "Anna"
        return f"{'' if event.minor_children.at_home else 'no '}minor children at {_named(event.address)}"

    def _hears(self, event_id: str, answer: Answer) -> str:
        assert event_id in self._stored
        assert (answer.contract, answer.signal_id) == ("contract-1", "signal-1")
        return " ".join(filter(None, (f"{answer.creditor} hears {answer.status}", answer.reason)))


def _goes_on(event: HouseholdEvent) -> str:
    """Return which word of a resident goes to which household."""
    assert event.address in (None, AT_HOME[event.household])
    if event.erasure_requested_on is not None:
        return f"that Anna is to be forgotten goes to {_named(AT_HOME[event.household])}"
    assert event.objector == "Anna"
    what = "objects" if event.objection_stands else "takes the objection back"
    return f"that Anna {what} goes to {_named(AT_HOME[event.household])}"


def _named(address: Address | None) -> str:
    return "elsewhere" if address is None else f"{address.postcode} {address.house_number}"


REPORTED: dict[str, dict[str, Any]] = {
    "a result": {"result": "HELP"},
    "a result that nobody knows": {"result": "UNKNOWN"},
    "an attempt": {"attempt": {"channel": "VISIT", "reached": True, "on": MARCH_2, "day_part": "MORNING"}},
    "a pick-up": {"picked_up_on": MARCH_2},
    "a worker's decision": {"overrule": {"kind": "RAISE", "until": MARCH_2, "reason": "seen at the door"}},
    "an objection": {"objects": True},
    "that the objection is taken back": {"objects": False},
    "that somebody sets out": {"asks_still_open": True},
    "from six hours ago": {"at": NOON - ASKED_ONCE_IN_MS},
    "of a key that is none": {"household": HOUSEHOLD.upper()},
    "from the day after": {"at": NOON + DAY_MS},
    "from later than that": {"at": NOON + DAY_MS + 1},
    "from 1989": {"at": EARLIEST_DAY * DAY_MS - 1},
    "an attempt in 1989": {
        "attempt": {"channel": "VISIT", "reached": True, "on": EARLIEST_DAY - 1, "day_part": "MORNING"}
    },
    "a pick-up in 1989": {"picked_up_on": EARLIEST_DAY - 1},
    "an id of 201 characters": {"outcome_id": "o" * 201},
}


def reported(what: str) -> str:
    """Return which events an outreach tool's report is, or why it is refused."""
    record: dict[str, Any] = {
        "outcome_id": "o-1", "household": HOUSEHOLD, "at": NOON, "picked_up_on": None, "attempt": None,
        "result": None, "overrule": None, "objects": None, "signals": (), "asks_still_open": False,
    }  # fmt: skip
    for part in what.split(", "):
        record |= {} if part == "nothing" else REPORTED[part]
    try:
        events = events_of(record, "e-1", NOON)
    except Refused as refused:
        return why(refused)
    assert {(each.household, each.at) for each in events} <= {(record["household"], min(record["at"], NOON))}
    assert len({each.event_id for each in events}) == len(events)
    return ", ".join(map(_kind, map(read_again, events))) or "-"


def _kind(event: HouseholdEvent) -> str:
    if event.objection_stands is not None:
        return "objection" if event.objection_stands else "objection taken back"
    if event.asks_still_open:
        return "asked whether it stands"
    return "outcome" if event.outcome else "overrule"

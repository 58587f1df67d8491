"""What became of each acceptance, on disk: so that it is handed on once, whatever is killed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from eropaf.gateway.cases.accepted import Forgotten, Noted, Objected
from eropaf.gateway.cases.zaken import Opened
from eropaf_client.ledger import Ledger

FILE = "cases.ledger"
TABLES = """
CREATE TABLE IF NOT EXISTS handed_on (
    number TEXT PRIMARY KEY,
    household TEXT NOT NULL,
    accepted_at_s REAL NOT NULL,
    stored_at_ms INTEGER NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    since_s REAL NOT NULL DEFAULT 0,
    why TEXT NOT NULL DEFAULT '',
    url TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT '',
    ended_on TEXT NOT NULL DEFAULT '',
    asked_at_s REAL NOT NULL DEFAULT 0
)
"""


class State(Enum):
    """What became of one acceptance."""

    WAITING = "waiting"
    """It is not handed on yet."""
    OPEN = "open"
    """There is a case, which has not ended as far as is known."""
    ENDED = "ended"
    TOLD = "told"
    """By webhook: what becomes of it there, nobody tells us."""
    JOINED = "joined"
    """Its household had an open case of ours already."""
    GIVEN_UP = "given-up"
    """Refused for a day, while others were taken."""
    OBJECTED = "objected"
    """Its resident objected before there was a case: a person decides."""
    PASSED_OVER = "passed-over"
    """Accepted before the day with which the hand-over began."""
    FORGOTTEN = "forgotten"
    """Its household was: nothing of it is kept but this number, so that it is not handed on again."""


class Row(NamedTuple):
    """One acceptance as the book has it; times are in seconds since 1970."""

    number: str
    household: str
    accepted_at_s: float
    stored_at_ms: int
    state: str
    tries: int
    since_s: float
    why: str
    url: str
    status: str
    ended_on: str
    asked_at_s: float

    @property
    def has_case(self) -> bool:
        """Whether there is a case that has not ended as far as is known, also one that lacks a part yet."""
        return self.url != "" and self.state != State.ENDED.value

    def noted(self) -> Noted:
        """Return it as it was read."""
        at = datetime.fromtimestamp(self.accepted_at_s, UTC)
        return Noted(self.number, self.household, at, self.stored_at_ms)


class Book(Ledger):
    """Survives its process; the numbers in it are the same on any cluster, so it belongs to none.

    Raises:
        LedgerInUse: another process has it open.
        LedgerDamaged, LedgerFull: see `Ledger`.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, "cases", TABLES)

    def rows(self) -> list[Row]:
        """Return all of it, the oldest acceptance first."""
        found = self.read(f"SELECT {', '.join(Row._fields)} FROM handed_on ORDER BY accepted_at_s, number")  # noqa: S608
        return [Row(*each) for each in found]

    def note(self, accepted: Iterable[Noted], state: State = State.WAITING) -> None:
        """Note what waits from now on, or is passed over; what is known already stays as it is."""
        with self.transaction():
            for each in accepted:
                self.write(
                    "INSERT OR IGNORE INTO handed_on (number, household, accepted_at_s, stored_at_ms, state)"
                    " VALUES (?, ?, ?, ?, ?)",
                    each.number, each.household, each.at.timestamp(), each.stored_at_ms, state.value,
                )  # fmt: skip

    def settle(self, number: str, state: State, url: str = "") -> None:
        """Note what became of an acceptance."""
        self.write(
            "UPDATE handed_on SET state = ?, url = ?, why = '' WHERE number = ?", state.value, url, number
        )

    def give_up(self, number: str) -> None:
        """Stop trying one; why it was not taken, and its case if there is one, stays known."""
        self.write("UPDATE handed_on SET state = ? WHERE number = ?", State.GIVEN_UP.value, number)

    def failed(self, number: str, opened: Opened, now_s: float) -> Row:
        """Note a try in vain, and where the case is if one was made; return what is known now."""
        self.write(
            "UPDATE handed_on SET tries = tries + 1, why = ?, url = CASE ? WHEN '' THEN url ELSE ? END,"
            " since_s = CASE tries WHEN 0 THEN ? ELSE since_s END WHERE number = ?",
            opened.tried.why, opened.url, opened.url, now_s, number,
        )  # fmt: skip
        return next(each for each in self.rows() if each.number == number)

    def heard(self, number: str, state: State, status: str, ended_on: str, now_s: float) -> None:
        """Note how a case stands."""
        self.write(
            "UPDATE handed_on SET state = ?, status = ?, ended_on = ?, asked_at_s = ? WHERE number = ?",
            state.value, status, ended_on, now_s, number,
        )  # fmt: skip

    def try_again(self) -> int:
        """Let what was given up be tried again; return how much that is."""
        again = "UPDATE handed_on SET state = ?, tries = 0 WHERE state = ?"
        return self.write(again, State.WAITING.value, State.GIVEN_UP.value)

    def forget(self, forgotten: Forgotten) -> None:
        """Keep nothing of a household but the numbers of what it had accepted up to then."""
        with self.transaction():
            before = (forgotten.household, forgotten.at_ms)
            known = self.read(
                "SELECT number FROM handed_on WHERE household = ? AND stored_at_ms <= ?", *before
            )
            gone = {*forgotten.numbers, *(each for (each,) in known)} - self.forgotten()
            for number in gone:
                self.write(
                    "INSERT OR REPLACE INTO handed_on (number, household, accepted_at_s, stored_at_ms, state)"
                    " VALUES (?, '', 0, ?, ?)",
                    number, forgotten.at_ms, State.FORGOTTEN.value,
                )  # fmt: skip
        if gone:
            self.scrub()

    def object(self, objected: Objected) -> None:
        """Hand on no more of what a household had accepted, where there is no case of it yet."""
        self.write(
            "UPDATE handed_on SET state = ? WHERE household = ? AND stored_at_ms <= ? AND url = ''"
            " AND state IN (?, ?)",
            State.OBJECTED.value, objected.household, objected.at_ms,
            State.WAITING.value, State.GIVEN_UP.value,
        )  # fmt: skip

    def forgotten(self) -> set[str]:
        """Return the numbers of those whose household was forgotten since."""
        found = self.read("SELECT number FROM handed_on WHERE state = ?", State.FORGOTTEN.value)
        return {number for (number,) in found}

    def forget_old(self, before_ms: int) -> None:
        """Forget what is done with and in no topic any more.

        What waits, was given up or is open stands until its household is forgotten: nothing else knows of it.
        """
        done = set(State) - {State.WAITING, State.GIVEN_UP, State.OPEN}
        old = f"DELETE FROM handed_on WHERE stored_at_ms < ? AND state IN ({', '.join('?' * len(done))})"  # noqa: S608
        if self.write(old, before_ms, *(each.value for each in done)):
            self.scrub()

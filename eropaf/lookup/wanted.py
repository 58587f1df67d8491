"""Who is to be asked for: residents of whom a signal came since the register last said anything of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from eropaf.risk.lawful import ASKING
from eropaf.risk.records import Address, EpochMs

# So long after it was stored a signal is read, where workers were away: at worst it is asked for once more.
READ_LATE_MS = 60 * 60 * 1000


class Waits(NamedTuple):
    """The newest signal of one resident: which record of the creditor's, and when it was stored."""

    event_id: str
    stored_at: EpochMs


class Wanted:
    """Read from topics, in their order. Signals are read to their end before the register's entries are.

    What the register said within `fresh_ms` before a signal still holds for it. There is no other cache than
    the register's own topic. So what was erased there is nowhere else, and a restart asks nothing twice.
    """

    def __init__(self, fresh_ms: int) -> None:
        self._fresh_ms = fresh_ms
        self._waits: dict[str, Waits] = {}
        # Signals stored until then need no question.
        self._known_until: dict[str, EpochMs] = {}
        self._with_children: dict[str, Address] = {}

    def __len__(self) -> int:
        return len(self._waits)

    def signal(self, resident: str, event_id: str, kind: str, stored_at: EpochMs) -> None:
        """Take in a signal. Good news alone asks for nobody."""
        if kind not in ASKING or stored_at <= self._known_until.get(resident, -1):
            return
        before = self._waits.get(resident)
        if before is None or before.stored_at <= stored_at:
            self._waits[resident] = Waits(event_id, stored_at)

    def entry(self, resident: str, said_at: EpochMs, residence: dict[str, Any] | None) -> None:
        """Record that the register, or a person, said something of a resident; None: that the entry ended.

        Whoever left may have come back: the end of an entry says nothing of what is signalled after it.
        """
        self._with_children.pop(resident, None)
        if residence is None:
            self._known(resident, said_at)
            return
        self._known(resident, said_at + self._fresh_ms)
        if residence["minor_children"]:
            self._with_children[resident] = Address.from_record(residence["address"])

    def mismatch(self, resident: str, said_at: EpochMs) -> None:
        """Record that the register was asked, and had no address here."""
        self._known(resident, max(said_at + self._fresh_ms, self._known_until.get(resident, -1)))

    def settled(self, resident: str, at: EpochMs) -> None:
        """Record that a person decided where a resident is, or that what waited of one was erased."""
        self._known(resident, max(at, self._known_until.get(resident, -1)))

    def _known(self, resident: str, until: EpochMs) -> None:
        self._known_until[resident] = until
        waits = self._waits.get(resident)
        if waits is not None and waits.stored_at <= until:
            del self._waits[resident]

    def next(self, most: int) -> list[tuple[str, Waits]]:
        """Return up to `most` residents to ask for, the longest waiting first."""
        return sorted(self._waits.items(), key=lambda each: (each[1].stored_at, each[0]))[:most]

    def still(self, asked: Iterable[str]) -> set[str]:
        """Return those of `asked` of whom nothing was said meanwhile: by a file, a person, an erasure."""
        return self._waits.keys() & set(asked)

    def give_up(self, resident: str) -> None:
        """Leave a resident, of whom no record says the number any more."""
        self._waits.pop(resident, None)

    def children_at(self, resident: str, address: Address) -> bool | None:
        """Return whether the register's file said that minor children live with the resident at `address`.

        This source does not ask for it, and must not take back what the file says. Of another address it
        knows nothing.
        """
        return True if self._with_children.get(resident) == address else None

    def forget_old(self, now_ms: EpochMs) -> None:
        """Forget what no signal to come needs."""
        before = now_ms - READ_LATE_MS
        self._known_until = {resident: at for resident, at in self._known_until.items() if at >= before}

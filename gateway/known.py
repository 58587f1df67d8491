"""What one creditor's topic holds, read from it: each signal's place, and what it said as a digest."""

from __future__ import annotations

import asyncio
from bisect import insort
from collections import defaultdict, deque
from collections.abc import Mapping
from enum import Enum, auto
from typing import NamedTuple

from eropaf_client.sending import InFlight

# A signal that was stored is read back in milliseconds.
READ_BACK_WITHIN_S = 5.0
# Of a signal with more versions a receipt shows the newest.
MOST_VERSIONS_SHOWN = 100


Answer = asyncio.Future[InFlight]
"""What the broker will have said of a signal; waited for under a shield, as others may wait for it too."""


class Ready(NamedTuple):
    """A signal to store: its key, its bytes, what it says as a digest, and where in its body it stood."""

    place: int
    signal_id: str
    version: int
    contract: str
    digest: bytes
    value: bytes

    def __repr__(self) -> str:
        # Without what it holds: that says who is in arrears.
        return f"Ready({self.place}, {self.signal_id!r}, {self.version})"


class Place(NamedTuple):
    """A signal that is stored: where, when (ms since 1970 UTC), and what of it a receipt says."""

    version: int
    digest: bytes
    contract: str
    kind: str
    partner_type: str
    partition: int
    offset: int
    stored_at_ms: int


class OnWay(NamedTuple):
    """A signal that was sent: what it says, and the broker's answer, which may be still to come."""

    digest: bytes
    answer: Answer


class Look(Enum):
    """What is known of a signal id and version."""

    NEW = auto()
    SAME = auto()
    OTHER = auto()
    """It was said with other content: a correction takes a higher version."""


class Known:
    """One creditor's signals for as long as its topic keeps them. Used on the event loop alone."""

    def __init__(self) -> None:
        self._places: dict[str, dict[int, Place]] = {}
        # By partition, in which what was stored first stands first: when each was, and its signal.
        self._order: defaultdict[int, deque[tuple[int, str]]] = defaultdict(deque)
        # Of a signal with more versions than are shown: those that are, in their order.
        self._newest: dict[str, list[int]] = {}
        self._on_way: dict[str, dict[int, OnWay]] = {}
        self._read = asyncio.Condition()

    def __len__(self) -> int:
        return len(self._places)

    def look(self, signal_id: str, version: int, digest: bytes) -> Look:
        """Return whether a signal is new, known, or contradicts one that is."""
        place = self._places.get(signal_id, {}).get(version)
        if place is not None:
            return Look.SAME if place.digest == digest else Look.OTHER
        sent = self._on_way.get(signal_id, {}).get(version)
        if sent is None:
            return Look.NEW
        return Look.SAME if sent.digest == digest else Look.OTHER

    def on_way(self, signal_id: str, version: int) -> Answer | None:
        """Return the broker's answer to a signal that was not read back yet; None where none was sent."""
        sent = self._on_way.get(signal_id, {}).get(version)
        return None if sent is None else sent.answer

    def sent(self, each: Ready, answer: Answer) -> None:
        """Note a signal that was sent, until it is read back, or the broker did not store it."""
        self._on_way.setdefault(each.signal_id, {})[each.version] = OnWay(each.digest, answer)

        def answered(answer: Answer) -> None:
            if answer.cancelled() or answer.exception() or answer.result().at is None:
                self._arrived(each.signal_id, each.version)

        answer.add_done_callback(answered)

    def take(self, signal_id: str, place: Place) -> None:
        """Note a signal that was read. Of two of one id and version the first holds."""
        held = self._places.setdefault(signal_id, {})
        if held.setdefault(place.version, place) is place:
            self._order[place.partition].append((place.stored_at_ms, signal_id))
            self._show(signal_id, held, place.version)
        self._arrived(signal_id, place.version)

    def forget(self, before_ms: int) -> None:
        """Forget what was stored before an instant: the topic keeps it no longer."""
        old = set[str]()
        for order in self._order.values():
            while order and order[0][0] < before_ms:
                old.add(order.popleft()[1])
        for signal_id in old:  # each gone through once, however many versions it had
            places = self._places.pop(signal_id, {})
            kept = {version: each for version, each in places.items() if each.stored_at_ms >= before_ms}
            self._newest.pop(signal_id, None)
            if kept:
                self._places[signal_id] = kept
                self._show(signal_id, kept)

    async def of(self, signal_id: str) -> tuple[Place, ...]:
        """Return the newest versions of a signal, in their order; wait for one that is on its way."""
        if signal_id in self._on_way:
            try:
                async with asyncio.timeout(READ_BACK_WITHIN_S), self._read:
                    await self._read.wait_for(lambda: signal_id not in self._on_way)
            except TimeoutError:
                pass  # what was read until now stands
        places = self._places.get(signal_id, {})
        return tuple(places[each] for each in self._newest.get(signal_id) or sorted(places))

    async def tell(self) -> None:
        """Wake who waits for a signal on its way."""
        async with self._read:
            self._read.notify_all()

    def _show(self, signal_id: str, places: Mapping[int, Place], taken: int | None = None) -> None:
        """Note which versions are shown, where those are not all; `taken` is new since the last time."""
        if len(places) <= MOST_VERSIONS_SHOWN:
            return
        newest = self._newest.get(signal_id)
        if newest is None or taken is None:
            self._newest[signal_id] = sorted(places)[-MOST_VERSIONS_SHOWN:]
        elif taken > newest[0]:
            insort(newest, taken)
            del newest[0]

    def _arrived(self, signal_id: str, version: int) -> None:
        sent = self._on_way.get(signal_id)
        if sent is not None:
            sent.pop(version, None)
            if not sent:
                del self._on_way[signal_id]

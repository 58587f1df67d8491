"""Signals on their way to a creditor's topic: each once by id and version, stored before it is answered."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass

from eropaf.gateway import metrics
from eropaf.gateway.known import Answer, Known, Look, Ready
from eropaf.gateway.posts import Posts
from eropaf.gateway.problems import Problem, Wrong
from eropaf.gateway.said import Said
from eropaf.gateway.signal_json import digest_of
from eropaf.gateway.state import State
from eropaf_client.async_sending import AsyncSender
from eropaf_client.errors import MOST_NAMED, NotAcknowledged
from eropaf_client.publisher import encoded
from eropaf_client.records import ArrearsSignal
from eropaf_client.schemas.topics import arrears
from eropaf_client.sending import InFlight

# After so many others may have their turn on the event loop.
TURN_AFTER = 100
# Of one body: enough to fill batches.
MOST_ON_THEIR_WAY = 2_000
CONFLICT = Wrong(
    "changed-without-version",
    "was said with other content under this id and version; a correction takes a higher version",
    "version",
)


@dataclass(slots=True)
class Taken:
    """What became of signals: `stored` now, or `known` before."""

    stored: int = 0
    known: int = 0


class Intake:
    """Stores signals of one creditor or another."""

    def __init__(self, posts: Posts, state: State) -> None:
        self._posts, self._state = posts, state

    async def post(self, creditor: str) -> AsyncSender:
        """Return the sender on a creditor's topic, which also encodes.

        Raises:
            ClientError: it cannot be had.
        """
        return await self._posts.of(arrears(creditor))

    def known(self, creditor: str) -> Known:
        """Return what a creditor's topic holds."""
        return self._state.known[creditor]

    async def store(self, creditor: str, signals: Iterable[Ready], unit: str | None = None) -> Taken:
        """Store signals; return what became of them once the broker has acknowledged all.

        `signals` are gone through twice. `unit` is what the place of each counts: lines of a body, signals of
        a file; None: there is one signal alone.

        Raises:
            Problem: 409, one contradicts another or what is known. Nothing is stored, unless another request
                said otherwise in the meantime.
            NotAcknowledged: no answer in time; what stands before it is stored.
        """
        taken, known = Taken(), self.known(creditor)
        sending = _Sending(await self._posts.of(arrears(creditor)), known, unit)
        await look_through(known, signals, unit)
        try:
            for number, each in enumerate(signals, 1):
                if await sending.send(each):
                    taken.stored += 1
                else:
                    taken.known += 1
                if number % TURN_AFTER == 0:
                    await asyncio.sleep(0)
            await sending.settle()
        except Problem:
            await sending.settle()
            raise
        finally:
            sending.count()
        return taken


class _Sending:
    """One body's signals on their way, acknowledged in their order."""

    def __init__(self, post: AsyncSender, known: Known, unit: str | None) -> None:
        self._post, self._known, self._unit = post, known, unit
        self._in_flight: deque[tuple[Answer, bool]] = deque()
        self._stored = self._before = self._lost = 0

    async def send(self, each: Ready) -> bool:
        """Send a signal that is new; say whether it is."""
        look = self._known.look(each.signal_id, each.version, each.digest)
        if look is Look.OTHER:
            # Since it was looked through, another request was quicker.
            raise _conflict([_contradicts(each, self._unit)], "What stands before it is stored.")
        answer, new = self._known.on_way(each.signal_id, each.version), look is Look.NEW
        if new:
            # Noted before anything is awaited: of two requests with the same signal one sends it.
            answer = asyncio.ensure_future(self._sent(each))
            self._known.sent(each, answer)
        if answer is None:
            self._before += 1
        else:
            self._in_flight.append((answer, new))
            while len(self._in_flight) >= MOST_ON_THEIR_WAY or (
                self._in_flight and self._in_flight[0][0].done()
            ):
                await self._oldest()
        return new

    async def _sent(self, each: Ready) -> InFlight:
        return await (await self._post.send(each.contract, each.value))

    async def settle(self) -> None:
        """Wait for the broker's answers to all."""
        while self._in_flight:
            await self._oldest()

    def count(self) -> None:
        """Count what became of them."""
        for result, number in (
            ("stored", self._stored),
            ("known", self._before),
            ("unacknowledged", self._lost),
        ):
            metrics.SIGNALS.labels(topic=self._post.sender.topic, result=result).inc(number)

    async def _oldest(self) -> None:
        answer, new = self._in_flight.popleft()
        sent = await asyncio.shield(answer)  # another request may wait for the same
        if sent.at is None:
            self._lost += 1
            raise NotAcknowledged(
                f"a signal on {self._post.sender.topic} was not acknowledged ({sent.error})"
            )
        self._stored += new
        self._before += not new


async def look_through(known: Known, signals: Iterable[Ready], unit: str | None) -> None:
    """Look whether signals contradict each other or what is known, before any of them is sent.

    Raises:
        Problem: 409, some do; each is named.
    """
    wrong: list[Wrong] = []
    with nullcontext() if unit is None else Said() as said:
        for number, each in enumerate(signals, 1):
            known_otherwise = known.look(each.signal_id, each.version, each.digest) is Look.OTHER
            if known_otherwise or (said is not None and said.contradicts(each)):
                wrong.append(_contradicts(each, unit))
            if len(wrong) == MOST_NAMED:
                break  # nothing is stored as it is, and no more are named
            if number % TURN_AFTER == 0:
                await asyncio.sleep(0)
    if wrong:
        raise _conflict(wrong, "Nothing was stored.")


def _contradicts(each: Ready, unit: str | None) -> Wrong:
    return CONFLICT if unit is None else CONFLICT._replace(place=f"{unit} {each.place}")


def _conflict(errors: list[Wrong], then: str) -> Problem:
    said = f"A signal contradicts what was said under its id and version. {then}"
    return Problem(409, "changed-without-version", said, errors)


def ready(post: AsyncSender, signal: ArrearsSignal, place: int) -> Ready:
    """Return a signal as it is sent, once it is found to be right.

    Raises:
        InvalidSignal: everything that is wrong with it.
    """
    record, value = encoded(signal, post.sender.encode, post.sender.test_numbers)
    digest = bytes.fromhex(digest_of(record))
    return Ready(
        place=place,
        signal_id=signal.signal_id,
        version=signal.version,
        contract=signal.contract,
        digest=digest,
        value=value,
    )

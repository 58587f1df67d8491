"""`GET /updates`, `GET /list` and `POST /outcomes`: what an outreach tool does without Kafka."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from eropaf.gateway.body import media_type, whole
from eropaf.gateway.callers import Caller
from eropaf.gateway.feed import Feed, update_json
from eropaf.gateway.outcome_json import read_outcome
from eropaf.gateway.pages import asked
from eropaf.gateway.problems import Problem, Wrong, invalid
from eropaf.gateway.receipts import RECEIVED
from eropaf.gateway.room import Room
from eropaf.gateway.signal_json import Refused, read_json
from eropaf_client.async_sending import AsyncSender
from eropaf_client.errors import NotAcknowledged
from eropaf_client.outcomes import OutreachOutcome, faults

LARGEST_OUTCOME_BYTES = 65_536
ROWS_OF_AN_EVENT = 500
# A proxy that hears nothing for a minute hangs up.
ALIVE_EVERY_S = 15.0
# More than a tool has open.
MOST_STREAMS_OF_ONE = 12
MOST_STREAMS_OF_ALL = 200


class Updates:
    """Tells an outreach tool what changed, when it asks."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    async def get(self, request: Request, caller: Caller) -> Response:
        """Return what is behind a cursor; 304 where that is what the tool has."""
        cursor, most = asked(request)
        found, behind = self._feed.after(cursor, most, caller)
        mark = hashlib.sha256(f"{cursor} {behind} {most} {sorted(caller.areas)}".encode()).hexdigest()[:32]
        headers = {"ETag": f'"{mark}"'}
        if f'"{mark}"' in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return JSONResponse({"updates": [each.to_json() for each in found], "next": behind}, 200, headers)


class LiveStream:
    """Tells an outreach tool the list, and each change of it as it comes."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._room = Room("/v1/list", MOST_STREAMS_OF_ONE, MOST_STREAMS_OF_ALL, again_after_s=60)
        self._ended = asyncio.Event()

    def end(self) -> None:
        """End every stream: each tool comes back by itself when there is a gateway again."""
        self._ended.set()

    async def get(self, request: Request, caller: Caller) -> Response:
        """Stream the list, or what changed since the event that the tool has, while it may listen."""
        self._room.check(caller.name)
        since = request.headers.get("last-event-id")
        if since is not None:
            self._feed.after(since, 1, caller)  # one that is none of ours is refused before anything begins
        events = self._bounded(caller, since, request.state.ends_at)
        headers = {"X-Accel-Buffering": "no"}
        return StreamingResponse(events, media_type="text/event-stream", headers=headers)

    async def _bounded(self, caller: Caller, since: str | None, ends_at: float) -> AsyncIterator[str]:
        with self._room.taken(caller.name):
            async for event in self._events(caller, since, lambda: time.time() < ends_at):
                yield event

    async def _events(self, caller: Caller, since: str | None, may: Callable[[], bool]) -> AsyncIterator[str]:
        reached = since
        if reached is None:
            reached, rows = self._feed.end(), self._feed.ranked(caller)
            for start in range(0, len(rows), ROWS_OF_AN_EVENT):
                yield _event("rows", [update_json(each) for each in rows[start : start + ROWS_OF_AN_EVENT]])
                await asyncio.sleep(0)
            yield _event("whole", len(rows), reached)
        while may() and not self._ended.is_set():
            found, reached = self._feed.after(reached, ROWS_OF_AN_EVENT, caller)
            for told in found:
                yield _event("update" if told.update else "erasure", told.to_json())
            yield f"id: {reached}\n\n" if found else ": still here\n\n"
            if not found:
                await self._wait(reached)

    async def _wait(self, reached: str) -> None:
        """Wait for more, for the end, or until it is time to say that we are still here."""
        waits = [asyncio.ensure_future(each) for each in (self._feed.more(reached), self._ended.wait())]
        try:
            await asyncio.wait(waits, timeout=ALIVE_EVERY_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()


class Outcomes:
    """Takes in what came of an update."""

    def __init__(self, feed: Feed, post: Callable[[], Awaitable[AsyncSender]]) -> None:
        self._feed, self._post = feed, post
        self._room = Room("/v1/outcomes", of_one=100, of_all=500, again_after_s=1)

    async def post(self, request: Request, caller: Caller) -> Response:
        """Store one outcome of a household that the tool sees. The same `outcome_id` twice counts once."""
        if media_type(request) != "application/json":
            raise Problem(415, "media-type", "Send application/json.")
        with self._room.taken(caller.name):
            outcome = _checked(await whole(request, LARGEST_OUTCOME_BYTES))
            area = self._feed.area(outcome.household)
            if area is None or not caller.sees(area):
                raise Problem(404, "no-household", "No household with this key is on a list of yours.")
            post = await self._post()
            value = post.sender.encode(outcome.to_record())
            sent = await (await post.send(outcome.household, value))
            if sent.at is None:
                raise NotAcknowledged(f"an outcome was not acknowledged ({sent.error})")
        return JSONResponse({"outcome_id": outcome.outcome_id, "status": RECEIVED}, 202)


def _checked(body: bytes) -> OutreachOutcome:
    try:
        outcome = read_outcome(read_json(body))
    except Refused as refused:
        raise invalid(refused.wrong) from None
    if wrong := faults(outcome):
        raise invalid([Wrong.of(each) for each in wrong])
    return outcome


def _event(name: str, data: Any, mark: str = "") -> str:
    named = f"id: {mark}\n" if mark else ""
    return f"event: {name}\n{named}data: {json.dumps(data, separators=(',', ':'))}\n\n"

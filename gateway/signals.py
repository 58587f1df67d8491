"""`POST /signals`, one or many, and the receipt of each."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from eropaf.gateway import metrics
from eropaf.gateway.body import lines, media_type, whole
from eropaf.gateway.intake import Intake, Taken, ready
from eropaf.gateway.known import Ready
from eropaf.gateway.problems import Problem, Wrong, invalid
from eropaf.gateway.receipts import RECEIVED, Receipts
from eropaf.gateway.repeats import Repeats
from eropaf.gateway.room import Room
from eropaf.gateway.signal_json import Refused, read_json, read_signal
from eropaf.gateway.spool import Spool
from eropaf_client.async_sending import AsyncSender
from eropaf_client.errors import MOST_NAMED, InvalidSignal
from eropaf_client.schemas.topics import arrears
from eropaf_client.sending import LARGEST_SIGNAL_BYTES

LARGEST_BATCH_BYTES = 256 * 1024 * 1024
MOST_SIGNALS = 1_000_000
ONE = "application/json"
MANY = ("application/x-ndjson", "application/jsonl")
# After so many lines others may have their turn on the event loop.
LINES_A_TURN = 50
# Of batches so many are stored at once; the others wait, while more of them may still be coming.
STORED_AT_ONCE = 8


class Signals:
    """Takes signals in, and says what became of them."""

    def __init__(self, intake: Intake, receipts: Receipts, repeats: Repeats) -> None:
        self._intake, self._receipts, self._repeats = intake, receipts, repeats
        self._singles = Room("/v1/signals", of_one=500, of_all=2_000, again_after_s=1)
        self._batches = Room("/v1/signals (many)", of_one=2, of_all=40, again_after_s=5)
        self._turns = asyncio.Semaphore(STORED_AT_ONCE)

    async def post(self, request: Request, creditor: str) -> Response:
        """Store one signal, or each of a batch."""
        kind = media_type(request)
        try:
            if kind == ONE:
                with self._singles.taken(creditor):
                    return await self._one(request, creditor)
            if kind in MANY:
                with self._batches.taken(creditor):
                    return await self._many(request, creditor)
        except Problem as problem:
            if problem.status in (400, 409, 413):
                metrics.INVALID.labels(topic=arrears(creditor)).inc()
            raise
        said = f"Send {ONE}, or {MANY[0]} with a signal on each line."
        raise Problem(415, "media-type", said)

    async def receipt(self, request: Request, creditor: str) -> Response:
        """Return the receipt of a signal."""
        return JSONResponse(await self._receipts.of(creditor, request.path_params["signal_id"]))

    async def _one(self, request: Request, creditor: str) -> Response:
        body = await whole(request, LARGEST_SIGNAL_BYTES)
        post, wrong = await self._intake.post(creditor), list[Wrong]()
        each = _checked(post, body, 1, wrong)
        if each is None:
            raise invalid([fault._replace(place=None) for fault in wrong])
        with self._repeats.once(request, creditor, each.digest) as once:
            if once.answer is None:
                once.answer = _received(each, await self._intake.store(creditor, [each]))
            return once.answer

    async def _many(self, request: Request, creditor: str) -> Response:
        post = await self._intake.post(creditor)
        with Spool() as spool:
            digest = await _spooled(request, post, spool)
            with self._repeats.once(request, creditor, digest) as once:
                if once.answer is None:
                    async with self._turns:
                        once.answer = counted(await self._intake.store(creditor, spool, "line"))
                return once.answer


async def _spooled(request: Request, post: AsyncSender, spool: Spool) -> bytes:
    """Write every signal of a batch to `spool`, once all of them are right; return a digest of the body.

    Raises:
        Problem: 400, every line that is wrong is named; nothing was stored.
    """
    digest, wrong = hashlib.sha256(), list[Wrong]()
    found, number = 0, 0
    async for line in lines(request, LARGEST_BATCH_BYTES, LARGEST_SIGNAL_BYTES):
        number += 1
        digest.update(line + b"\n")
        if number > MOST_SIGNALS:
            raise Problem(
                413, "too-many-lines", f"A body has {MOST_SIGNALS:,} lines at most. Nothing was stored."
            )
        if line.strip():
            before = len(wrong)
            each = _checked(post, line, number, wrong)
            found += len(wrong) - before
            del wrong[MOST_NAMED:]
            if each is not None:
                spool.put(each)
        if number % LINES_A_TURN == 0:
            await asyncio.sleep(0)
    if not spool.count and not found:
        raise invalid([Wrong("empty", "holds no signal")])
    if found:
        raise invalid(wrong, found)
    return digest.digest()


def _checked(post: AsyncSender, data: bytes, place: int, wrong: list[Wrong]) -> Ready | None:
    """Return the signal that `data` holds, or None and what is wrong with it."""
    try:
        return ready(post, read_signal(read_json(data)), place)
    except Refused as error:
        wrong.extend(each._replace(place=f"line {place}") for each in error.wrong)
    except InvalidSignal as error:
        wrong.extend(Wrong.of(each, f"line {place}") for each in error.faults)
    return None


def _received(each: Ready, taken: Taken) -> Response:
    content = {
        "signal_id": each.signal_id,
        "version": each.version,
        "status": RECEIVED,
        "known": taken.known == 1,
        "content_sha256": each.digest.hex(),
    }
    return JSONResponse(content, 202, {"Location": f"/v1/signals/{quote(each.signal_id, safe='')}"})


def counted(taken: Taken, **more: Any) -> Response:
    """Return how many signals were stored, and how many were known before."""
    return JSONResponse({"status": RECEIVED, "stored": taken.stored, "known": taken.known, **more}, 202)

"""Idempotency-Key: the same key with the same body has the same answer, and with another body none.

It holds within one process, for a day. What outlives both is the signal's own id and version.
"""

from __future__ import annotations

import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from eropaf.gateway.problems import Problem, Wrong

HEADER = "idempotency-key"
LONGEST_IDEMPOTENCY_KEY = 200
REMEMBERED_S = 24 * 3600.0
# Of each caller: one that sends many pushes out its own alone.
MOST_REMEMBERED = 10_000


@dataclass(slots=True)
class Once:
    """One key: what came with it, and what was answered; None while that is being worked out."""

    body: bytes
    began: float
    answer: Response | None = None


class Repeats:
    """The keys of each caller, the newest for a day."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._known: defaultdict[str, OrderedDict[str, Once]] = defaultdict(OrderedDict)

    @contextmanager
    def once(self, request: Request, caller: str, body: bytes) -> Iterator[Once]:
        """Yield what is known of the request's key; without a key, something that nobody remembers.

        `body` is a digest. Where the block sets no answer, the key is free again.

        Raises:
            Problem: 409, the same is in hand; 422, the key came with another body.
        """
        key = request.headers.get(HEADER)
        if key is None:
            yield Once(body, 0.0)
            return
        if not 0 < len(key) <= LONGEST_IDEMPOTENCY_KEY or not (key.isascii() and key.isprintable()):
            said = f"must have 1 to {LONGEST_IDEMPOTENCY_KEY} characters that are seen, of ASCII"
            wrong = Wrong("impossible-key", said, "Idempotency-Key")
            raise Problem(400, "invalid", "The Idempotency-Key cannot be used; nothing was stored.", [wrong])
        yield from self._once(self._known[caller], f"{request.url.path} {key}", body)

    def _once(self, remembered: OrderedDict[str, Once], name: str, body: bytes) -> Iterator[Once]:
        self._forget(remembered)
        known = remembered.get(name)
        if known is not None:
            if known.body != body:
                raise Problem(422, "key-used", "This Idempotency-Key came with another body before.")
            if known.answer is None:
                again = {"Retry-After": "1"}
                raise Problem(409, "key-in-hand", "The same request is in hand still.", headers=again)
            yield known
            return
        once = remembered[name] = Once(body, self._now())
        try:
            yield once
        finally:
            if once.answer is None:
                del remembered[name]

    def _forget(self, remembered: OrderedDict[str, Once]) -> None:
        """Forget the oldest that were answered: over a day old, or too many."""
        since = self._now() - REMEMBERED_S
        while remembered:
            name, oldest = next(iter(remembered.items()))
            if oldest.answer is None or (oldest.began > since and len(remembered) < MOST_REMEMBERED):
                return
            del remembered[name]

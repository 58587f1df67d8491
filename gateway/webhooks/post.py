"""One try to tell a tool: an HTTPS post that follows nobody elsewhere, and what its answer means."""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import NamedTuple

import httpx2

from eropaf.gateway.webhooks.event import MEDIA_TYPE, Event, signed
from eropaf.gateway.webhooks.tool import Tool

TOOL_ANSWERS_WITHIN_S = 10.0
# More of an answer is not read: nothing in it is looked at.
MOST_READ_BYTES = 16_384
# What is wrong with this event alone: others may be taken. All else is the tool's own state.
OF_THE_EVENT = frozenset({400, 409, 413, 415, 422})
LONGEST_RETRY_AFTER_S = 3600.0


class Result(Enum):
    """What came of a try."""

    TOLD = "told"
    REFUSED = "refused"
    """This event was; another may be taken."""
    AWAY = "away"
    """The tool takes nothing now."""


class Tried(NamedTuple):
    """What came of a try, why, and how long the tool asks to be left alone (s)."""

    result: Result
    why: str
    after_s: float = 0.0


Post = Callable[[Event], Tried]


class HttpPost:
    """Posts events to one tool. Used by several threads; `origin` is the sender's name.

    The posts run on an event loop of its own, where one bound holds for all of a try: that of a blocking
    client holds for each read, and a tool that drips a byte now and then would hold a thread for hours.
    """

    def __init__(
        self, tool: Tool, origin: str, ca_file: Path | None = None, now: Callable[[], float] = time.time
    ) -> None:
        self._tool, self._now = tool, now
        self._headers = {"Content-Type": MEDIA_TYPE, "WebHook-Request-Origin": origin}
        if tool.token is not None:
            self._headers["Authorization"] = f"Bearer {tool.token}"
        trusted = ssl.create_default_context(cafile=ca_file)
        # Of the environment nothing: a proxy that it names would hear where somebody lives.
        self._client = httpx2.AsyncClient(
            verify=trusted, timeout=None, follow_redirects=False, trust_env=False
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"posts-{tool.name}", daemon=True)
        self._thread.start()

    def __call__(self, event: Event) -> Tried:
        """Post an event once. Whatever happens is said, not raised."""
        return asyncio.run_coroutine_threadsafe(self._tried(event), self._loop).result()

    async def _tried(self, event: Event) -> Tried:
        headers = {**self._headers, **signed(event, self._tool.secrets, int(self._now()))}
        answered: Tried | None = None
        try:
            async with (
                asyncio.timeout(TOOL_ANSWERS_WITHIN_S),
                self._client.stream(
                    "POST", self._tool.address, content=event.body, headers=headers
                ) as answer,
            ):
                answered = _meaning(answer)
                await _read_off(answer)
                return answered
        except Exception as error:  # whichever way it failed to answer
            return answered or Tried(Result.AWAY, type(error).__name__)

    def close(self) -> None:
        """Close its connections."""
        asyncio.run_coroutine_threadsafe(self._client.aclose(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def _meaning(answer: httpx2.Response) -> Tried:
    status, after_s = answer.status_code, retry_after(answer.headers.get("retry-after", ""))
    if 200 <= status < 300:
        return Tried(Result.TOLD, str(status))
    return Tried(Result.REFUSED if status in OF_THE_EVENT else Result.AWAY, str(status), after_s)


async def _read_off(answer: httpx2.Response) -> None:
    """Read what is left of an answer: only then may its connection be used again."""
    read = 0
    async for part in answer.aiter_raw():
        read += len(part)
        if read > MOST_READ_BYTES:
            return


def retry_after(said: str) -> float:
    """Return the seconds of a Retry-After header; a date counts as none."""
    return min(float(said), LONGEST_RETRY_AFTER_S) if said.isascii() and said.isdigit() else 0.0

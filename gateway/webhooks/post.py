"""One try to tell a tool: an HTTPS post that follows nobody elsewhere, and what its answer means."""

from __future__ import annotations

import ssl
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
    """Posts events to one tool. Used by several threads; `origin` is the name of who sends."""

    def __init__(
        self, tool: Tool, origin: str, ca_file: Path | None = None, now: Callable[[], float] = time.time
    ) -> None:
        self._tool, self._now = tool, now
        self._headers = {"Content-Type": MEDIA_TYPE, "WebHook-Request-Origin": origin}
        if tool.token is not None:
            self._headers["Authorization"] = f"Bearer {tool.token}"
        trusted = ssl.create_default_context(cafile=ca_file)
        self._client = httpx2.Client(verify=trusted, timeout=TOOL_ANSWERS_WITHIN_S, follow_redirects=False)

    def __call__(self, event: Event) -> Tried:
        """Post an event once. Whatever happens is said, not raised."""
        headers = {**self._headers, **signed(event, self._tool.secrets, int(self._now()))}
        try:
            with self._client.stream(
                "POST", self._tool.address, content=event.body, headers=headers
            ) as answer:
                status, after_s = answer.status_code, _retry_after(answer.headers.get("retry-after", ""))
                read = 0
                for part in answer.iter_raw():
                    read += len(part)
                    if read > MOST_READ_BYTES:
                        break
        except Exception as error:  # whichever way it failed to answer
            return Tried(Result.AWAY, type(error).__name__)
        if 200 <= status < 300:
            return Tried(Result.TOLD, str(status))
        return Tried(Result.REFUSED if status in OF_THE_EVENT else Result.AWAY, str(status), after_s)

    def close(self) -> None:
        """Let go of its connections."""
        self._client.close()


def _retry_after(said: str) -> float:
    """Return the seconds of a Retry-After header; a date counts as none."""
    return min(float(said), LONGEST_RETRY_AFTER_S) if said.isascii() and said.isdigit() else 0.0

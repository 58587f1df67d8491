"""Asks others over HTTP with a bound on everything: how long, how much, and where it leads."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from typing import Any, NamedTuple

import httpx2

# An answer that unpacks says nothing of how much it will be.
AS_IT_IS = {"Accept-Encoding": "identity"}


class TooLong(Exception):
    """More came than an answer may have, or it is packed, and nobody knows how much it is."""


class Answered(NamedTuple):
    """An answer, read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def whole(answer: httpx2.Response, most_bytes: int) -> bytes:
    """Return the body of an answer that is being read.

    Raises:
        TooLong: it has more than `most_bytes`, or is packed.

    """
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise TooLong
    body = b""
    async for part in answer.aiter_raw():
        body += part
        if len(body) > most_bytes:
            raise TooLong
    return body


class BoundedClient:
    """Posts, for one thread in which no event loop runs.

    One bound of time holds for all of a question. Those of a blocking client hold for each read: whoever
    drips the head of an answer byte by byte would hold the thread for days. No redirect is followed, and of
    the environment nothing is taken: a proxy that it names would hear what is asked.
    """

    def __init__(self, trusted: ssl.SSLContext, within_s: float, most_bytes: int) -> None:
        self._within_s, self._most_bytes = within_s, most_bytes
        self._runner = asyncio.Runner()
        self._client = httpx2.AsyncClient(
            verify=trusted, timeout=None, follow_redirects=False, trust_env=False, headers=AS_IT_IS
        )

    def post(self, address: str, **asked: Any) -> Answered:
        """Post once, `asked` as the HTTP client has it; return the answer, whatever its status.

        Raises:
            TimeoutError: it did not come whole in time.
            TooLong: it is larger than an answer may be, or packed.
            httpx2.HTTPError: there is none.

        """
        return self._runner.run(self._posted(address, asked))

    async def _posted(self, address: str, asked: Mapping[str, Any]) -> Answered:
        async with (
            asyncio.timeout(self._within_s),
            self._client.stream("POST", address, **asked) as answer,
        ):
            return Answered(answer.status_code, answer.headers, await whole(answer, self._most_bytes))

    def close(self) -> None:
        """Let go of its connections."""
        self._runner.run(self._client.aclose())
        self._runner.close()

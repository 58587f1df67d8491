"""How a resident's own page asks the desk: with its secret, what the resident has, and nothing else."""

from __future__ import annotations

import ssl
from typing import Any

import httpx2

from eropaf.board.resident import metrics
from eropaf.board.resident.config import DeskPlace

# The desk says after twenty seconds that it still reads; a deed may take a little longer.
ANSWERS_WITHIN_S = 120.0
MANY, REFUSED = 429, 401


class NotIn(Exception):
    """The code, log-in or session does not count."""


class TooMany(Exception):
    """The desk was asked too often."""


class Away(Exception):
    """The desk does not answer, or cannot now. What was asked may have been done."""


class AtTheDesk:
    """The desk, for a page that knows `place.secret`."""

    def __init__(self, place: DeskPlace) -> None:
        # No proxy of the environment: what a resident holds is for this address alone.
        self._http = httpx2.AsyncClient(
            base_url=place.url.rstrip("/"),
            headers={"authorization": f"Bearer {place.secret}"},
            verify=ssl.create_default_context(cafile=place.ca_file),
            timeout=ANSWERS_WITHIN_S,
            trust_env=False,
        )

    async def ask(self, name: str, **said: str) -> dict[str, Any]:
        """Return the desk's answer.

        Raises:
            NotIn, TooMany, Away: as they say.
        """
        result = "away"
        try:
            told = await self._asked(name, said)
            result = "answered"
        except NotIn:
            result = "refused"
            raise
        except TooMany:
            result = "many"
            raise
        finally:
            metrics.ASKED.labels(result=result).inc()
        return told

    async def _asked(self, name: str, said: dict[str, str]) -> dict[str, Any]:
        try:
            answered = await self._http.post(f"/residents/{name}", json=said)
            told = answered.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise Away(type(error).__name__) from None
        if answered.status_code == REFUSED:
            raise NotIn
        if answered.status_code == MANY:
            raise TooMany
        if answered.status_code != httpx2.codes.OK or not isinstance(told, dict):
            raise Away(f"status {answered.status_code}")
        return told

    async def close(self) -> None:
        """Close every connection to the desk."""
        await self._http.aclose()

"""`GET /feedback` and `GET /questions`: what a creditor is told on a topic of its own, from a cursor on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from eropaf.gateway.own_topic import OwnTopic
from eropaf.gateway.problems import Problem, Wrong

ITEMS_AT_ONCE = 100
MOST_ITEMS_AT_ONCE = 1_000


class Pages:
    """Tells each creditor what it was told on its topic, under a name."""

    def __init__(self, name: str, told: Mapping[str, OwnTopic[Any]]) -> None:
        self._name, self._told = name, told

    async def get(self, request: Request, creditor: str) -> Response:
        """Return what is behind a cursor, and the cursor behind that."""
        cursor, most = asked(request)
        found, behind = self._told[creditor].after(cursor, most)
        return JSONResponse({self._name: [each.to_json() for each in found], "next": behind})


def asked(request: Request) -> tuple[str | None, int]:
    """Return the cursor and how many are asked for.

    Raises:
        Problem: 400, a parameter that is not known or not as it must be.
    """
    given = request.query_params
    wrong = []
    if set(given) - {"after", "limit"} or len(given.multi_items()) != len(given):
        wrong.append(Wrong("unknown-parameter", "is none of `after` and `limit`, or stands twice"))
    limit = given.get("limit", str(ITEMS_AT_ONCE))
    if not (limit.isascii() and limit.isdigit() and len(limit) < 6 and 1 <= int(limit) <= MOST_ITEMS_AT_ONCE):
        wrong.append(Wrong("impossible-limit", f"must be 1 to {MOST_ITEMS_AT_ONCE}", "limit"))
    if wrong:
        raise Problem(400, "invalid", "The address has what cannot be.", wrong)
    return given.get("after"), int(limit)

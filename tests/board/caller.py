"""Somebody who speaks to a board over plain HTTP."""

from __future__ import annotations

import re
import uuid

import httpx2

from tests.board.standing import PASSWORD, Standing
from tests.integration.processes import PATIENCE_S

_calling: list[Caller] = []


def hang_up() -> None:
    """Close the connections of every caller: what stays open would fail whichever test is next."""
    while _calling:
        _calling.pop().http.close()


class Caller:
    """Somebody with a browser that does whatever it is told."""

    def __init__(self, board: Standing) -> None:
        self.http = httpx2.Client(base_url=board.url, headers={"accept": "text/html"}, timeout=PATIENCE_S)
        self.csrf = ""
        _calling.append(self)

    def log_in(self, name: str, password: str = PASSWORD) -> httpx2.Response:
        answer = self.http.post("/login", data={"name": name, "password": password})
        found = re.search('data-csrf="([^"]*)"', self.http.get("/", follow_redirects=True).text)
        self.csrf = found[1] if found else ""
        return answer

    def post(self, path: str, **fields: str) -> int:
        return self.http.post(path, data={"csrf": self.csrf, **fields}).status_code

    def register(self, household: str, **fields: str) -> int:
        known = {"outcome_id": str(uuid.uuid4()), "channel": "VISIT", "outcome": "not_reached"}
        return self.post(f"/households/{household}", **{**known, **fields})

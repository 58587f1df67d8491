"""Another municipality's gateway: it takes what our own gateway takes, each idempotency key once."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest

from eropaf.gateway.signal_json import read_json, read_signal
from eropaf.lookup.service import Credentials
from eropaf_client.records import ArrearsSignal
from tests.local_server import LocalHandler, LocalServer

CLIENT, SECRET = "eropaf-here", "a secret of the tests"
JSON = "application/json"


class OtherMunicipality(LocalServer):
    """It may be away, or refuse."""

    def __init__(self) -> None:
        super().__init__(Handler)
        self.stored: dict[str, ArrearsSignal] = {}
        self.posts = 0
        self.status, self.with_headers = 202, dict[str, str]()
        self.tokens_drawn = 0

    @property
    def known_as(self) -> Credentials:
        return Credentials(token_address=f"{self.origin}/token", client_id=CLIENT, client_secret=SECRET)


class Handler(LocalHandler):
    server: OtherMunicipality

    def do_POST(self) -> None:
        body = self.body()
        if self.path == "/token":
            assert parse_qs(body.decode()) == {"grant_type": ["client_credentials"]}
            self.server.tokens_drawn += 1
            self.send(200, b'{"access_token": "a-token", "expires_in": 3600}')
            return
        assert self.path == "/v1/signals"
        self.server.posts += 1
        if self.headers["authorization"] != "Bearer a-token":
            self.send(401, b"{}")
        elif self.server.status != 202:
            self.send(self.server.status, b"{}")
        else:
            assert self.headers["content-type"] == JSON
            self.server.stored.setdefault(self.headers["idempotency-key"], read_signal(read_json(body)))
            self.send(202, b'{"status": "received"}')

    def send(self, status: int, body: bytes) -> None:
        self.answer(status, JSON, body, **self.server.with_headers)


@pytest.fixture
def other() -> Iterator[OtherMunicipality]:
    with OtherMunicipality().serving() as made:
        yield made

"""How whoever lets a member go is let in by a provider of tokens."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from urllib.parse import parse_qs

import httpx2
import pytest

from eropaf.streams.runtime.leaving import _Granted
from tests.local_server import LocalHandler, LocalServer


class Provider(LocalHandler):
    """An OpenID Connect provider that gives one token, or refuses it."""

    status = 200
    asked: tuple[str, dict[str, list[str]]] = ("", {})

    def do_POST(self) -> None:
        Provider.asked = (self.headers["authorization"], parse_qs(self.body().decode()))
        self.answer(self.status, "application/json", b'{"access_token": "a token"}')


@pytest.fixture
def settings() -> Iterator[dict[str, str]]:
    with LocalServer(Provider).serving() as server:
        yield {
            "sasl.oauthbearer.client.id": "worker",
            "sasl.oauthbearer.client.secret": "made up",
            "sasl.oauthbearer.token.endpoint.url": f"{server.origin}/token",
        }


def test_a_token_is_asked_for_as_librdkafka_asks(settings: dict[str, str]) -> None:
    assert asyncio.run(_Granted({**settings, "sasl.oauthbearer.scope": "kafka"}).token()) == "a token"

    by, asked = Provider.asked
    assert asked == {"grant_type": ["client_credentials"], "scope": ["kafka"]}
    assert base64.b64decode(by.removeprefix("Basic ")) == b"worker:made up"


def test_a_provider_that_refuses_is_an_error(
    settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Provider, "status", 401)

    with pytest.raises(httpx2.HTTPError):
        asyncio.run(_Granted(settings).token())

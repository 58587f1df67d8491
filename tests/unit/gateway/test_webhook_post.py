"""One try to tell a tool over HTTP: signed, to the tool alone, and each answer taken for what it means."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eropaf.gateway.callers import Caller, Callers, CallersRefused
from eropaf.gateway.webhooks import post as posts
from eropaf.gateway.webhooks.event import Event
from eropaf.gateway.webhooks.post import LONGEST_RETRY_AFTER_S, HttpPost, Result, Tried
from eropaf.gateway.webhooks.tool import tools_of
from tests.local_server import LocalHandler, LocalServer
from tests.unit.gateway.a_tool import TOOL

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "webhooks.md"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # the standard's own example
EVENT = Event("U-1", b'{"id":"U-1"}')


class Receiver(LocalServer):
    """A tool's own server; it answers as it is told."""

    def __init__(self) -> None:
        super().__init__(Handler)
        self.answers, self.with_headers = 204, dict[str, str]()
        self.drips: bytes | None = None
        self.got: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def address(self) -> str:
        return f"{self.origin}/updates"


class Handler(LocalHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.body()
        self.server.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        if self.server.drips is not None:
            self.drip(self.server.drips)
            return
        self.answer(self.server.answers, "text/plain", b"", **self.server.with_headers)

    def drip(self, first: bytes) -> None:
        """Answer so much, and then a byte now and then, for as long as somebody listens."""
        with suppress(ConnectionError):
            self.wfile.write(first)
            while True:
                self.wfile.write(b"x")
                time.sleep(0.01)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver().serving() as made:
        yield made


def callers(receiver: Receiver) -> Callers:
    return Callers([Caller(outreach="door-tool", areas=("*",), webhook=receiver.address)], ())


@pytest.fixture
def post(receiver: Receiver, tmp_path: Path) -> Iterator[HttpPost]:
    (tmp_path / "door-tool.secret").write_text(f"{SECRET}\n", "ascii")
    (tmp_path / "door-tool.token").write_text("a-token", "ascii")
    (tool,) = tools_of(callers(receiver), tmp_path)
    made = HttpPost(tool, "eropaf.example.org")
    yield made
    made.close()


def test_a_post_is_known_as_ours_by_what_the_page_says(receiver: Receiver, post: HttpPost) -> None:
    assert post(EVENT) == Tried(Result.TOLD, "204")

    ((path, headers, body),) = receiver.got
    assert (path, body) == ("/updates", EVENT.body)
    assert headers["content-type"] == "application/cloudevents+json; charset=UTF-8"
    assert headers["webhook-request-origin"] == "eropaf.example.org"
    assert headers["authorization"] == "Bearer a-token"
    (snippet,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    page: dict[str, Any] = {}
    exec(snippet, page)  # noqa: S102  # our own page
    assert page["is_ours"](headers, body, SECRET)
    assert not page["is_ours"](headers, body + b" ", SECRET)
    assert not page["is_ours"](headers, body, f"{SECRET[:-1]}g")
    assert not page["is_ours"](headers | {"webhook-timestamp": "1614265330"}, body, SECRET)
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        assert not page["is_ours"]({each: headers[each] for each in headers.keys() - {name}}, body, SECRET)
        for junk in ("", "x", "é,é", "v1,", "9" * 5000, "١٢٣", "-1", headers[name] + "x"):
            assert not page["is_ours"](headers | {name: junk}, body, SECRET), (name, junk)


@pytest.mark.parametrize(
    ("status", "headers", "tried"),
    [
        (200, {}, Tried(Result.TOLD, "200")),
        (422, {}, Tried(Result.REFUSED, "422")),
        (503, {"Retry-After": "120"}, Tried(Result.AWAY, "503", 120.0)),
        (429, {"Retry-After": "99999999"}, Tried(Result.AWAY, "429", LONGEST_RETRY_AFTER_S)),
        (503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, Tried(Result.AWAY, "503")),
        (401, {}, Tried(Result.AWAY, "401")),
        (307, {"Location": "/elsewhere"}, Tried(Result.AWAY, "307")),
    ],
)
def test_an_answer_is_taken_for_what_it_means_and_leads_nowhere_else(
    receiver: Receiver, post: HttpPost, status: int, headers: dict[str, str], tried: Tried
) -> None:
    receiver.answers, receiver.with_headers = status, headers

    assert post(EVENT) == tried
    assert [path for path, *_ in receiver.got] == ["/updates"]


@pytest.mark.parametrize(
    ("first", "tried"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", Tried(Result.TOLD, "200")),
        (b"HTTP/1.1 503 Away\r\nRetry-After: 7\r\n\r\n", Tried(Result.AWAY, "503", 7.0)),
        (b"HTTP/1.1 200 OK\r\nX-Long: ", Tried(Result.AWAY, "TimeoutError")),
    ],
)
def test_a_tool_that_drips_holds_a_try_no_longer_than_one_that_is_silent(
    receiver: Receiver, post: HttpPost, monkeypatch: pytest.MonkeyPatch, first: bytes, tried: Tried
) -> None:
    monkeypatch.setattr(posts, "TOOL_ANSWERS_WITHIN_S", 1.0)
    receiver.drips = first

    assert post(EVENT) == tried


def test_no_proxy_of_the_environment_hears_what_a_tool_is_told(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    post = HttpPost(replace(TOOL, address=receiver.address), "eropaf.example.org")

    assert post(EVENT).result is Result.TOLD

    post.close()


def test_a_tool_that_is_not_there_is_away() -> None:
    nobody = HttpPost(replace(TOOL, address="http://127.0.0.1:1/updates"), "eropaf.example.org")

    assert nobody(EVENT) == Tried(Result.AWAY, "ConnectError")
    nobody.close()


@pytest.mark.parametrize(
    "text", ["", "whsec_", "whsec_c2hvcnQ=", SECRET.removeprefix("whsec_"), f"{SECRET} whsec_!"]
)
def test_a_webhook_without_a_secret_that_can_be_one_is_refused(
    receiver: Receiver, tmp_path: Path, text: str
) -> None:
    (tmp_path / "door-tool.secret").write_text(text, "ascii")

    with pytest.raises(CallersRefused, match="secret"):
        tools_of(callers(receiver), tmp_path)


@pytest.mark.parametrize(
    "given",
    [
        {"creditor": "rent", "clients": ("erp",), "webhook": "https://tool.example.org/"},
        {"outreach": "../tool", "areas": ("*",), "webhook": "https://tool.example.org/"},
        {"outreach": "tool", "areas": ("*",), "webhook": "http://tool.example.org/"},
        {"outreach": "tool", "areas": ("*",), "webhook": "https://me:secret@tool.example.org/"},
        {"outreach": "tool", "areas": ("*",), "webhook": "file:///etc/passwd"},
    ],
)
def test_a_webhook_leads_to_an_outreach_tool_over_https_alone(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="webhook"):
        Caller(**given)

"""Whoever is asked over HTTP holds us up no longer, and says no more, than its bounds allow."""

from __future__ import annotations

import gzip
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress

import pytest

from eropaf.serving.bounded import BoundedClient, TooLong
from tests.local_server import LocalHandler, LocalServer

MOST_BYTES = 10_000
HEAD = b"HTTP/1.1 200 OK\r\n"


class Other(LocalServer):
    """Whoever is asked; it writes `first`, and then a part again and again, if there is one."""

    def __init__(self) -> None:
        super().__init__(Handler)
        self.first, self.again = HEAD + b"Content-Length: 2\r\n\r\nOK", b""
        self.asked: list[tuple[str, str, bytes]] = []


class Handler(LocalHandler):
    server: Other

    def do_POST(self) -> None:
        self.server.asked.append((self.path, self.headers["accept-encoding"], self.body()))
        with suppress(ConnectionError):
            self.wfile.write(self.server.first)
            while self.server.again:
                self.wfile.write(self.server.again)
                time.sleep(0.01)


@pytest.fixture
def other() -> Iterator[Other]:
    with Other().serving() as made:
        yield made


def a_client(within_s: float = 60.0) -> BoundedClient:
    return BoundedClient(ssl.create_default_context(), within_s, MOST_BYTES)


def test_an_answer_comes_with_its_status_head_and_body(other: Other) -> None:
    with closing(a_client()) as client:
        told = [client.post(f"{other.origin}/asked", content=each) for each in (b"one", b"two")]

    assert [(each.status, each.headers["content-length"], each.body) for each in told] == [
        (200, "2", b"OK")
    ] * 2
    assert other.asked == [("/asked", "identity", each) for each in (b"one", b"two")]


@pytest.mark.parametrize(
    ("first", "again"),
    [(HEAD[:-4], b"K"), (HEAD + b"X-Long: ", b"x"), (HEAD + b"\r\n", b"x")],
    ids=["in its status", "in its head", "in its body"],
)
def test_who_drips_is_left_in_time(other: Other, first: bytes, again: bytes) -> None:
    other.first, other.again = first, again

    with closing(a_client(within_s=0.5)) as client, pytest.raises(TimeoutError):
        client.post(other.origin)


@pytest.mark.parametrize(
    "says",
    [
        lambda: HEAD + b"\r\n" + b"x" * (MOST_BYTES + 1),
        lambda: HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(bytes(100_000_000)),
    ],
    ids=["large", "packed"],
)
def test_what_is_larger_than_an_answer_or_packed_is_not_read(other: Other, says: Callable[[], bytes]) -> None:
    other.first = says()

    with closing(a_client()) as client, pytest.raises(TooLong):
        client.post(other.origin)


def test_it_leads_nowhere_else_and_no_proxy_hears_it(other: Other, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    other.first = HEAD.replace(b"200 OK", b"307 Elsewhere") + b"Location: /else\r\nContent-Length: 0\r\n\r\n"

    with closing(a_client()) as client:
        assert client.post(f"{other.origin}/asked").status == 307
    assert [path for path, *_ in other.asked] == ["/asked"]

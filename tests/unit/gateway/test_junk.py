"""Ten million bytes of junk, over a socket: each route answers with a problem, and the gateway goes on."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from functools import partial

import httpx2
import pytest
from nacl.public import PrivateKey

from eropaf.gateway.contract import contract
from eropaf.gateway.serve import front
from eropaf.serving.server import running
from tests.certificates import Identities
from tests.integration.processes import PATIENCE_S
from tests.unit.gateway.a_cluster import FakeCluster, opened
from tests.unit.gateway.test_gateway_intake import a_signal
from tests.unit.gateway.test_gateway_outreach import tools

PUBLIC_KEY = bytes(PrivateKey.generate().public_key).hex()
BYTES = 10_000_000
RANDOM = random.Random(23).randbytes(BYTES)
JUNK = {
    # Many lines, and one that is very long.
    "random": RANDOM[: BYTES // 10] + RANDOM[BYTES // 10 :].replace(b"\n", b" "),
    "brackets": b"[" * BYTES,
    "lines": b"\n" * BYTES,
}
WHO = {"creditors": "rent", "outreach": "city"}
# Each route by its method, with every type of content that it takes, and who is let in.
ROUTES = [
    (method.upper(), path.replace("{signal_id}", "%FF%00"), kind, WHO[operation["tags"][0]])
    for path, methods in contract()["paths"].items()
    for method, operation in methods.items()
    for kind in operation.get("requestBody", {"content": [""]})["content"]
]

Program = Callable[[tuple[str, int]], Coroutine[None, None, None]]


@asynccontextmanager
async def caller(at: tuple[str, int], shown: str) -> AsyncIterator[httpx2.AsyncClient]:
    headers = {"Client-Cert": shown}
    address = f"http://{at[0]}:{at[1]}/v1"
    async with httpx2.AsyncClient(base_url=address, headers=headers, timeout=None) as made:
        yield made


def run(cluster: FakeCluster, identities: Identities, program: Program) -> None:
    """Run a program that is told where a gateway listens; then see that it is well, and stored none of it."""

    async def ran() -> None:
        async with opened(
            cluster, identities, tools(identities), proxies=["127.0.0.1"], slips_public_key=PUBLIC_KEY
        ) as made:
            server = front(made.app, "127.0.0.1", 0)
            async with running([server]):
                at = server.servers[0].sockets[0].getsockname()
                await program(at)
                async with caller(at, identities.of("rent").header) as rent:
                    assert (await rent.get("/../health/live")).text == "live"
                    assert (await rent.post("/signals", json=a_signal())).status_code == 202

    asyncio.run(asyncio.wait_for(ran(), PATIENCE_S))
    assert [each["signal_id"] for each in cluster.signals("rent")] == ["S-1"]


@pytest.mark.parametrize("junk", JUNK)
def test_junk_on_any_route_is_answered_with_a_problem_and_the_gateway_lives(
    cluster: FakeCluster, identities: Identities, junk: str
) -> None:
    async def program(at: tuple[str, int]) -> None:
        # Where there is no body to take, what else comes in is junk too.
        after = {"after": "\xff" * 50}
        for method, path, kind, who in ROUTES:
            headers = {"Content-Type": kind, "Last-Event-ID": "junk"}
            async with caller(at, identities.of(who).header) as each:
                answer = await each.request(method, path, params=after, headers=headers, content=JUNK[junk])
            assert answer.status_code in (400, 404, 413), (method, path, kind)
            assert answer.headers["content-type"] == "application/problem+json"
            assert {"status", "title", "detail", "code"} <= set(answer.json())

    run(cluster, identities, program)


@pytest.mark.parametrize(
    "begins",
    [b"", b"GET /", b"POST /v1/signals HTTP/1.1\r\nHost: a\r\nX-Junk: "],
    ids=["nothing", "line", "head"],
)
def test_what_is_no_http_at_all_is_answered_with_a_problem_and_hung_up(
    cluster: FakeCluster, identities: Identities, begins: bytes
) -> None:
    def answered(at: tuple[str, int]) -> bytes:
        found = b""
        with socket.create_connection(at, timeout=PATIENCE_S) as connection:
            with suppress(
                OSError
            ):  # it hangs up before it has read all of it; its answer is there all the same
                connection.sendall(begins + JUNK["random"])
            with suppress(ConnectionError):
                while part := connection.recv(65_536):
                    found += part
        return found

    async def program(at: tuple[str, int]) -> None:
        head, _, body = (await asyncio.to_thread(partial(answered, at))).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 ")
        assert b"content-type: application/problem+json" in head
        assert b"api-version: " in head
        assert b'"code":"no-http"' in body

    run(cluster, identities, program)

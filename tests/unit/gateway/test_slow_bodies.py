"""Bodies that come slowly, over a socket: a trickle is given up, and a slow one keeps nobody waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress

import httpx2
import pytest

from eropaf.gateway import body as bodies
from eropaf.gateway import metrics
from eropaf.gateway.serve import front
from eropaf.serving.server import running
from tests.certificates import Identities
from tests.unit.gateway.a_cluster import FakeCluster, opened
from tests.unit.gateway.test_files import HEAD, ROW
from tests.unit.gateway.test_gateway_intake import a_signal, lines

FILE = f"{HEAD}\n{ROW.format(1)}\n".encode()
MANY, ONE_FILE = ("/v1/signals", "application/x-ndjson"), ("/v1/files", "text/csv")

# More of them than are read or stored at once.
SLOW = ("gas", "heat", "power", "rent", "tax")

Program = Callable[[str], Coroutine[None, None, None]]


def run(cluster: FakeCluster, identities: Identities, program: Program) -> None:
    """Run a program that is told the address of a gateway."""

    async def ran() -> None:
        async with opened(cluster, identities, proxies=["127.0.0.1"]) as made:
            server = front(made.app, "127.0.0.1", 0, None)
            async with running([server]):
                await program(f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}")

    asyncio.run(asyncio.wait_for(ran(), 100))


@asynccontextmanager
async def begun(
    address: str, where: tuple[str, str], shown: str
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Begin to post a large body; nothing of it has been sent."""
    host, _, port = address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    path, kind = where
    head = [
        f"POST {path} HTTP/1.1", f"Host: {address}", f"Client-Cert: {shown}", f"Content-Type: {kind}",
        "Content-Length: 1000000",
    ]  # fmt: skip
    writer.write("\r\n".join([*head, "", ""]).encode())
    await writer.drain()
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


@pytest.mark.parametrize("where", [MANY, ONE_FILE])
def test_a_body_that_trickles_is_given_up_however_long_it_may_be(
    cluster: FakeCluster, identities: Identities, monkeypatch: pytest.MonkeyPatch, where: tuple[str, str]
) -> None:
    monkeypatch.setattr(bodies, "NEXT_PART_WITHIN_S", 0.2)

    async def trickle(writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while True:
                writer.write(b"\n")
                await writer.drain()
                await asyncio.sleep(0.01)

    async def program(address: str) -> None:
        async with begun(address, where, identities.of("rent").header) as (reader, writer):
            trickling = asyncio.ensure_future(trickle(writer))
            answer = await reader.readuntil(b"\r\n")
            trickling.cancel()
            assert answer.split()[1] == b"408"

    run(cluster, identities, program)


@pytest.mark.parametrize("cluster", [(*SLOW, "water")], indirect=True)
@pytest.mark.parametrize(
    ("where", "room", "of_each", "body"),
    [(MANY, "/v1/signals (many)", 2, lines(a_signal(1))), (ONE_FILE, "/v1/files", 1, FILE)],
)
def test_bodies_that_still_come_keep_no_other_creditor_waiting(
    cluster: FakeCluster, identities: Identities, where: tuple[str, str], room: str, of_each: int, body: bytes
) -> None:
    async def program(address: str) -> None:
        path, kind = where
        async with AsyncExitStack() as stack:
            for each in SLOW * of_each:
                await stack.enter_async_context(begun(address, where, identities.of(each).header))
            while in_hand(room) < len(SLOW) * of_each:
                await asyncio.sleep(0.01)

            headers = {"Client-Cert": identities.of("water").header, "Content-Type": kind}
            async with httpx2.AsyncClient(timeout=60) as water:
                answer = await water.post(f"http://{address}{path}", content=body, headers=headers)
            assert (answer.status_code, answer.json()["stored"]) == (202, 1), answer.text

    run(cluster, identities, program)


def in_hand(room: str) -> float:
    return metrics.MEASURES.get_sample_value("eropaf_gateway_requests_in_hand", {"route": room}) or 0.0

"""The live list as a stream: whole and then each change, for as long as the tool may listen."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

import httpx2
import pytest

from eropaf.gateway import outreach
from eropaf.gateway.callers import Caller
from eropaf.gateway.serve import serving
from eropaf.serving import server as servers
from eropaf.serving.server import running, server
from tests.certificates import Identities
from tests.unit.gateway.a_cluster import FakeCluster, client, opened
from tests.unit.gateway.test_gateway_outreach import SOON_S, forget, household, tell, tools


class Stream:
    """Server-sent events as they come, each with its name, its data and the mark so far."""

    def __init__(self, response: httpx2.Response) -> None:
        self._lines = response.aiter_lines()
        self.mark = ""

    async def next(self) -> tuple[str, Any]:
        name = ""
        async with asyncio.timeout(SOON_S):
            async for line in self._lines:
                kind, _, value = line.partition(": ")
                if kind == "id":
                    self.mark = value
                elif kind == "event":
                    name = value
                elif kind == "data":
                    return name, json.loads(value)
        raise EOFError


def over_the_network(
    cluster: FakeCluster,
    identities: Identities,
    program: Callable[[httpx2.AsyncClient, str], Coroutine[Any, Any, None]],
) -> None:
    """Run a program that is given a client and the centre's identity."""

    async def ran() -> None:
        # The client stands where the proxy would.
        async with opened(cluster, identities, tools(identities), proxies=["127.0.0.1"]) as made:
            front = server(made.app, "127.0.0.1", 0)
            async with running([front]):
                port = front.servers[0].sockets[0].getsockname()[1]
                async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as tool:
                    await program(tool, identities.of("centre").header)

    asyncio.run(asyncio.wait_for(ran(), 100))


def test_the_live_list_is_told_whole_and_then_each_change_also_to_who_comes_back(
    cluster: FakeCluster, identities: Identities
) -> None:
    for number in range(3):
        tell(cluster, number)
    tell(cluster, 7, area="1012")

    async def followed(tool: httpx2.AsyncClient, identity: str) -> None:
        shown = {"Client-Cert": identity}
        async with tool.stream("GET", "/v1/list", headers=shown) as response:
            stream = Stream(response)
            name, rows = await stream.next()
            assert (name, [each["household"] for each in rows]) == ("rows", [household(n) for n in range(3)])
            assert await stream.next() == ("whole", 3)
            tell(cluster, 1, 2, band="NONE", respond_by=None)
            name, told = await stream.next()
            assert (name, told["update"]["band"]) == ("update", "NONE")
        mark = stream.mark
        forget(cluster, 2)
        async with tool.stream("GET", "/v1/list", headers={**shown, "Last-Event-ID": mark}) as response:
            stream = Stream(response)
            seen = [await stream.next()]
            while seen[-1][0] != "erasure":
                seen.append(await stream.next())
            assert seen[-1][1]["household"] == household(2)
            assert [name for name, _ in seen] in (["erasure"], ["update", "erasure"])
        refused = await tool.get("/v1/list", headers={**shown, "Last-Event-ID": "nonsense"})
        assert refused.status_code == 400

    over_the_network(cluster, identities, followed)


def test_more_streams_than_a_tool_has_open_are_refused_before_they_begin(
    cluster: FakeCluster, identities: Identities, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outreach, "MOST_STREAMS_OF_ONE", 1)

    async def opens_two(tool: httpx2.AsyncClient, identity: str) -> None:
        shown = {"Client-Cert": identity}
        async with tool.stream("GET", "/v1/list", headers=shown) as response:
            assert await Stream(response).next() == ("whole", 0)
            refused = await tool.get("/v1/list", headers=shown)
            assert (refused.status_code, refused.json()["code"]) == (429, "too-many-at-once")

    over_the_network(cluster, identities, opens_two)


def test_a_stream_ends_with_the_credential(
    cluster: FakeCluster, identities: Identities, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outreach, "ALIVE_EVERY_S", 0.05)
    short = identities.of("centre", lasts_s=3)
    tool = Caller(outreach="centre", areas=("1011",), fingerprints=(short.fingerprint,))

    async def program() -> None:
        async with opened(cluster, identities, [tool]) as made, client(made, short.header) as centre:
            told = await centre.get("/v1/list")  # ends by itself, or this waits for ever
            assert told.status_code in (200, 401)

    asyncio.run(asyncio.wait_for(program(), 100))


def test_a_gateway_that_stops_ends_every_stream_and_cuts_none_off(
    cluster: FakeCluster,
    identities: Identities,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(servers, "ENDS_WITHIN_S", 60)  # what is cut off is cut off by then

    async def program() -> None:
        async with (
            opened(cluster, identities, tools(identities), proxies=["127.0.0.1"]) as made,
            AsyncExitStack() as stack,
        ):
            front = server(made.app, "127.0.0.1", 0)
            await stack.enter_async_context(serving(made, [front]))
            at = f"http://127.0.0.1:{front.servers[0].sockets[0].getsockname()[1]}/v1/list"
            async with (
                httpx2.AsyncClient(timeout=60) as tool,
                tool.stream("GET", at, headers={"Client-Cert": identities.of("centre").header}) as response,
            ):
                stream = Stream(response)
                assert await stream.next() == ("whole", 0)
                leaving = asyncio.ensure_future(stack.aclose())
                with pytest.raises(EOFError):  # its last chunk came; one that is cut off ends otherwise
                    await stream.next()
                await leaving

    asyncio.run(asyncio.wait_for(program(), 100))
    assert [each.message for each in caplog.records if each.levelno >= logging.ERROR] == []

"""An outreach tool over HTTP: each update once and in order, its own areas alone, and never why."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx2
import pytest

from eropaf.gateway.callers import Caller
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import PRIORITIES
from eropaf_client.schemas.wire import Codec
from tests.certificates import Identities
from tests.unit.gateway.a_cluster import FakeCluster, client, opened, partition_of

SOON_S = 60
SCHEMAS = Path(__file__).parents[3] / "schemas" / "avsc"
ENCODE = Codec("PriorityUpdate", PRIORITIES, LocalRegistry()).encode
OUTCOMES = Codec("OutreachOutcome", "outreach.outcomes", LocalRegistry())

Program = Callable[[Any], Coroutine[Any, Any, None]]


def household(number: int) -> str:
    return f"{number:032x}"


def tell(cluster: FakeCluster, number: int, sequence: int = 1, area: str = "1011", **changes: Any) -> None:
    """Tell an update of a household, or with `band=None` its erasure."""
    told = {
        "update_id": f"{number}-{sequence}", "household": household(number), "sequence": sequence,
        "address": {"postcode": f"{area}AB", "house_number": number, "addition": ""}, "area": area,
        "urgency": 5_000 - number, "band": "HIGH", "respond_by": 20_600, "change": "RAISED",
        "policy_version": "v", "event_at": 1_772_442_000_000, "overruled": False, "action": "PHONE",
        "respond_by_norm": None, **changes,
    }  # fmt: skip
    cluster.priorities.write(PRIORITIES, household(number), ENCODE(told))


def partition(number: int) -> int:
    return partition_of(household(number))


def forget(cluster: FakeCluster, number: int) -> None:
    cluster.priorities.write(PRIORITIES, household(number), None)


def tools(identities: Identities) -> list[Caller]:
    return [
        Caller(outreach="centre", areas=("1011",), fingerprints=(identities.of("centre").fingerprint,)),
        Caller(outreach="city", areas=("*",), fingerprints=(identities.of("city").fingerprint,)),
    ]


def run(cluster: FakeCluster, identities: Identities, program: Program) -> None:
    """Run a program that is given a function from a tool's name to its client."""

    async def ran() -> None:
        async with opened(cluster, identities, tools(identities)) as made:
            await program(lambda name: client(made, identities.of(name).header))

    asyncio.run(asyncio.wait_for(ran(), 100))


async def read(tool: httpx2.AsyncClient, count: int, limit: int = 100) -> tuple[list[dict[str, Any]], str]:
    """Read the feed from its beginning until it has told `count`; return that, and the cursor."""
    found: list[dict[str, Any]] = []
    after = ""
    async with asyncio.timeout(SOON_S):
        while len(found) < count:
            await asyncio.sleep(0.01)
            page = (await tool.get(f"/v1/updates?limit={limit}{after and '&after=' + after}")).json()
            assert len(page["updates"]) <= limit
            found += page["updates"]
            after = page["next"]
    return found, after


def test_the_feed_tells_each_update_once_and_in_order_per_household(
    cluster: FakeCluster, identities: Identities
) -> None:
    for sequence in (1, 2, 3):
        for number in range(5):
            tell(cluster, number, sequence)
    tell(cluster, 2, 3)  # a repeat

    async def program(of: Callable[[str], httpx2.AsyncClient]) -> None:
        found, after = await read(of("city"), 15, limit=4)
        assert len({each["update"]["update_id"] for each in found}) == len(found) == 15
        for number in range(5):
            told = [each["update"]["sequence"] for each in found if each["household"] == household(number)]
            assert told == [1, 2, 3]
        again = await of("city").get(f"/v1/updates?after={after}")
        assert again.json() == {"updates": [], "next": after}

    run(cluster, identities, program)


def test_who_has_read_all_waits_behind_a_repeat_too(cluster: FakeCluster, identities: Identities) -> None:
    tell(cluster, 1)
    tell(cluster, 1)

    async def program() -> None:
        async with opened(cluster, identities, tools(identities)) as made:
            feed, (_, city) = made.state.feed, tools(identities)
            assert feed is not None
            found, reached = feed.after(None, 100, city)
            assert len(found) == 1
            assert reached == feed.end(), "else every open stream is woken for it again and again"

    asyncio.run(asyncio.wait_for(program(), 100))


def test_the_feed_keeps_the_order_of_the_topic_so_that_no_cursor_goes_past_an_update(
    cluster: FakeCluster, identities: Identities
) -> None:
    """A household's second update before another's first: who reads one by one is told all three."""
    beside = [number for number in range(200) if partition(number) == partition(0)][1]
    tell(cluster, 0, 1)
    tell(cluster, 0, 2)
    tell(cluster, beside, 1)

    async def program(of: Callable[[str], httpx2.AsyncClient]) -> None:
        found, _ = await read(of("city"), 3, limit=1)
        assert [each["update"]["update_id"] for each in found] == ["0-1", "0-2", f"{beside}-1"]

    run(cluster, identities, program)


def test_a_tool_sees_its_own_areas_and_every_erasure(cluster: FakeCluster, identities: Identities) -> None:
    tell(cluster, 1)
    tell(cluster, 2, area="1012")
    tell(cluster, 3, area="1012")
    forget(cluster, 3)
    forget(cluster, 9)  # of before anything that is kept

    async def program(of: Callable[[str], httpx2.AsyncClient]) -> None:
        everything, _ = await read(of("city"), 4)
        told = {each["household"]: each["update"] for each in everything}
        assert set(told) == {household(number) for number in (1, 2, 3, 9)}
        assert told[household(3)] is None
        assert "1012AB" not in json.dumps([told[household(3)]])

        mine, _ = await read(of("centre"), 3)
        assert [each["household"] for each in mine if each["update"]] == [household(1)]
        assert {each["household"] for each in mine if not each["update"]} == {household(3), household(9)}

    run(cluster, identities, program)


def test_what_is_told_over_http_has_the_fields_of_the_topic_and_no_reason(
    cluster: FakeCluster, identities: Identities
) -> None:
    schema = json.loads((SCHEMAS / "PriorityUpdate.avsc").read_text("utf-8"))
    address = json.loads((SCHEMAS / "Address.avsc").read_text("utf-8"))
    tell(cluster, 1)

    async def program(of: Callable[[str], httpx2.AsyncClient]) -> None:
        ((told,), _) = await read(of("city"), 1)
        assert set(told) == {"household", "update", "caused_at"}
        assert set(told["update"]) == {each["name"] for each in schema["fields"]}
        assert set(told["update"]["address"]) == {each["name"] for each in address["fields"]}
        assert told["update"]["respond_by"] == "2026-05-27"

    run(cluster, identities, program)


def test_who_has_it_already_is_told_that_nothing_changed(
    cluster: FakeCluster, identities: Identities
) -> None:
    tell(cluster, 1)

    async def program(of: Callable[[str], httpx2.AsyncClient]) -> None:
        _, after = await read(of("city"), 1)
        first = await of("city").get(f"/v1/updates?after={after}")
        mark = {"If-None-Match": first.headers["etag"]}
        same = await of("city").get(f"/v1/updates?after={after}", headers=mark)
        assert (same.status_code, same.content) == (304, b"")
        assert (await of("centre").get(f"/v1/updates?after={after}", headers=mark)).status_code == 200

        tell(cluster, 2)
        async with asyncio.timeout(SOON_S):
            while (await of("city").get(f"/v1/updates?after={after}", headers=mark)).status_code == 304:
                await asyncio.sleep(0.01)

    run(cluster, identities, program)


def test_creditors_and_tools_have_nothing_of_each_other(cluster: FakeCluster, identities: Identities) -> None:
    async def program(of: Callable[[str], httpx2.AsyncClient]) -> None:
        for address in ("/v1/updates", "/v1/list"):
            refused = await of("rent").get(address)
            assert (refused.status_code, refused.json()["code"]) == (403, "not-an-outreach-tool")
        assert (await of("rent").post("/v1/outcomes", json={})).status_code == 403
        for address in ("/v1/feedback", "/v1/questions", "/v1/signals/S-1"):
            assert (await of("city").get(address)).status_code == 403

    run(cluster, identities, program)


OUTCOME: dict[str, Any] = {
    "outcome_id": "o-1",
    "household": household(1),
    "at": "2026-03-02T10:00:00Z",
    "attempt": {"channel": "PHONE", "reached": True, "on": "2026-03-02", "day_part": "MORNING"},
}


async def listed(tool: httpx2.AsyncClient) -> None:
    await read(tool, 1)


def test_an_outcome_is_stored_before_it_is_answered(cluster: FakeCluster, identities: Identities) -> None:
    tell(cluster, 1)

    async def program(of: Callable[[str], httpx2.AsyncClient]) -> None:
        await listed(of("centre"))
        cluster.away = True
        assert (await of("centre").post("/v1/outcomes", json=OUTCOME)).status_code == 503
        cluster.away = False
        answer = await of("centre").post("/v1/outcomes", json=OUTCOME)
        assert (answer.status_code, answer.json()) == (202, {"outcome_id": "o-1", "status": "received"})

    run(cluster, identities, program)
    (stored,) = map(OUTCOMES.decode, cluster.values("outreach.outcomes"))
    assert (stored["household"], stored["attempt"]["channel"]) == (household(1), "PHONE")


def test_a_result_may_name_the_signals_that_it_is_about(cluster: FakeCluster, identities: Identities) -> None:
    tell(cluster, 1)

    async def program(of: Callable[[str], httpx2.AsyncClient]) -> None:
        await listed(of("centre"))
        some = OUTCOME | {"result": "ADVICE", "signals": ["S-1001", "S-1002"]}
        assert (await of("centre").post("/v1/outcomes", json=some)).status_code == 202

    run(cluster, identities, program)
    (stored,) = map(OUTCOMES.decode, cluster.values("outreach.outcomes"))
    assert stored["signals"] == ["S-1001", "S-1002"]


@pytest.mark.parametrize(
    ("changed", "status", "field"),
    [
        ({"household": household(2)}, 404, None),
        ({"household": household(7)}, 404, None),
        ({"attempt": None}, 400, "picked_up_on, attempt, result, asks_still_open"),
        ({"attempt": {"channel": "PIGEON", "reached": True, "on": "2026-03-02"}}, 400, "attempt.channel"),
        ({"note": "she said"}, 400, None),
        ({"signals": ["S-1001"]}, 400, "signals"),
        ({"result": "ADVICE", "signals": "S-1001"}, 400, "signals"),
        ({"follow_up": {"until": "2026-04-01", "interpreter": "Arabic"}}, 400, "follow_up.interpreter"),
        ({"at": "2026-03-02T10:00:00"}, 400, "at"),
    ],
)
def test_an_outcome_of_anothers_household_or_with_a_fault_is_not_stored(
    cluster: FakeCluster, identities: Identities, changed: dict[str, Any], status: int, field: str | None
) -> None:
    tell(cluster, 1)
    tell(cluster, 2, area="1012")

    async def program(of: Callable[[str], httpx2.AsyncClient]) -> None:
        await listed(of("centre"))
        refused = await of("centre").post("/v1/outcomes", json=OUTCOME | changed)
        assert refused.status_code == status
        if field is not None:
            assert field in [each.get("field") for each in refused.json()["errors"]]

    run(cluster, identities, program)
    assert cluster.values("outreach.outcomes") == []

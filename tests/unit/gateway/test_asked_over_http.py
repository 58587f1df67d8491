"""`GET /questions`: a creditor without Kafka hears what it is asked, as it hears its feedback."""

from __future__ import annotations

import asyncio

import httpx2
import pytest

from eropaf_client.schemas.topics import questions
from tests.certificates import Identities
from tests.unit.gateway.a_cluster import FakeCluster, client, opened
from tests.unit.gateway.test_receipts import SOON_S, run

SIX_HOURS_S = 6 * 60 * 60


async def heard(creditor: httpx2.AsyncClient, count: int, query: str = "") -> list[str]:
    """Return the ids of what a creditor is asked, once there are so many."""
    async with asyncio.timeout(SOON_S):
        while True:
            page = (await creditor.get(f"/v1/questions{query}")).json()
            if len(page["questions"]) >= count:
                return [each["question_id"] for each in page["questions"]]
            await asyncio.sleep(0.01)  # what was read is taken in when the loop has its turn


def test_a_creditor_hears_its_own_questions_each_once_from_a_cursor_on(
    cluster: FakeCluster, identities: Identities
) -> None:
    async def program() -> None:
        async with opened(cluster, identities) as made:
            rent = client(made, identities.of("rent").header)
            for number in range(5):
                cluster.ask("rent", f"q-{number}")
            cluster.ask("water", "another's")

            assert await heard(rent, 5) == [f"q-{number}" for number in range(5)]
            first = (await rent.get("/v1/questions?limit=3")).json()
            second = (await rent.get(f"/v1/questions?limit=3&after={first['next']}")).json()
            last = (await rent.get(f"/v1/questions?after={second['next']}")).json()
            assert [len(each["questions"]) for each in (first, second, last)] == [3, 2, 0]
            assert set(first["questions"][0]) == {"question_id", "contract", "signal_id", "asked_at"}

            cluster.ask("rent", "q-5")
            assert await heard(rent, 1, f"?after={last['next']}") == ["q-5"]

    asyncio.run(asyncio.wait_for(program(), 100))


def test_what_was_asked_too_long_ago_is_told_no_more(cluster: FakeCluster, identities: Identities) -> None:
    cluster.ask("rent", "this night", SIX_HOURS_S + 1)
    cluster.ask("rent", "this morning", SIX_HOURS_S - 600)

    async def program(rent: httpx2.AsyncClient) -> None:
        assert await heard(rent, 1) == ["this morning"]

    run(cluster, identities, program)


def test_a_cursor_of_another_topic_counts_for_nothing_and_of_a_new_one_neither(
    cluster: FakeCluster, identities: Identities
) -> None:
    async def asked(cluster: FakeCluster, address: str) -> httpx2.Response:
        async with opened(cluster, identities) as made, client(made, identities.of("rent").header) as rent:
            return await rent.get(address)

    async def program() -> None:
        cursor = (await asked(cluster, "/v1/questions")).json()["next"]
        assert (await asked(cluster, f"/v1/feedback?after={cursor}")).status_code == 400
        later = FakeCluster()
        later.made_anew.update([questions("rent")])
        assert (await asked(later, f"/v1/questions?after={cursor}")).status_code == 400
        assert (await asked(FakeCluster(), f"/v1/questions?after={cursor}")).status_code == 200

    asyncio.run(asyncio.wait_for(program(), 100))


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "after=x", "from=1"])
def test_what_is_asked_wrongly_of_the_questions_is_named(
    cluster: FakeCluster, identities: Identities, query: str
) -> None:
    async def program(rent: httpx2.AsyncClient) -> None:
        refused = await rent.get(f"/v1/questions?{query}")
        assert (refused.status_code, refused.headers["content-type"]) == (400, "application/problem+json")

    run(cluster, identities, program)


def test_nobody_hears_questions_without_a_credential(cluster: FakeCluster, identities: Identities) -> None:
    async def program() -> None:
        async with opened(cluster, identities) as made:
            assert (await client(made).get("/v1/questions")).status_code == 401

    asyncio.run(asyncio.wait_for(program(), 100))

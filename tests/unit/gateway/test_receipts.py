"""A receipt says what the topics say: received, taken in, refused and by which rule, answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from eropaf.gateway.answers import Answer, Answers
from eropaf.gateway.problems import Problem
from eropaf.risk.sources import SOURCES, source_of
from eropaf_client.feedback import Collection, CreditorFeedback, SignalStatus
from eropaf_client.schemas.topics import arrears, feedback
from tests.certificates import Identities
from tests.unit.gateway.a_cluster import FakeCluster, client, opened
from tests.unit.gateway.test_gateway_intake import NDJSON, a_signal, lines

Program = Callable[[httpx2.AsyncClient], Coroutine[Any, Any, None]]
SOON_S = 60


def run(cluster: FakeCluster, identities: Identities, program: Program) -> None:
    async def ran() -> None:
        async with opened(cluster, identities, source_of=source_of) as made:
            await program(client(made, identities.of("rent").header))

    asyncio.run(asyncio.wait_for(ran(), 100))


async def receipt(rent: httpx2.AsyncClient, signal_id: str, status: str) -> dict[str, Any]:
    """Return the receipt once it says `status`."""
    async with asyncio.timeout(SOON_S):
        while True:
            found: dict[str, Any] = (await rent.get(f"/v1/signals/{signal_id}")).json()
            if found["status"] == status:
                return found
            await asyncio.sleep(0.05)


def test_a_signal_is_received_then_accepted_then_answered(
    cluster: FakeCluster, identities: Identities
) -> None:
    async def program(rent: httpx2.AsyncClient) -> None:
        posted = (await rent.post("/v1/signals", json=a_signal())).json()
        received = await receipt(rent, "S-1", "received")
        stored = received["stored"]
        at = datetime.fromisoformat(received["received_at"])
        assert datetime.now(UTC) - timedelta(minutes=2) < at <= datetime.now(UTC)
        assert (stored["topic"], received["content_sha256"]) == ("arrears.rent", posted["content_sha256"])
        assert (received["answers"], received["refusal"]) == ([], None)

        cluster.take_in("rent")
        accepted = await receipt(rent, "S-1", "accepted")
        assert (accepted["received_at"], accepted["stored"]) == (received["received_at"], stored)

        cluster.answer("rent", "S-1", "PICKED_UP", collection="PAUSE", pause_until=20_600)
        async with asyncio.timeout(SOON_S):
            while not (answers := (await rent.get("/v1/signals/S-1")).json()["answers"]):
                await asyncio.sleep(0.01)
        assert (answers[0]["status"], answers[0]["collection"]) == ("PICKED_UP", "PAUSE")
        assert answers[0]["pause_until"] == "2026-05-27"

    run(cluster, identities, program)


def test_a_refusal_is_told_with_its_code_and_where_the_rule_stands(
    cluster: FakeCluster, identities: Identities
) -> None:
    async def program(rent: httpx2.AsyncClient) -> None:
        await rent.post("/v1/signals", json=a_signal())
        cluster.answer("rent", "S-1", "NOT_PICKED_UP_UNJUSTIFIED", "no-personal-contact")
        cluster.take_in("rent")

        refused = await receipt(rent, "S-1", "refused")

        assert refused["refusal"]["code"] == "no-personal-contact"
        assert "Besluit gemeentelijke schuldhulpverlening art. 2" in refused["refusal"]["source"]

    run(cluster, identities, program)


def test_a_correction_has_a_receipt_of_its_own(cluster: FakeCluster, identities: Identities) -> None:
    async def program(rent: httpx2.AsyncClient) -> None:
        await rent.post("/v1/signals", json=a_signal())
        cluster.answer("rent", "S-1", "NOT_PICKED_UP_UNJUSTIFIED", "too-little")
        await receipt(rent, "S-1", "refused")
        await asyncio.sleep(0.002)  # the clock of the tests counts milliseconds
        await rent.post("/v1/signals", json=a_signal(amount_cents=500_000, version=2))

        corrected = await receipt(rent, "S-1", "received")

        assert (corrected["version"], corrected["versions"], corrected["answers"]) == (2, [1, 2], [])

    run(cluster, identities, program)


def test_of_very_many_versions_and_answers_a_receipt_shows_the_newest(
    cluster: FakeCluster, identities: Identities
) -> None:
    async def program(rent: httpx2.AsyncClient) -> None:
        batch = lines(*[a_signal(version=each) for each in range(1, 251)])
        assert (await rent.post("/v1/signals", content=batch, headers=NDJSON)).status_code == 202
        for number in range(250):
            cluster.answer("rent", "S-1", "PICKED_UP", feedback_id=f"F-{number}")
        async with asyncio.timeout(SOON_S):
            while True:
                found = (await rent.get("/v1/signals/S-1")).json()
                if found["answers"] and found["answers"][-1]["feedback_id"] == "F-249":
                    break
                await asyncio.sleep(0.01)  # what was read is taken in when the loop has its turn

        assert found["versions"] == list(range(151, 251))
        assert [each["feedback_id"] for each in found["answers"]] == [f"F-{n}" for n in range(150, 250)]

    run(cluster, identities, program)


@pytest.mark.parametrize("signal_id", ["a/b", "a b", "../feedback", "ü", "a?b", "%2F"])
def test_a_signal_of_any_id_has_its_receipt_at_the_address_that_it_was_given(
    cluster: FakeCluster, identities: Identities, signal_id: str
) -> None:
    async def program(rent: httpx2.AsyncClient) -> None:
        posted = await rent.post("/v1/signals", json=a_signal(signal_id=signal_id))
        found = await rent.get(posted.headers["location"])
        assert (found.status_code, found.json()["signal_id"]) == (200, signal_id)

    run(cluster, identities, program)


def test_of_a_signal_that_nobody_sent_there_is_no_receipt(
    cluster: FakeCluster, identities: Identities
) -> None:
    async def program(rent: httpx2.AsyncClient) -> None:
        missing = await rent.get("/v1/signals/S-9")
        assert (missing.status_code, missing.json()["code"]) == (404, "no-signal")

    run(cluster, identities, program)


def test_feedback_is_read_on_from_a_cursor_each_answer_once(
    cluster: FakeCluster, identities: Identities
) -> None:
    async def program(rent: httpx2.AsyncClient) -> None:
        batch = lines(*map(a_signal, range(30)))
        assert (await rent.post("/v1/signals", content=batch, headers=NDJSON)).status_code == 202
        for number in range(30):
            cluster.answer("rent", f"S-{number}", "PICKED_UP")
        found: list[str] = []
        after = ""
        async with asyncio.timeout(SOON_S):
            while len(found) < 30:
                await asyncio.sleep(0.01)  # what was read is taken in when the loop has its turn
                page = (await rent.get(f"/v1/feedback?limit=7{after}")).json()
                assert len(page["feedback"]) <= 7
                found += [each["signal_id"] for each in page["feedback"]]
                after = f"&after={page['next']}"
        assert sorted(found) == sorted(f"S-{number}" for number in range(30))
        last = (await rent.get(f"/v1/feedback?{after[1:]}")).json()
        assert (last["feedback"], f"&after={last['next']}") == ([], after)

    run(cluster, identities, program)


@pytest.mark.parametrize(("anew", "status"), [("rent", 400), ("alimony", 200)])
def test_a_cursor_holds_until_the_creditors_own_topic_is_made_anew(
    cluster: FakeCluster, identities: Identities, anew: str, status: int
) -> None:
    async def asked(cluster: FakeCluster, after: str) -> httpx2.Response:
        async with opened(cluster, identities) as made, client(made, identities.of("rent").header) as rent:
            return await rent.get(f"/v1/feedback{after}")

    async def program() -> None:
        cursor = (await asked(cluster, "")).json()["next"]
        later = FakeCluster(["alimony", "rent", "water"])  # one more, and before rent in the alphabet
        later.made_anew.update([arrears(anew), feedback(anew)])
        assert (await asked(later, f"?after={cursor}")).status_code == status

    asyncio.run(asyncio.wait_for(program(), 100))


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "after=x", "after=" + "A" * 40, "from=1", "limit=1&limit=2"]
)
def test_what_is_asked_wrongly_of_the_feedback_is_named(
    cluster: FakeCluster, identities: Identities, query: str
) -> None:
    async def program(rent: httpx2.AsyncClient) -> None:
        assert (await rent.get(f"/v1/feedback?{query}")).status_code == 400

    run(cluster, identities, program)


def test_a_cursor_of_another_topic_is_refused_and_what_is_old_is_forgotten() -> None:
    def answers(topic_id: str) -> Answers:
        made = Answers(2, topic_id)
        for offset in range(3):
            said = CreditorFeedback(
                f"f{offset}", "C-1", "S-1", SignalStatus.PICKED_UP, None, Collection.NO_WORD, None,
                datetime(2026, 3, 2, tzinfo=UTC),
            )  # fmt: skip
            made.take(1, Answer(offset, 1_000 * offset, said))
        return made

    ours = answers("one")
    found, cursor = ours.after(None, 2)
    assert [each.offset for each in found] == [0, 1]
    with pytest.raises(Problem):
        answers("two").after(cursor, 2)

    ours.forget(before_ms=2_000)
    assert [each.offset for each in ours.of("S-1")] == [2]
    assert [each.offset for each in ours.after(cursor, 2)[0]] == [2]


def test_every_source_stands_in_the_reference() -> None:
    text = (Path(__file__).parents[3] / "docs" / "reference" / "reasons.md").read_text("utf-8")

    for code, source in SOURCES.items():
        (row,) = [line for line in text.splitlines() if line.startswith(f"| `{code}` |")]
        assert source in row, code

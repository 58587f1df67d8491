"""Signals over HTTP: stored before they are answered, each once; what is wrong is named by line and field."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import httpx2
import pytest

from eropaf.gateway import body as bodies
from eropaf.gateway import repeats, signals
from eropaf.gateway.signal_json import content_of
from tests.builders import an_arrears_signal
from tests.certificates import Identities
from tests.unit.gateway.a_cluster import FakeCluster, client, opened

NDJSON = {"Content-Type": "application/x-ndjson"}
JSON = {"Content-Type": "application/json"}
HIM = "1011 ab"  # where he lives: no answer repeats it

Program = Callable[[httpx2.AsyncClient], Coroutine[Any, Any, None]]


def a_signal(number: int = 1, **changes: Any) -> dict[str, Any]:
    known = {"signal_id": f"S-{number}", "contract": f"C-{number}", **changes}
    wire = {name: known.pop(name) for name in list(known) if isinstance(known[name], dict | list)}
    return content_of(an_arrears_signal(**known).to_record()) | wire


def run(cluster: FakeCluster, identities: Identities, program: Program) -> None:
    async def ran() -> None:
        async with opened(cluster, identities) as made, client(made, identities.of("rent").header) as rent:
            await program(rent)

    asyncio.run(asyncio.wait_for(ran(), 100))


def lines(*given: object) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in given)


def test_a_signal_is_on_its_creditors_topic_before_it_is_answered(
    cluster: FakeCluster, identities: Identities
) -> None:
    async def program(rent: httpx2.AsyncClient) -> None:
        cluster.held = True
        posting = asyncio.ensure_future(rent.post("/v1/signals", json=a_signal()))
        done, _ = await asyncio.wait([posting], timeout=0.2)
        assert not done, "no broker has acknowledged it"

        cluster.held = False
        answer = await posting

        assert answer.status_code == 202
        assert answer.headers["location"] == "/v1/signals/S-1"
        assert answer.json()["known"] is False

    run(cluster, identities, program)
    (stored,) = cluster.signals("rent")
    assert stored == an_arrears_signal(signal_id="S-1", contract="C-1").to_record()
    assert cluster.signals("water") == []


def test_the_same_signal_again_is_known_and_stored_once(cluster: FakeCluster, identities: Identities) -> None:
    async def program(rent: httpx2.AsyncClient) -> None:
        answers = await asyncio.gather(*(rent.post("/v1/signals", json=a_signal()) for _ in range(5)))
        later = await rent.post("/v1/signals", json=a_signal())

        assert {each.status_code for each in (*answers, later)} == {202}
        assert sorted(each.json()["known"] for each in answers) == [False, True, True, True, True]
        assert later.json()["known"] is True

    run(cluster, identities, program)
    assert len(cluster.signals("rent")) == 1


def test_a_gateway_that_starts_again_knows_what_is_stored(
    cluster: FakeCluster, identities: Identities
) -> None:
    async def program(rent: httpx2.AsyncClient) -> None:
        assert (await rent.post("/v1/signals", json=a_signal())).status_code == 202

    for _ in range(2):
        run(cluster, identities, program)
    assert len(cluster.signals("rent")) == 1


def test_other_content_under_the_same_version_is_a_conflict_and_not_stored(
    cluster: FakeCluster, identities: Identities
) -> None:
    async def program(rent: httpx2.AsyncClient) -> None:
        await rent.post("/v1/signals", json=a_signal())
        changed = await rent.post("/v1/signals", json=a_signal(amount_cents=1))
        in_a_batch = await rent.post(
            "/v1/signals", content=lines(a_signal(2), a_signal(amount_cents=2)), headers=NDJSON
        )
        corrected = await rent.post("/v1/signals", json=a_signal(amount_cents=1, version=2))

        assert (changed.status_code, changed.json()["code"]) == (409, "changed-without-version")
        assert in_a_batch.status_code == 409
        assert in_a_batch.json()["errors"][0]["place"] == "line 2"
        assert corrected.status_code == 202

    run(cluster, identities, program)
    assert [each["version"] for each in cluster.signals("rent")] == [1, 2]


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        (a_signal(amount_cents=-1), "amount_cents", "impossible-amount"),
        (a_signal() | {"amount_cents": 1.5}, "amount_cents", "wrong-type"),
        (a_signal() | {"amount_cents": 1e30}, "amount_cents", "wrong-type"),
        (a_signal() | {"amount_cents": True}, "amount_cents", "wrong-type"),
        (a_signal() | {"reported_at": "2026-03-02"}, "reported_at", "wrong-type"),
        (a_signal() | {"kind": "UNKNOWN-KIND"}, "kind", "wrong-type"),
        (a_signal(resident={"postcode": HIM, "house_number": 12}), "resident.house_number", "wrong-type"),
        (a_signal(resident={"postcode": HIM}), "resident.house_number", "impossible-house-number"),
        (a_signal(resident={"bsn": "123456782", "postcode": HIM}), "resident", "resident-twice"),
        (a_signal(resident={"postcode": HIM, "street": "Dam"}), "resident", "unknown-field"),
        ({key: value for key, value in a_signal().items() if key != "contract"}, "contract", "missing"),
        (a_signal() | {"signal_id": "\ud800"}, "signal_id", "not-unicode"),
    ],
)
def test_what_is_wrong_is_named_by_its_field_and_nothing_is_stored(
    cluster: FakeCluster, identities: Identities, given: dict[str, Any], field: str, code: str
) -> None:
    async def program(rent: httpx2.AsyncClient) -> None:
        for answer in (
            await rent.post("/v1/signals", content=json.dumps(given), headers=JSON),
            await rent.post("/v1/signals", content=lines(a_signal(7), given), headers=NDJSON),
        ):
            told = answer.json()
            assert (answer.status_code, told["status"], told["code"]) == (400, 400, "invalid")
            assert answer.headers["content-type"] == "application/problem+json"
            assert told["title"]
            assert "nothing was stored" in told["detail"]
            assert (field, code) in [(each.get("field"), each["code"]) for each in told["errors"]]
            assert HIM not in answer.text
        assert {each["place"] for each in told["errors"]} == {"line 2"}

    run(cluster, identities, program)
    assert cluster.signals("rent") == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b'{"signal_id": "a", "signal_id": "b"}',
        b'{"amount_cents": NaN}',
        b'{"amount_cents": ' + b"9" * 5000 + b"}",
        b"[" * 20_000,
    ],
)
def test_what_is_no_signal_at_all_is_told_in_a_sentence(
    cluster: FakeCluster, identities: Identities, body: bytes
) -> None:
    async def program(rent: httpx2.AsyncClient) -> None:
        for kind in ("application/json", "application/x-ndjson"):
            answer = await rent.post("/v1/signals", content=body, headers={"Content-Type": kind})
            assert answer.status_code == 400
            assert answer.json()["errors"]

    run(cluster, identities, program)


def test_a_batch_is_stored_in_its_order_and_counted(cluster: FakeCluster, identities: Identities) -> None:
    batch = [a_signal(1, signal_id=f"S-{number}", version=number) for number in range(1, 300)]

    async def program(rent: httpx2.AsyncClient) -> None:
        first = await rent.post("/v1/signals", content=lines(*batch[:100]) + b"\n  \n", headers=NDJSON)
        again = await rent.post("/v1/signals", content=lines(*batch, batch[0]), headers=NDJSON)

        assert first.json() == {"status": "received", "stored": 100, "known": 0}
        assert again.json() == {"status": "received", "stored": 199, "known": 101}

    run(cluster, identities, program)
    assert [each["version"] for each in cluster.signals("rent")] == list(range(1, 300))


def test_of_a_batch_that_contradicts_itself_nothing_is_stored(
    cluster: FakeCluster, identities: Identities
) -> None:
    async def program(rent: httpx2.AsyncClient) -> None:
        body = lines(a_signal(1), a_signal(2), a_signal(1, amount_cents=5), a_signal(3))
        answer = await rent.post("/v1/signals", content=body, headers=NDJSON)

        assert answer.status_code == 409
        assert answer.json()["errors"][0]["place"] == "line 3"
        assert "Nothing was stored" in answer.json()["detail"]

    run(cluster, identities, program)
    assert cluster.signals("rent") == []


def test_what_no_broker_acknowledged_is_not_answered_as_stored_and_goes_again(
    cluster: FakeCluster, identities: Identities
) -> None:
    async def program(rent: httpx2.AsyncClient) -> None:
        cluster.away = True
        for body, headers in ((lines(a_signal(1)), {"Content-Type": "application/json"}),
                              (lines(a_signal(1), a_signal(2)), NDJSON)):  # fmt: skip
            lost = await rent.post("/v1/signals", content=body, headers=headers)
            assert (lost.status_code, lost.json()["code"]) == (503, "not-acknowledged")
            assert int(lost.headers["retry-after"]) > 0
        cluster.away = False
        assert (await rent.post("/v1/signals", content=body, headers=NDJSON)).json()["stored"] == 2

    run(cluster, identities, program)
    assert len(cluster.signals("rent")) == 2


def test_a_body_beyond_its_bounds_is_refused_and_nothing_stored(
    cluster: FakeCluster, identities: Identities, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signals, "MOST_SIGNALS", 5)
    monkeypatch.setattr(signals, "LARGEST_BATCH_BYTES", 300_000)
    long_line = a_signal() | {"contract": "x" * 70_000}

    async def program(rent: httpx2.AsyncClient) -> None:
        async def unsaid(body: bytes) -> AsyncIterator[bytes]:
            for start in range(0, len(body), 1000):
                yield body[start : start + 1000]

        for body, headers in (
            (json.dumps(long_line).encode(), JSON),
            (lines(long_line), NDJSON),
            (lines(*[a_signal(number) for number in range(6)]), NDJSON),
            (b"\n" * 300_001, NDJSON),
        ):
            for content in (body, unsaid(body)):
                assert (await rent.post("/v1/signals", content=content, headers=headers)).status_code == 413
        packed = await rent.post("/v1/signals", content=b"x", headers={**JSON, "Content-Encoding": "gzip"})
        assert packed.status_code == 415
        other = await rent.post("/v1/signals", content=b"<a/>", headers={"Content-Type": "text/xml"})
        assert other.status_code == 415

    run(cluster, identities, program)
    assert cluster.signals("rent") == []


def test_a_body_that_stops_or_trickles_is_given_up(
    cluster: FakeCluster, identities: Identities, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "NEXT_PART_WITHIN_S", 0.05)

    async def stops() -> AsyncIterator[bytes]:
        yield lines(a_signal(1)) + b"\n"
        await asyncio.Event().wait()

    async def trickles() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.001)

    async def program(rent: httpx2.AsyncClient) -> None:
        for body, headers in ((stops(), JSON), (stops(), NDJSON), (trickles(), JSON), (trickles(), NDJSON)):
            answer = await rent.post("/v1/signals", content=body, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (408, "body-stopped")

    run(cluster, identities, program)
    assert cluster.signals("rent") == []


def test_who_comes_while_too_much_is_in_hand_is_told_to_come_again(
    cluster: FakeCluster, identities: Identities
) -> None:
    async def program(rent: httpx2.AsyncClient) -> None:
        cluster.held = True
        bodies = [lines(a_signal(number)) for number in range(3)]
        posting = [
            asyncio.ensure_future(rent.post("/v1/signals", content=body, headers=NDJSON)) for body in bodies
        ]
        done, _ = await asyncio.wait(posting, return_when=asyncio.FIRST_COMPLETED)
        (refused,) = done
        assert refused.result().status_code == 429
        assert int(refused.result().headers["retry-after"]) > 0

        cluster.held = False
        others = [each for each in posting if each not in done]
        assert [(await each).status_code for each in others] == [202, 202]

    run(cluster, identities, program)
    assert len(cluster.signals("rent")) == 2


def test_a_creditor_that_uses_many_keys_pushes_out_no_others(
    cluster: FakeCluster, identities: Identities, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeats, "MOST_REMEMBERED", 2)

    async def program() -> None:
        async with opened(cluster, identities) as made:
            rent, water = (client(made, identities.of(each).header) for each in ("rent", "water"))
            async with rent, water:

                async def posted(by: httpx2.AsyncClient, key: str, number: int) -> int:
                    headers = {"Idempotency-Key": key}
                    return (await by.post("/v1/signals", json=a_signal(number), headers=headers)).status_code

                assert await posted(water, "k", 1) == 202
                assert [await posted(rent, f"k-{n}", n) for n in range(3)] == [202] * 3
                assert await posted(water, "k", 2) == 422
                assert await posted(rent, "k-0", 9) == 202, "of its own the oldest was forgotten"

    asyncio.run(asyncio.wait_for(program(), 100))


def test_a_key_gives_the_same_answer_for_the_same_body_and_none_for_another(
    cluster: FakeCluster, identities: Identities
) -> None:
    async def program(rent: httpx2.AsyncClient) -> None:
        key = {"Idempotency-Key": "a-key"}
        first = await rent.post("/v1/signals", json=a_signal(), headers=key)
        again = await rent.post("/v1/signals", json=a_signal(), headers=key)
        other = await rent.post("/v1/signals", json=a_signal(2), headers=key)
        for unusable in ("x" * 201, "x\tx"):
            refused = await rent.post("/v1/signals", json=a_signal(2), headers={"Idempotency-Key": unusable})
            assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "impossible-key")

        assert first.json() == again.json()
        assert again.json()["known"] is False, "the answer of the first time"
        assert other.status_code == 422

        cluster.away = True
        lost = await rent.post("/v1/signals", json=a_signal(3), headers={"Idempotency-Key": "b"})
        cluster.away = False
        then = await rent.post("/v1/signals", json=a_signal(3), headers={"Idempotency-Key": "b"})
        assert (lost.status_code, then.status_code) == (503, 202)

    run(cluster, identities, program)
    assert sorted(each["signal_id"] for each in cluster.signals("rent")) == ["S-1", "S-3"]


def test_every_answer_bears_the_version_of_the_contract_and_is_kept_nowhere(
    cluster: FakeCluster, identities: Identities
) -> None:
    async def program(rent: httpx2.AsyncClient) -> None:
        for answer in (
            await rent.post("/v1/signals", json=a_signal()),
            await rent.get("/v1/signals/none"),
            await rent.get("/v1/nothing"),
            await rent.put("/v1/signals"),
        ):
            assert answer.headers["api-version"] == "1.0.0"
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "strict-transport-security" in answer.headers
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == "application/problem+json"
                assert {"status", "title", "detail"} <= set(answer.json())

    run(cluster, identities, program)

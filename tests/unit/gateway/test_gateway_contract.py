"""The contract is what the gateway does: every route stands in it, and every answer is as it says."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import httpx2
import jsonschema
import pytest
from starlette.routing import Route

from eropaf.gateway.contract import CONTRACT, WRONG, contract, text
from eropaf.gateway.headers import API_VERSION
from tests.certificates import Identities
from tests.unit.gateway.a_cluster import FakeCluster, client, opened
from tests.unit.gateway.test_gateway_intake import NDJSON, a_signal, lines
from tests.unit.gateway.test_gateway_outreach import OUTCOME, read, tell, tools

OF_THE_OPERATOR = {"/health/ready", "/health/live", "/v1/openapi.json"}
PATHS: dict[str, Any] = contract()["paths"]
OPERATIONS = [(path, method, each) for path, methods in PATHS.items() for method, each in methods.items()]


def test_the_contract_that_is_kept_is_the_one_that_is_made() -> None:
    assert CONTRACT.read_text("utf-8") == text(), "write it anew with `make schemas`"


def valid(schema: str, content: Any) -> None:
    """Hold an answer against a schema of the contract."""
    whole = {"$ref": f"#/components/schemas/{schema}", "components": contract()["components"]}
    jsonschema.Draft202012Validator(whole).validate(content)


def test_every_route_stands_in_the_contract_and_nothing_else(
    cluster: FakeCluster, identities: Identities
) -> None:
    async def program() -> set[tuple[str, str]]:
        async with opened(cluster, identities, tools(identities)) as made:
            app: Any = made.app
            routes = [each for each in app._app.routes if each.path not in OF_THE_OPERATOR]
            return {(_plain(each), method.lower()) for each in routes for method in each.methods or ()}

    found = {(path, method) for path, method in asyncio.run(program()) if method != "head"}

    assert found == {(path, method) for path, method, _ in OPERATIONS}


def _plain(route: Route) -> str:
    return route.path.removeprefix("/v1").replace(":path}", "}")


def test_answers_are_as_the_contract_says(cluster: FakeCluster, identities: Identities) -> None:
    tell(cluster, 1)

    async def of_creditors(rent: httpx2.AsyncClient) -> None:
        valid("Signal", a_signal())
        valid("Received", (await rent.post("/v1/signals", json=a_signal())).json())
        batch = await rent.post("/v1/signals", content=lines(a_signal(2)), headers=NDJSON)
        valid("Counted", batch.json())
        cluster.answer("rent", "S-1", "NOT_PICKED_UP_UNJUSTIFIED", "too-little", pause_until=20_600)
        async with asyncio.timeout(60):
            while not (receipt := (await rent.get("/v1/signals/S-1")).json())["answers"]:
                await asyncio.sleep(0.01)
        valid("Receipt", receipt)
        valid("FeedbackPage", (await rent.get("/v1/feedback")).json())
        cluster.ask("rent", "q-1")
        async with asyncio.timeout(60):
            while not (asked := (await rent.get("/v1/questions")).json())["questions"]:
                await asyncio.sleep(0.01)
        valid("QuestionsPage", asked)
        for refused in (
            await rent.post("/v1/signals", json={}),
            await rent.get("/v1/signals/none"),
            await rent.get("/v1/updates"),
        ):
            valid("Problem", refused.json())

    async def program() -> None:
        async with opened(cluster, identities, tools(identities)) as made:
            await of_creditors(client(made, identities.of("rent").header))
            city = client(made, identities.of("city").header)
            await read(city, 1)
            valid("UpdatesPage", (await city.get("/v1/updates")).json())
            valid("Outcome", OUTCOME)
            valid("OutcomeReceived", (await city.post("/v1/outcomes", json=OUTCOME)).json())
            told = await client(made).get("/v1/openapi.json")
            assert told.json() == json.loads(text())
            assert told.headers["api-version"] == told.json()["info"]["version"] == API_VERSION

    asyncio.run(asyncio.wait_for(program(), 100))


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=lambda each: str(each)[:30])
def test_an_operation_keeps_the_rules_of_the_dutch_government(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    assert re.fullmatch(r"(/[a-z-]+|/\{[a-z_]+\})+", path)
    assert method in ("get", "post")
    assert operation["security"], "nobody comes in without a credential"
    for parameter in operation["parameters"]:
        if parameter["in"] == "query":
            assert re.fullmatch(r"[a-z][a-zA-Z]*", parameter["name"])
    for status, answer in operation["responses"].items():
        if int(status) < 400:
            assert "API-Version" in answer["headers"]
        else:
            assert answer == {"$ref": f"#/components/responses/Problem{status}"}
            assert int(status) in WRONG
    assert "400" in operation["responses"]

"""The contract of everything that travels: kept as made, and whole; by others' parser no fault."""

from __future__ import annotations

import subprocess
from typing import Any

from eropaf.agents.topology import table
from eropaf.derived import asyncapi
from eropaf.gateway.contract import contract as of_gateway
from eropaf_client.schemas import contract as outside
from tests.node import tool

MADE: dict[str, Any] = asyncapi.contract()


def test_the_published_contract_is_that_of_the_topics_and_schemas() -> None:
    assert asyncapi.CONTRACT.read_text("utf-8") == asyncapi.text(), "run `make schemas`"


def test_a_parser_of_the_standards_own_makers_finds_no_fault_in_it() -> None:
    parsed = subprocess.run(
        [*tool("asyncapi.js"), str(asyncapi.CONTRACT)], capture_output=True, text=True, timeout=60
    )

    assert parsed.returncode == 0, parsed.stderr
    assert parsed.stdout.splitlines() == [channel["address"] for channel in MADE["channels"].values()]


def test_every_topic_stands_in_it_and_what_is_inside_is_marked_so() -> None:
    found = {each["address"]: each for each in MADE["channels"].values()}
    of_all = {
        topic.name.replace("rent", outside.CREDITOR): topic.record for topic in table("eropaf", ["rent"])
    }

    assert {
        address: next(iter(each["messages"])) for address, each in found.items() if address != "/"
    } == of_all
    marked = {address for address, each in found.items() if "tags" in each}
    assert marked == of_all.keys() - {each.address for each in outside.CHANNELS}
    assert all(each["messages"].keys() <= MADE["components"]["messages"].keys() for each in found.values())


def test_a_webhook_says_what_the_gateways_contract_says() -> None:
    webhooks = of_gateway()["webhooks"]
    told = MADE["channels"]["webhook"]["messages"]

    assert told.keys() == webhooks.keys()
    for name, each in webhooks.items():
        message = MADE["components"]["messages"][name]
        assert message["headers"]["required"] == [one["name"] for one in each["post"]["parameters"]]
        (schema,) = each["post"]["requestBody"]["content"].values()
        known = schema["schema"]["$ref"].rpartition("/")[2]
        assert message["payload"] == of_gateway()["components"]["schemas"][known]

from __future__ import annotations

import subprocess

from eropaf_client.schemas import contract
from tests.node import tool


def test_the_published_contract_is_that_of_the_topics_and_schemas() -> None:
    assert contract.CONTRACT.read_text("utf-8") == contract.text(), "run `make schemas`"


def test_a_parser_of_the_standards_own_makers_finds_no_fault_in_it() -> None:
    parsed = subprocess.run(
        [*tool("asyncapi.js"), str(contract.CONTRACT)], capture_output=True, text=True, timeout=60
    )

    assert parsed.returncode == 0, parsed.stderr
    assert parsed.stdout.splitlines() == [channel.address for channel in contract.CHANNELS]

"""What the contract says of a body is what is checked: neither refuses what the other takes."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from eropaf.gateway.outcome_json import read_outcome
from eropaf.gateway.signal_json import Refused, read_json, read_signal
from eropaf_client.outcomes import faults as faults_of_outcome
from eropaf_client.validation import faults
from tests.unit.gateway.test_gateway_contract import valid
from tests.unit.gateway.test_gateway_intake import a_signal
from tests.unit.gateway.test_gateway_outreach import OUTCOME

BY_NUMBER, BY_ADDRESS = {"bsn": "123456782"}, {"postcode": "1011 AB", "house_number": "7"}


def is_valid(schema: str, content: Any) -> bool:
    try:
        valid(schema, content)
    except jsonschema.ValidationError:
        return False
    return True


def is_taken(content: Any) -> bool:
    try:
        return not faults(read_signal(read_json(json.dumps(content).encode())))
    except Refused:
        return False


@pytest.mark.parametrize(
    "resident",
    [
        {}, BY_NUMBER, BY_ADDRESS, BY_NUMBER | BY_ADDRESS, BY_NUMBER | {"postcode": "", "addition": None},
        BY_ADDRESS | {"bsn": None, "addition": "A"}, BY_ADDRESS | {"bsn": ""}, {"postcode": "1011 AB"},
        {"bsn": None}, {"bsn": "12345678"}, BY_ADDRESS | {"house_number": ""}, BY_ADDRESS | {"street": "Dam"},
    ],
)  # fmt: skip
def test_a_resident_is_known_by_number_or_by_address_in_the_contract_too(resident: dict[str, Any]) -> None:
    signal = a_signal(resident=resident)

    assert is_valid("Signal", signal) == is_taken(signal)


@pytest.mark.parametrize(
    "given",
    [
        {"amount_cents": 1.0}, {"amount_cents": 1e3}, {"amount_cents": 0.5}, {"amount_cents": True},
        {"amount_cents": 10**10 + 1}, {"version": 2.0**62}, {"version": 2**63}, {"handover_wish": None},
        {"handover_wish": 1}, {"crisis": None}, {"crisis": {"kind": "OTHER", "on": None}}, {"crisis": {}},
        {"signal_id": ""}, {"contract": "x" * 201}, {"monthly_bill_cents": 0}, {"kind": None}, {"more": 1},
    ],
)  # fmt: skip
def test_a_value_is_taken_where_the_contract_allows_it(given: dict[str, Any]) -> None:
    signal = a_signal() | given

    assert is_valid("Signal", signal) == is_taken(signal)


def test_a_whole_number_is_whole_however_it_is_written_and_none_fills_the_memory() -> None:
    said = read_json(b"[1.0, 1e3, 9007199254740993.0, 0.5, -2.0, 1e999999999, 1e99999999999999999999, 0e9]")

    assert [type(each) for each in said] == [int, int, int, float, int, float, float, int]
    assert said[2] == 2**53 + 1, "no digit is lost"


@pytest.mark.parametrize(
    "more",
    [
        {"attempt": None}, {"attempt": None, "result": "NOT_REACHED"}, {"picked_up_on": "2026-03-03"},
        {"outcome_id": " "}, {"follow_up": {"until": "2026-03-09", "interpreter": "ara"}},
        {"follow_up": {"until": "2026-03-09", "interpreter": "ar", "evenings": None}},
        {"signals": ["S-1001"]}, {"signals": []}, {"result": "ADVICE", "signals": ["S-1001", "S-1002"]},
        {"result": "ADVICE", "signals": "S-1001"}, {"result": "ADVICE", "signals": [7]},
        {"result": "ADVICE", "signals": [" "]}, {"result": "ADVICE", "signals": ["S"] * 101},
        {"result": "ADVICE", "signals": ["S"] * 100}, {"result": "ADVICE", "signals": ["S" * 201]},
    ],
)  # fmt: skip
def test_an_outcome_is_taken_where_the_contract_allows_it(more: dict[str, Any]) -> None:
    outcome = {name: value for name, value in (OUTCOME | more).items() if value is not None}
    try:
        is_right = not faults_of_outcome(read_outcome(outcome))
    except Refused:
        is_right = False

    assert is_valid("Outcome", outcome) == is_right

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from eropaf.risk.bsn import ANY
from eropaf.risk.intake import ForHousehold, ForResident, take_in
from eropaf.risk.records import DAY_MS
from eropaf.risk.refusal import Reason, Refused
from eropaf_client.records import Crisis, CrisisKind, Resident
from tests.builders import HOME, HOUSEHOLD, NOON, SECRET, an_arrears_signal


def taken(received_at: int = NOON, **changes: Any) -> ForHousehold | ForResident:
    record = an_arrears_signal().to_record() | changes
    return take_in(
        record,
        creditor="rent",
        event_id="arrears.rent-0-7",
        received_at=received_at,
        secret=SECRET,
        numbers=ANY,
    )


def test_a_signal_on_an_address_becomes_an_event_of_its_household() -> None:
    result = taken()

    assert isinstance(result, ForHousehold)
    assert result.event.household == HOUSEHOLD
    assert result.event.address == HOME
    assert result.event.event_id == "arrears.rent-0-7"
    assert result.event.at == NOON
    assert result.event.signal is not None
    assert result.event.signal.creditor == "rent"


def test_a_signal_on_a_bsn_goes_to_meet_the_register_and_carries_no_bsn() -> None:
    result = taken(resident={"bsn": "111111111", "postcode": None, "house_number": None, "addition": None})

    assert isinstance(result, ForResident)
    assert "111111111" not in repr(result)


NOBODY = {"bsn": None, "postcode": None, "house_number": None, "addition": None}

REFUSALS: list[tuple[dict[str, Any], Reason]] = [
    ({"signal_id": " "}, Reason.SIGNAL_ID_MISSING),
    ({"contract": ""}, Reason.CONTRACT_MISSING),
    ({"contract": "c" * 201}, Reason.TEXT_TOO_LONG),
    ({"contract": "C-1\u200b"}, Reason.TEXT_UNSEEN),
    ({"signal_id": "S-1\x7f"}, Reason.TEXT_UNSEEN),
    ({"kind": "UNKNOWN"}, Reason.UNKNOWN_KIND),
    ({"amount_cents": -1}, Reason.IMPOSSIBLE_AMOUNT),
    ({"amount_cents": 10_000_000_001}, Reason.IMPOSSIBLE_AMOUNT),
    ({"monthly_bill_cents": 0}, Reason.IMPOSSIBLE_BILL),
    ({"version": -1}, Reason.IMPOSSIBLE_VERSION),
    ({"reported_at": NOON + DAY_MS + 1}, Reason.REPORTED_IN_THE_FUTURE),
    ({"reported_at": 0}, Reason.IMPOSSIBLE_DATE),
    ({"arrears_since": NOON // DAY_MS + 2}, Reason.IMPOSSIBLE_DATE),
    ({"crisis": {"kind": "EVICTION", "on": 99_999}}, Reason.IMPOSSIBLE_DATE),
    ({"resident": NOBODY}, Reason.RESIDENT_MISSING),
    ({"resident": NOBODY | {"bsn": "111111111", "postcode": "1011AB"}}, Reason.RESIDENT_TWICE),
    ({"resident": NOBODY | {"bsn": "1"}}, Reason.IMPOSSIBLE_BSN),
    ({"resident": NOBODY | {"postcode": "X", "house_number": "1"}}, Reason.IMPOSSIBLE_POSTCODE),
    ({"resident": NOBODY | {"postcode": "1011AB"}}, Reason.IMPOSSIBLE_HOUSE_NUMBER),
    (
        {"resident": NOBODY | {"postcode": "1011AB", "house_number": "12.0"}},
        Reason.IMPOSSIBLE_HOUSE_NUMBER,
    ),
]


@pytest.mark.parametrize(("changes", "reason"), REFUSALS)
def test_what_cannot_be_is_refused_with_its_own_reason(changes: dict[str, Any], reason: Reason) -> None:
    with pytest.raises(Refused) as refused:
        taken(**changes)

    assert refused.value.reason is reason


def test_a_clock_that_is_a_little_ahead_is_forgiven() -> None:
    assert isinstance(taken(received_at=NOON - DAY_MS), ForHousehold)


def test_the_publishers_record_has_the_dates_that_the_rules_count_in() -> None:
    signal = an_arrears_signal(
        reported_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
        arrears_since=date(1970, 1, 2),
        crisis=Crisis(CrisisKind.EVICTION, date(1970, 2, 1)),
        resident=Resident(bsn="123456782"),
    )

    record = signal.to_record()

    assert record["reported_at"] == NOON
    assert record["arrears_since"] == 1
    assert record["crisis"] == {"kind": "EVICTION", "on": 31}

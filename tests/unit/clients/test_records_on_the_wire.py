"""What a signal is on the wire, part by part, and what an update is that comes from there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from eropaf_client.records import (
    Action,
    Band,
    Change,
    ConsentOffer,
    Crisis,
    CrisisKind,
    Norm,
    OwnEffort,
    PriorityUpdate,
    Resident,
)
from tests.builders import an_arrears_signal

LEAST: dict[str, Any] = {
    "signal_id": "signal-1", "contract": "contract-1", "kind": "REPORTED", "partner_type": "RENT",
    "amount_cents": 110_000, "monthly_bill_cents": 55_000, "arrears_since": None,
    "reported_at": 1_772_452_800_000, "version": 1, "own_effort": None, "crisis": None,
    "handover_wish": False,
    "resident": {"bsn": None, "postcode": "1011 ab", "house_number": "12", "addition": None},
}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "record"),
    [
        ({}, {}),
        ({"arrears_since": date(2026, 1, 5)}, {"arrears_since": 20_458}),
        ({"reported_at": datetime(2026, 3, 2, 13, 0, 0, 1_999, timezone(timedelta(hours=1)))},
         {"reported_at": 1_772_452_800_001}),
        ({"own_effort": OwnEffort(True, False, 2, ConsentOffer.REFUSED)},
         {"own_effort": {"personal_contact": True, "debt_help_pointed_at": False, "written_reminders": 2,
                         "offer": "REFUSED"}}),
        ({"crisis": Crisis(CrisisKind.EVICTION, date(1970, 1, 2))},
         {"crisis": {"kind": "EVICTION", "on": 1}}),
        ({"crisis": Crisis(CrisisKind.OTHER)}, {"crisis": {"kind": "OTHER", "on": None}}),
        ({"handover_wish": True}, {"handover_wish": True}),
        ({"resident": Resident(bsn="123456782", addition="hs")},
         {"resident": {"bsn": "123456782", "postcode": None, "house_number": None, "addition": "hs"}}),
    ],
)  # fmt: skip
def test_a_signal_is_sent_as_days_milliseconds_and_words(
    changes: dict[str, Any], record: dict[str, Any]
) -> None:
    sent = an_arrears_signal(**changes).to_record()

    assert sent == {**LEAST, **record}
    assert isinstance(sent["reported_at"], int)


UPDATE: dict[str, Any] = {
    "update_id": "u-1", "household": "h-1", "sequence": 3,
    "address": {"postcode": "1011AB", "house_number": 12, "addition": "hs"}, "area": "1011", "urgency": 7_000,
    "band": "HIGH", "respond_by": 20_544, "change": "RAISED", "policy_version": "p-1",
    "event_at": 1_772_442_000_001, "overruled": True, "action": "VISIT", "respond_by_norm": "LEGAL",
}  # fmt: skip


def test_an_update_is_read_part_by_part() -> None:
    assert PriorityUpdate.from_record(UPDATE) == PriorityUpdate(
        update_id="u-1",
        household="h-1",
        sequence=3,
        postcode="1011AB",
        house_number=12,
        addition="hs",
        area="1011",
        urgency=7_000,
        band=Band.HIGH,
        respond_by=date(2026, 4, 1),
        change=Change.RAISED,
        policy_version="p-1",
        event_at=datetime(2026, 3, 2, 9, 0, 0, 1_000, tzinfo=UTC),
        overruled=True,
        action=Action.VISIT,
        respond_by_norm=Norm.LEGAL,
    )
    least = PriorityUpdate.from_record(
        {**UPDATE, "respond_by": None, "overruled": False, "action": None, "respond_by_norm": None}
    )
    assert (least.respond_by, least.overruled, least.action, least.respond_by_norm) == (
        None, False, None, None,
    )  # fmt: skip


def test_no_text_form_says_where_somebody_lives_or_who_it_is() -> None:
    shown = repr([PriorityUpdate.from_record(UPDATE), Resident("123456782", "1011AB", "12", "hs")])

    assert "1011AB" not in shown
    assert "123456782" not in shown
    assert "'hs'" not in shown

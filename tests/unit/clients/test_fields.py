"""What each column of a creditor's table takes, and the whole of what is said where it takes it not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

import pytest

from eropaf_client.files import fields
from eropaf_client.files.fields import NotThis, Reader
from eropaf_client.records import ConsentOffer, CrisisKind, PartnerType, SignalKind

DUTCH = Reader(decimal=",", day_first=True, test_numbers=True)
OPEN = "may be thousands or three decimals; write euros without a thousands separator"
EUROS = "write euros as 123, 123.45 or 123,45, without sign"
ERROR = "holds a spreadsheet's error; correct the formula, or leave the cell empty"
LIKELY = "is before 1990 or after 2099"
DAY = "write a date as YYYY-MM-DD"
MOMENT = "write a date as YYYY-MM-DD, or a time with its zone as 2026-03-02T09:30:00Z"

TAKEN = [
    ("signal_id", "2026-02-03", "2026-02-03"),
    ("contract", "MRT-001", "MRT-001"),
    ("kind", "regeling getroffen", SignalKind.PLAN_AGREED),
    ("kind", "Regeling verbroken", SignalKind.PLAN_BROKEN),
    ("kind", "ingetrokken", SignalKind.WITHDRAWN),
    ("kind", "gewijzigd", SignalKind.CHANGED),
    ("kind", "BETAALD", SignalKind.PAID),
    ("partner_type", "gemeentelijke belasting", PartnerType.MUNICIPAL_TAX),
    ("partner_type", "municipal_tax", PartnerType.MUNICIPAL_TAX),
    ("crisis", "ontruiming", CrisisKind.EVICTION),
    ("crisis", "afsluiting", CrisisKind.DISCONNECTION),
    ("crisis", "einde verzekering", CrisisKind.END_OF_INSURANCE),
    ("crisis", "Einde levering", CrisisKind.END_OF_DELIVERY),
    ("offer", "niet gedaan", ConsentOffer.NOT_OFFERED),
    ("offer", "geen antwoord", ConsentOffer.NO_ANSWER),
    ("offer", "akkoord", ConsentOffer.AGREED),
    ("offer", "Geweigerd", ConsentOffer.REFUSED),
    ("amount_eur", "0", 0),
    ("amount_eur", "480", 48_000),
    ("amount_eur", "480.5", 48_050),
    ("amount_eur", "480,05", 48_005),
    ("amount_eur", "€ 480,-", 48_000),
    ("amount_eur", "480.- €", 48_000),
    ("amount_eur", "1.650.000", 165_000_000),
    ("amount_eur", "1 650,5", 165_050),
    ("amount_eur", "1,650,000.05", 165_000_005),
    ("monthly_bill_eur", "550,00", 55_000),
    ("arrears_since", "1990-01-01", date(1990, 1, 1)),
    ("arrears_since", "2099-12-31", date(2099, 12, 31)),
    ("crisis_on", "2026-04-01", date(2026, 4, 1)),
    ("reported_at", "2026-03-02", datetime(2026, 3, 2, tzinfo=UTC)),
    ("reported_at", "2026-03-02T09:30:00+01:00", datetime(2026, 3, 2, 8, 30, tzinfo=UTC)),
    ("version", "0", 0),
    ("version", "7", 7),
    ("written_reminders", "999999999999999999", 999_999_999_999_999_999),
    ("handover_wish", "Ja", True),
    ("personal_contact", "onwaar", False),
    ("debt_help_pointed_at", "nee", False),
    ("bsn", "123456782", "123456782"),
    ("postcode", "1011 AB", "1011 AB"),
    ("house_number", "12\u20133", "12-3"),
    ("addition", "hs", "hs"),
]  # fmt: skip
REFUSED = [
    ("signal_id", "#VERW!", ERROR),
    ("contract", "1.2E+17",
     "digits were lost: the number was written with an exponent; format the column as text"),
    ("contract", "77.0", "a number with decimals is not a reference; format the column as text"),
    ("contract", "2-mrt",
     "a date is not a reference: 02-03 and 2-3 both turn into it; format the column as text"),
    ("kind", "late", "write one of REPORTED, CHANGED, PAID, PLAN_AGREED, PLAN_BROKEN, WITHDRAWN"),
    ("offer", "?", "write one of NOT_OFFERED, NO_ANSWER, AGREED, REFUSED"),
    ("amount_eur", "-1", EUROS),
    ("amount_eur", "480,505", OPEN),
    ("amount_eur", "01", EUROS),
    ("amount_eur", "1650,00,00", EUROS),
    ("arrears_since", "2-3-2026", DAY),
    ("arrears_since", "2026-02-30", DAY),
    ("arrears_since", "1989-12-31", LIKELY),
    ("crisis_on", "2100-01-01", LIKELY),
    ("reported_at", "2-3-2026", DAY),
    ("reported_at", "2026-03-02T09:30:00", MOMENT),
    ("reported_at", "2-3-2026 09:30", MOMENT),
    ("reported_at", "1989-12-31T23:59:59Z", LIKELY),
    ("version", "1.0", "write a whole number, zero or more"),
    ("written_reminders", "-1", "write a whole number, zero or more"),
    ("handover_wish", "maybe", "write yes or no (ja or nee)"),
    ("bsn", "123456789", "is not a BSN: it fails the eleven test"),
    ("bsn", "12345678", "has eight digits: a leading zero was lost; format the column as text"),
    ("bsn", "1234567", "write nine digits"),
    ("house_number", "12.0", "a number with decimals is not part of an address; format the column as text"),
    ("postcode", "2-mrt", "a date is not part of an address; format the column as text"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "text", "meant"), TAKEN)
def test_what_a_column_takes_is_meant_as_it_says(column: str, text: str, meant: Any) -> None:
    assert Reader().columns[column](text) == meant


@pytest.mark.parametrize(("column", "text", "said"), REFUSED)
def test_what_a_column_takes_not_is_refused_with_what_to_write(column: str, text: str, said: str) -> None:
    with pytest.raises(NotThis) as refused:
        Reader().columns[column](text)

    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("column", "text", "meant"),
    [
        ("amount_eur", "1.650", 165_000),
        ("amount_eur", "1.650,05", 165_005),
        ("arrears_since", "2-3-2026", date(2026, 3, 2)),
        ("reported_at", "02-03-2026", datetime(2026, 3, 2, tzinfo=UTC)),
        ("reported_at", "2-3-2026 09:30", datetime(2026, 3, 2, 8, 30, tzinfo=UTC)),
        ("bsn", "123456789", "123456789"),
    ],
)
def test_a_file_of_a_dutch_office_that_tries_things_out_is_read_as_it_means(
    column: str, text: str, meant: Any
) -> None:
    assert DUTCH.columns[column](text) == meant


@pytest.mark.parametrize(
    ("reader", "text"), [(DUTCH, "1,650"), (Reader(decimal="."), "1.650")], ids=["comma", "point"]
)
def test_three_decimals_are_refused_where_the_decimal_mark_is_known(reader: Reader, text: str) -> None:
    with pytest.raises(NotThis) as refused:
        reader.cents(text)

    assert str(refused.value) == EUROS


def test_a_machine_without_time_zones_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(text: str) -> datetime:
        raise ZoneInfoNotFoundError(text)

    monkeypatch.setattr(fields, "read_wall_clock", unknown)

    with pytest.raises(NotThis) as refused:
        DUTCH.instant("2-3-2026 09:30")

    assert str(refused.value) == (
        "this machine knows no time zones; leave the time out, or `pip install tzdata`"
    )

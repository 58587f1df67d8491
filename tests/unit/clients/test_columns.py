"""A line of a creditor's table is one signal, column by column; a fault names its column."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from eropaf_client.errors import FileRefused
from eropaf_client.files.columns import COLUMNS, MOST_COLUMNS, Header, Line, Lines, header_of
from eropaf_client.files.fields import Reader
from eropaf_client.records import (
    ArrearsSignal,
    ConsentOffer,
    Crisis,
    CrisisKind,
    OwnEffort,
    PartnerType,
    Resident,
    SignalKind,
)

NEEDED = ["signal_id", "contract", "kind", "partner_type", "amount_eur", "reported_at", "version"]
VALUES = {
    "signal_id": "S-1", "contract": "C-1", "kind": "REPORTED", "partner_type": "RENT", "amount_eur": "900",
    "reported_at": "2026-03-02", "version": "1", "postcode": "1011 AB", "house_number": "12",
}  # fmt: skip
SPOKEN = {"personal_contact": "yes"}
EFFORT = "personal_contact, debt_help_pointed_at, written_reminders, offer"


def read(numbers_of_examples: bool = False, /, **values: str) -> Line:
    """Read one line with `values`, the rest as usual; what is empty has no column."""
    said = {name: value for name, value in {**VALUES, **values}.items() if value != "-"}
    lines = Lines(Header(tuple(said)), Reader(test_numbers=numbers_of_examples))
    return lines.line(7, list(said.values()), "as it stood")


def said_of(**values: str) -> list[str]:
    line = read(**values)
    assert line.signal is None
    return [*map(str, line.problems)]


def test_every_column_is_a_part_of_the_signal() -> None:
    line = read(
        monthly_bill_eur="550,50", arrears_since="2026-01-05", crisis="EVICTION", crisis_on="2026-04-01",
        handover_wish="yes", addition="hs", personal_contact="yes", debt_help_pointed_at="yes",
        written_reminders="2", offer="AGREED",
    )  # fmt: skip

    assert (line.place, line.text, list(line.problems)) == ("line 7", "as it stood", [])
    assert line.signal == ArrearsSignal(
        signal_id="S-1",
        contract="C-1",
        kind=SignalKind.REPORTED,
        partner_type=PartnerType.RENT,
        amount_cents=90_000,
        reported_at=datetime(2026, 3, 2, tzinfo=UTC),
        version=1,
        resident=Resident(None, "1011 AB", "12", "hs"),
        monthly_bill_cents=55_050,
        arrears_since=date(2026, 1, 5),
        own_effort=OwnEffort(
            personal_contact=True, debt_help_pointed_at=True, written_reminders=2, offer=ConsentOffer.AGREED
        ),
        crisis=Crisis(CrisisKind.EVICTION, date(2026, 4, 1)),
        handover_wish=True,
    )


def test_what_is_left_out_is_unsaid() -> None:
    signal = read(bsn="123456782", postcode="-", house_number="-").signal

    assert signal is not None
    assert signal.resident == Resident(bsn="123456782")
    unsaid = (signal.monthly_bill_cents, signal.arrears_since, signal.own_effort, signal.crisis)
    assert unsaid == (None,) * 4
    assert signal.handover_wish is False


def test_a_number_of_examples_is_taken_where_asked() -> None:
    example = {"bsn": "123456789", "postcode": "-", "house_number": "-"}

    assert read(True, **example).signal is not None
    assert said_of(**example) == ["line 7, column 8 (bsn): is not a BSN: it fails the eleven test"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"version": ""}, ["line 7, column 7 (version): is empty"]),
        ({"contract": "#N/B", "version": "1.0"}, [
            "line 7, column 2 (contract): holds a spreadsheet's error; correct the formula, or leave the "
            "cell empty",
            "line 7, column 7 (version): write a whole number, zero or more",
        ]),
        ({"kind": "late", "amount_eur": "much"}, [
            "line 7, column 3 (kind): write one of REPORTED, CHANGED, PAID, PLAN_AGREED, PLAN_BROKEN, "
            "WITHDRAWN",
            "line 7, column 5 (amount_eur): write euros as 123, 123.45 or 123,45, without sign",
        ]),
        ({"postcode": "0011 AB"}, [
            "line 7: resident.postcode: must be four digits and two letters as PostNL gives out",
        ]),
        ({"personal_contact": "yes", "offer": "AGREED"}, [
            f"line 7, column 11 (offer): {name} is left out and offer is filled; fill in all of {EFFORT}, or "
            "none"
            for name in ("debt_help_pointed_at", "written_reminders")
        ]),
        ({**SPOKEN, "written_reminders": "", "debt_help_pointed_at": "yes", "offer": "AGREED"}, [
            "line 7, column 11 (written_reminders): written_reminders is left out and offer is filled; "
            f"fill in all of {EFFORT}, or none",
        ]),
        ({"written_reminders": "1"}, [
            "line 7, column 10 (written_reminders): is filled and offer is not; fill offer too, or none of "
            f"{EFFORT}",
        ]),
        ({"personal_contact": "no"}, [
            "line 7, column 10 (personal_contact): says no: the law asks an effort to reach the resident in "
            "person before a signal (Bgs art. 2)",
        ]),
    ],
)  # fmt: skip
def test_every_fault_of_a_line_names_its_column(values: dict[str, str], said: list[str]) -> None:
    assert said_of(**values) == said


def test_a_column_without_a_name_holds_nothing_and_hides_nothing_behind_it() -> None:
    lines = Lines(Header((*VALUES, "", "addition")), Reader())

    assert lines.line(2, [*VALUES.values(), "", "hs"]).signal is not None
    found = lines.line(3, [*VALUES.values(), "?", "12.0"]).problems

    assert [*map(str, found)] == [
        "line 3: holds something in a column without a name",
        "line 3, column 11 (addition): a number with decimals is not part of an address; format the column "
        "as text",
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["hs"], "has 10 columns, but the header has 9; a field with a separator in it stands between double "
                 "quotes"),
        (None, "has 8 columns, but the header has 9"),
        (["", " "], None),
    ],
)  # fmt: skip
def test_a_line_has_as_many_columns_as_the_header(more: list[str] | None, said: str | None) -> None:
    fields = [*VALUES.values()][:-1] if more is None else [*VALUES.values(), *more]

    found = Lines(Header(tuple(VALUES)), Reader()).line(2, fields).problems

    assert [*map(str, found)] == ([] if said is None else [f"line 2: {said}"])


@pytest.mark.parametrize(
    ("headings", "said"),
    [
        (["late", *NEEDED], ["line 3, column 1: is no column name; see docs/reference/csv.md"]),
        ([*NEEDED, "Contractnummer"], ["line 3, column 8: contract stands twice"]),
        (["late", *NEEDED[2:], "kind"], [
            "line 3, column 1: is no column name; see docs/reference/csv.md",
            "line 3, column 7: kind stands twice",
            "line 3: column signal_id is missing",
            "line 3: column contract is missing",
        ]),
        ([*NEEDED, *[""] * (MOST_COLUMNS - 6)], [f"line 3: has more than {2 * len(COLUMNS)} columns"]),
    ],
)  # fmt: skip
def test_a_header_that_is_wrong_is_refused_with_its_line(headings: list[str], said: list[str]) -> None:
    with pytest.raises(FileRefused) as refused:
        header_of(Path("in/march.csv"), headings, 3)

    assert [*map(str, refused.value.problems)] == said
    assert str(refused.value).startswith("in/march.csv: ")


def test_a_header_is_the_first_line_and_twice_the_columns_wide_at_most() -> None:
    widest = [*NEEDED, *[""] * (MOST_COLUMNS - len(NEEDED))]

    assert header_of(Path("march.csv"), widest).names == tuple(widest)
    with pytest.raises(FileRefused) as refused:
        header_of(Path("march.csv"), ["late", *NEEDED])
    assert refused.value.problems[0].place == "line 1, column 1"

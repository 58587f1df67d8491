from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from eropaf_client.errors import FileRefused
from eropaf_client.files import csv_table
from eropaf_client.files.columns import COLUMNS
from eropaf_client.files.csv_file import read_csv
from eropaf_client.files.reading import read_by_creditor
from eropaf_client.records import CrisisKind, PartnerType, SignalKind

HEADER = "signal_id,contract,kind,partner_type,amount_eur,reported_at,version,postcode,house_number"
ROW = "s-1,c-1,REPORTED,RENT,1100.50,2026-03-02,1,1011 AB,12"
DOCS = Path(__file__).parents[3] / "docs" / "reference" / "csv.md"


def a_file(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / "signals.csv"
    path.write_bytes("\n".join(lines).encode(encoding))
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(FileRefused) as refused:
        read_csv(path)
    return [str(problem) for problem in refused.value.problems]


def test_a_signal_is_read_with_its_place_in_the_file(tmp_path: Path) -> None:
    (filed,) = read_csv(a_file(tmp_path, HEADER, ROW))

    assert filed.place == "line 2"
    assert filed.signal.amount_cents == 110_050
    assert filed.signal.kind is SignalKind.REPORTED
    assert filed.signal.partner_type is PartnerType.RENT
    assert filed.signal.resident.postcode == "1011 AB"


def test_a_file_of_empty_lines_is_refused_before_all_of_them_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert problems(a_file(tmp_path, *[""] * 2_000, HEADER, ROW)) == [
        "line 1: no header stands in the first 1,000 lines"
    ]
    monkeypatch.setattr(csv_table, "MOST_FILE_LINES", 5)
    assert len(read_csv(a_file(tmp_path, HEADER, "", ROW))) == 1
    assert problems(a_file(tmp_path, HEADER, ROW, *[""] * 3, ROW.replace("s-1", "s-2"))) == [
        "line 6: the file has more than 5 lines; send it in parts"
    ]


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    assert len(read_csv(a_file(tmp_path, HEADER, ROW, encoding="utf-8-sig"))) == 1


def test_optional_columns_may_be_there_and_empty(tmp_path: Path) -> None:
    extra = ",crisis,crisis_on,monthly_bill_eur,offer,personal_contact,debt_help_pointed_at,written_reminders"

    (filed, other) = read_csv(
        a_file(
            tmp_path,
            HEADER + extra,
            ROW + ",EVICTION,2026-04-01,550,NO_ANSWER,yes,yes,1",
            ROW.replace("s-1", "s-2") + ",,,,,,,",
        )
    )

    assert filed.signal.crisis is not None
    assert filed.signal.crisis.kind is CrisisKind.EVICTION
    assert filed.signal.own_effort is not None
    assert filed.signal.own_effort.personal_contact
    assert other.signal.crisis is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "1100.50",
            "1100,50",
            "line 2: has 10 columns, but the header has 9; a field with a separator in it",
        ),
        ("1100.50", "-3", "line 2, column 5 (amount_eur): write euros"),
        ("REPORTED", "Reports", "line 2, column 3 (kind): write one of REPORTED"),
        ("2026-03-02", "02-03-2026", "line 2, column 6 (reported_at): write a date as YYYY-MM-DD"),
        ("2026-03-02", "2026-03-02T10:00:00", "line 2, column 6 (reported_at)"),
        ("s-1", "", "line 2, column 1 (signal_id): is empty"),
        (",1,1011", ",-1,1011", "line 2, column 7 (version): write a whole number"),
        ("1011 AB", "", "line 2: resident.postcode: is missing"),
    ],
)
def test_a_fault_is_named_by_line_and_column(tmp_path: Path, old: str, new: str, said: str) -> None:
    (problem,) = problems(a_file(tmp_path, HEADER, ROW.replace(old, new, 1)))

    assert problem.startswith(said)


def test_a_wrong_header_is_named_by_column(tmp_path: Path) -> None:
    found = problems(a_file(tmp_path, HEADER.replace("contract", "contrakt"), ROW))

    assert found == [
        "line 1, column 2: is no column name; see docs/reference/csv.md",
        "line 1: column contract is missing",
    ]


def test_the_same_id_twice_names_both_lines(tmp_path: Path) -> None:
    found = problems(a_file(tmp_path, HEADER, ROW, ROW))

    assert found == ["line 3, column 1 (signal_id): is that of line 2 too"]


def test_every_fault_of_a_file_is_told(tmp_path: Path) -> None:
    broken = [ROW.replace("s-1", f"s-{n}").replace("1100.50", "x") for n in range(100)]

    assert len(problems(a_file(tmp_path, HEADER, *broken))) == 100


def test_an_empty_file_lacks_its_columns(tmp_path: Path) -> None:
    assert "line 1: column signal_id is missing" in problems(a_file(tmp_path))


def test_what_a_field_holds_is_never_repeated(tmp_path: Path) -> None:
    row = "s-1,c-1,REPORTED,RENT,10,2026-03-02,1,,,12345678X"

    assert not any("12345678X" in problem for problem in problems(a_file(tmp_path, HEADER + ",bsn", row)))


def test_every_column_is_documented() -> None:
    text = DOCS.read_text("utf-8")

    assert [column for column in COLUMNS if f"`{column}`" not in text] == []


def test_a_large_file_is_gone_through_and_not_kept(tmp_path: Path) -> None:
    count = 3_000
    rows = (f"s-{number},c-{number}" + ROW[len("s-1,c-1") :] for number in range(count))
    path = a_file(tmp_path, HEADER, *rows)
    read_by_creditor(path, "rent")  # what is made once is made

    tracemalloc.start()
    try:
        signals = read_by_creditor(path, "rent").by_creditor["rent"]
        assert len(signals) == sum(1 for _ in signals) == count
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    # Of each signal its id alone, to find one that stands twice: as a list they would take four times this.
    assert peak / count < 450

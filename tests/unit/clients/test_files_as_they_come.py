"""Files as offices write them: understood, and said how; or refused with line, column and the cure."""

from __future__ import annotations

import codecs
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from eropaf_client.errors import FileRefused
from eropaf_client.files.columns import COLUMNS, DUTCH, column
from eropaf_client.files.csv_file import CsvFile, read_csv
from eropaf_client.files.filed import Asked
from eropaf_client.files.reading import read_by_creditor
from eropaf_client.records import ArrearsSignal, PartnerType, SignalKind
from tests.tables import NAMES, VALUES, faults, row

DOCS = Path(__file__).parents[3] / "docs" / "reference" / "csv.md"


def written(
    folder: Path, *rows: list[str], delimiter: str = ",", encoding: str = "utf-8", end: str = "\n"
) -> Path:
    path = folder / "signals.csv"
    path.write_bytes("".join(delimiter.join(each) + end for each in (list(NAMES), *rows)).encode(encoding))
    return path


def read(path: Path, **asked: Any) -> list[ArrearsSignal]:
    return [filed.signal for filed in read_csv(path, Asked(**asked))]


def understood(path: Path) -> str:
    file = CsvFile(path)
    assert [line.problems for line in file if line.problems] == []
    return file.understood


def test_a_file_of_dutch_excel_is_understood_and_said_so(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        row(contract="huur Zoë", amount_eur="€ 1.650,50", reported_at="2-3-2026"),
        row(signal_id="S-2", contract="C-2", amount_eur="480,-"),
        delimiter=";", encoding="windows-1252", end="\r\n",
    )  # fmt: skip

    assert understood(path) == "semicolons, comma decimals, Windows-1252: 2 rows"
    first, second = read(path)
    assert (first.contract, first.amount_cents, second.amount_cents) == ("huur Zoë", 165_050, 48_000)
    assert first.reported_at == datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "encoding", "delimiter", "end", "said"),
    [
        (b"", "utf-8", "\t", "\n", "tabs, point decimals, UTF-8"),
        (b"", "utf-8", ",", "\r", "commas, point decimals, UTF-8"),
        (codecs.BOM_UTF8 * 2, "utf-8", ",", "\n", "commas, point decimals, UTF-8"),
        (b"sep=|\r\n", "utf-8", "|", "\r\n", "bars, point decimals, UTF-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le", ";", "\r\n", "semicolons, point decimals, UTF-16"),
        (b"", "utf-16-be", ";", "\r\n", "semicolons, point decimals, UTF-16"),
    ],
)
def test_whatever_wrote_it_a_file_is_read(
    tmp_path: Path, before: bytes, encoding: str, delimiter: str, end: str, said: str
) -> None:
    path = written(tmp_path, row(), delimiter=delimiter, encoding=encoding, end=end)
    path.write_bytes(before + path.read_bytes())

    assert understood(path) == f"{said}: 1 row"
    assert len(read(path)) == 1


def test_what_dutch_excel_calls_unicode_text_is_read(tmp_path: Path) -> None:
    line = row(reported_at="2-3-2026", amount_eur="480,50")
    path = written(tmp_path, line, delimiter="\t", encoding="utf-16", end="\r\n")

    assert understood(path) == "tabs, comma decimals, UTF-16: 1 row"
    assert read(path)[0].reported_at == datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize("word", ["Gemeld", "GEMELD", "gemeld", "reported", "Reported"])
def test_words_are_read_in_any_case(tmp_path: Path, word: str) -> None:
    (signal,) = read(written(tmp_path, row(kind=word, partner_type="huur")))

    assert (signal.kind, signal.partner_type) == (SignalKind.REPORTED, PartnerType.RENT)


@pytest.mark.parametrize(
    ("word", "meant"),
    [("WAAR", True), ("ONWAAR", False), ("TRUE", True), ("False", False), ("Ja", True), ("nee", False)],
)
def test_a_spreadsheets_own_words_for_yes_and_no_are_read(tmp_path: Path, word: str, meant: bool) -> None:
    path = tmp_path / "signals.csv"
    path.write_text(
        ",".join([*NAMES, "handover_wish"]) + "\n" + ",".join([*row(), word]) + "\n", encoding="utf-8"
    )

    assert read(path)[0].handover_wish is meant


@pytest.mark.parametrize("before", [b"sep=,\r\n", b"SEP=,\n", b"sep=,,,,,,\r\n", b'"sep=,",,,\r\n', b"\r\n"])
def test_a_fault_of_the_header_is_named_by_the_line_on_which_it_stands(tmp_path: Path, before: bytes) -> None:
    path = written(tmp_path, row())
    path.write_bytes(before + path.read_bytes().replace(b"contract", b"contrakt"))

    assert faults(path) == [
        "line 2, column 2: is no column name; see docs/reference/csv.md",
        "line 2: column contract is missing",
    ]


def test_headings_are_read_in_dutch_in_any_case_and_with_spaces(tmp_path: Path) -> None:
    dutch = {ours: theirs for theirs, ours in DUTCH.items()}
    path = written(tmp_path, row(kind="gemeld", partner_type="Huur"))
    header = ",".join(dutch.get(name, name).replace("_", " ").title() for name in NAMES)
    path.write_text(header + "\n" + path.read_text("utf-8").split("\n", 1)[1], encoding="utf-8")

    assert read(path)[0].amount_cents == 90_000


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("toevoeging", "addition"),
        ("Contract nummer", "contract"),
        ("Huis-nummer", "house_number"),
        ("house number", "house_number"),
        ("HouseNumber", "house_number"),
        ("Bedrag", "amount_eur"),
    ],
)
def test_the_words_of_a_heading_are_joined_as_each_office_joins_them(heading: str, name: str) -> None:
    assert column(heading) == name


@pytest.mark.parametrize(
    ("moment", "meant"),
    [
        ("2-3-2026 09:30", datetime(2026, 3, 2, 8, 30, tzinfo=UTC)),
        ("02-07-2026 9:30:15", datetime(2026, 7, 2, 7, 30, 15, tzinfo=UTC)),
    ],
)
def test_a_time_as_dutch_excel_writes_it_is_of_a_dutch_clock(
    tmp_path: Path, moment: str, meant: datetime
) -> None:
    dutch = written(tmp_path, row(reported_at=moment), delimiter=";")
    assert read(dutch)[0].reported_at == meant

    (said,) = faults(written(tmp_path, row(reported_at=moment), delimiter=","))
    assert said.startswith("line 2, column 6 (reported_at): write a date")


@pytest.mark.parametrize("moment", ["31-2-2026 09:30", "2-3-2026 24:30", "2-3-9999 09:30"])
def test_a_time_that_no_clock_shows_is_refused(tmp_path: Path, moment: str) -> None:
    (said,) = faults(written(tmp_path, row(reported_at=moment), delimiter=";"))

    assert said.startswith("line 2, column 6 (reported_at): write a date")


@pytest.mark.parametrize(
    ("amounts", "cents"),
    [
        (("1.650", "480,50"), 165_000),
        (("1,650", "480.50"), 165_000),
        (("1.650,5", "480,50"), 165_050),
        (("1,650.05", "480.50"), 165_005),
        (("1.650.000", "900"), 165_000_000),
    ],
)
def test_thousands_are_read_where_the_file_shows_its_decimal_mark(
    tmp_path: Path, amounts: tuple[str, str], cents: int
) -> None:
    one, other = amounts
    path = written(tmp_path, row(amount_eur=one), row(signal_id="S-2", amount_eur=other), delimiter=";")

    assert read(path)[0].amount_cents == cents


@pytest.mark.parametrize("amounts", [("1.650", "900"), ("1.650", "480.50"), ("1,650", "480,50")])
def test_an_amount_that_may_be_a_thousand_or_three_decimals_is_refused(
    tmp_path: Path, amounts: tuple[str, str]
) -> None:
    one, other = amounts
    path = written(tmp_path, row(amount_eur=one), row(signal_id="S-2", amount_eur=other), delimiter=";")

    (said,) = faults(path)
    assert said.startswith("line 2, column 5 (amount_eur): ")


# What a cell looks like is no identity.
@pytest.mark.parametrize(
    ("column", "text", "said"),
    [
        ("contract", "1.23457E+17", "digits were lost"),
        ("contract", "1,23457E+17", "digits were lost"),
        ("contract", "1.23457E17", "digits were lost"),
        ("contract", "2-mrt", "a date is not a reference"),
        ("signal_id", "mrt-12", "a date is not a reference"),
        ("contract", "77.0", "a number with decimals is not a reference"),
        ("signal_id", "2e+09", "digits were lost"),
        ("house_number", "12.0", "a number with decimals is not part of an address"),
        ("addition", "2.0", "a number with decimals is not part of an address"),
        ("house_number", "2026-03-12", "a date is not part of an address"),
        ("house_number", "3-feb", "a date is not part of an address"),
        ("house_number", "3-2-2026", "a date is not part of an address"),
        ("addition", "mrt-12", "a date is not part of an address"),
        ("house_number", "1E+03", "a number with an exponent is not part of an address"),
        ("reported_at", "9999-12-31", "is before 1990 or after 2099"),
        ("reported_at", "9999-12-31T23:59:59-12:00", "write a date"),
        ("reported_at", "0001-01-01T00:00:00+12:00", "write a date"),
        ("reported_at", "2026-W10-1", "write a date"),
        ("reported_at", "2026-3-2", "write a date"),
        ("version", "1.0", "write a whole number"),
        ("addition", "#N/A", "holds a spreadsheet's error"),
        ("contract", "#N/B", "holds a spreadsheet's error"),
        ("house_number", "#VERW!", "holds a spreadsheet's error"),
        ("amount_eur", "#WAARDE!", "holds a spreadsheet's error"),
    ],
)  # fmt: skip
def test_what_a_spreadsheet_made_of_it_is_refused_and_never_guessed_at(
    tmp_path: Path, column: str, text: str, said: str
) -> None:
    quoted = f'"{text}"' if "," in text else text

    (fault,) = faults(written(tmp_path, row(**{column: quoted})))

    assert fault.startswith(f"line 2, column {NAMES.index(column) + 1} ({column}): {said}")


def test_cells_that_look_alike_are_one(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        row(contract="C-1\u200b", addition="NULL"),
        row(signal_id="S-2", contract="\ufeffC-1", addition="nan", house_number="12\u20133"),
        row(signal_id="S-3", contract="C\u00a01"),
        row(signal_id="S-4", contract="Zoe\u0308"),
        *(
            row(signal_id=f"S-{number}", contract=f"C{unseen}-1{unseen}")
            for number, unseen in enumerate("\x7f\x01\ufe0f\u3164\u034f\u2060\U000e0100", 5)
        ),
        row(signal_id="S-99", contract="2026-02-03", house_number="12-1-3"),
    )

    first, second, third, fourth, *others, last = read(path)
    assert {each.contract for each in others} == {"C-1"}
    assert last.contract == "2026-02-03"
    assert (first.contract, second.contract, third.contract, fourth.contract) == ("C-1", "C-1", "C 1", "Zoë")
    assert (first.resident.addition, second.resident.addition) == (None, None)
    assert second.resident.house_number == "12-3"
    assert "9 cells with invisible characters, read without them" in understood(path)
    assert "2 cells that say NULL, NaN or N/A, read as empty" in understood(path)


def test_rows_and_columns_of_separators_alone_are_no_rows_and_no_columns(tmp_path: Path) -> None:
    path = written(tmp_path, row(), [""] * len(NAMES), row(signal_id="S-2"), end=",,\n")

    assert understood(path) == "commas, point decimals, UTF-8: 2 rows"


def test_a_value_in_a_column_without_a_name_is_a_fault(tmp_path: Path) -> None:
    path = written(tmp_path, row(), end=",,\n")
    path.write_text(path.read_text("utf-8").replace("12,,,", "12,,,12345678X"), encoding="utf-8")

    assert faults(path) == ["line 2: holds something in a column without a name"]


def test_a_nul_is_a_fault_of_its_line_on_every_python(tmp_path: Path) -> None:
    assert faults(written(tmp_path, row(), row(contract="C\x00"))) == [
        "line 3: is not CSV: it holds a NUL character"
    ]


def test_quotes_that_stay_open_are_faults_of_their_lines_in_a_large_file_too(
    tmp_path: Path,
) -> None:
    # Each line closes what the one before left open, and opens again: read to the end from each of them, a
    # file of a million lines would take hours.
    path = tmp_path / "signals.csv"
    path.write_text(",".join(NAMES) + "\n" + 'x","y\n' * 300, encoding="utf-8")

    found = faults(path)

    assert len(found) == 300
    assert found[0] == (
        "line 2: is not CSV: a quote that opens on this line is not closed, or not where its field ends"
    )


def test_half_a_character_in_utf_16_is_a_fault(tmp_path: Path) -> None:
    path = written(tmp_path, row(contract="C"), encoding="utf-16")
    path.write_bytes(path.read_bytes().replace("C".encode("utf-16-le"), b"\x3d\xd8", 1))

    with pytest.raises(FileRefused):
        read_csv(path)


@pytest.mark.parametrize(
    ("moment", "meant"),
    [
        ("2026-03-02t09:30:00z", datetime(2026, 3, 2, 9, 30, tzinfo=UTC)),
        ("2026-03-02T09:30:00.1234567Z", datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=UTC)),
        ("2026-03-02 10:30:00.5+01:00", datetime(2026, 3, 2, 9, 30, 0, 500000, tzinfo=UTC)),
    ],
)
def test_moments_are_read_as_rfc_3339_has_them(tmp_path: Path, moment: str, meant: datetime) -> None:
    assert read(written(tmp_path, row(reported_at=moment)))[0].reported_at == meant


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ("no,no,0,", "column 11 (personal_contact): says no: the law asks an effort to reach the resident"),
        ("yes,no,1,", "column 12 (debt_help_pointed_at): says no: the law asks that the resident is pointed"),
        ("yes,yes,1,", "column 11 (personal_contact): is filled and offer is not"),
        ("no,yes,1,NO_ANSWER", "column 11 (personal_contact): says no: the law asks an effort to reach"),
        ("yes,nee,1,AGREED", "column 12 (debt_help_pointed_at): says no: the law asks that the resident"),
        ("yes,yes,0,NO_ANSWER", "column 13 (written_reminders): says no: the law asks a written reminder"),
        ("yes,yes,1,NOT_OFFERED", "column 14 (offer): says no: the law asks an offer to pass on"),
        ("yes,yes,,NO_ANSWER", "column 13 (written_reminders): written_reminders is left out"),
    ],
)
def test_a_no_of_the_creditor_never_counts_as_unsaid(tmp_path: Path, values: str, said: str) -> None:
    effort = ["personal_contact", "debt_help_pointed_at", "written_reminders", "offer"]
    path = tmp_path / "signals.csv"
    path.write_text(",".join([*NAMES, *effort]) + "\n" + ",".join([*row(), values]) + "\n", encoding="utf-8")

    (fault,) = faults(path)

    assert fault.startswith(f"line 2, {said}")


def test_a_date_ahead_is_a_fault_of_its_line(tmp_path: Path) -> None:
    """Its receipt said "accepted", and intake refused it."""
    (fault,) = faults(written(tmp_path, row(reported_at="2098-11-28")))

    assert fault.startswith("line 2: reported_at: must not be more than a day ahead")


@pytest.mark.parametrize(
    ("bsn", "said"),
    [
        ("123456782", None),
        ("123456789", "is not a BSN: it fails the eleven test"),
        ("000000000", "is not a BSN: it fails the eleven test"),
        ("12345678²", "write nine digits"),
        ("1234567", "write nine digits"),
        ("10000008", "has eight digits: a leading zero was lost"),
    ],
)
def test_a_bsn_passes_the_eleven_test(tmp_path: Path, bsn: str, said: str | None) -> None:
    path = tmp_path / "signals.csv"
    path.write_text(
        ",".join([*NAMES[:7], "bsn"]) + "\n" + ",".join([*VALUES[:7], bsn]) + "\n", encoding="utf-8"
    )

    if said is None:
        assert read(path)[0].resident.bsn == bsn
    else:
        assert faults(path) == [f"line 2, column 8 (bsn): {said}" + (
            "; format the column as text" if "zero" in said else "")]  # fmt: skip


def test_a_large_file_is_checked_first_and_then_read_from_the_disk_again(tmp_path: Path) -> None:
    path = written(tmp_path, row(), row(signal_id="S-2"))

    found = read_by_creditor(path, "rent").by_creditor["rent"]

    assert len(found) == 2
    assert [filed.place for filed in found] == [filed.place for filed in found] == ["line 2", "line 3"]
    with path.open("a", encoding="utf-8") as file:
        file.write(",".join(row(signal_id="S-3")) + "\n")
    with pytest.raises(FileRefused) as refused:
        list(found)
    assert "changed while it was being read" in str(refused.value.problems[0])


def test_every_dutch_name_is_documented() -> None:
    text = DOCS.read_text("utf-8")

    assert [name for name in DUTCH if f"`{name}`" not in text] == []
    assert set(DUTCH.values()) <= set(COLUMNS)

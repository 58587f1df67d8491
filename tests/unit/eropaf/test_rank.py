"""A file in, the same file back, ranked."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from openpyxl import Workbook, load_workbook
from typer.testing import CliRunner

from eropaf.main import app
from eropaf.risk.policy import PARTNER_TYPES

EXAMPLE = Path(__file__).parents[2] / "data" / "ddas-example.json"
HEADER = ["amount_eur", "signal_id", "contract", "kind", "partner_type", "monthly_bill_eur", "reported_at",
          "version", "postcode", "house_number"]  # fmt: skip
LINES = [
    # one month of rent: 20 points, LOW
    ["550.00", "s-1", "c-1", "REPORTED", "RENT", "550.00", "2026-03-02", "1", "1011 AB", "7"],
    # three months: 60, MEDIUM
    ["1650.00", "s-2", "c-2", "REPORTED", "RENT", "550.00", "2026-03-02", "1", "1012CD", "8"],
    # paid since: not on the list
    ["1650.00", "s-3", "c-3", "REPORTED", "RENT", "550.00", "2026-03-02", "1", "1013EF", "9"],
    ["0", "s-4", "c-3", "PAID", "RENT", "550.00", "2026-03-04", "2", "1013EF", "9"],
    # a decimal comma, and an impossible postcode
    ["1,50", "s-5", "c-5", "REPORTED", "RENT", "550.00", "2026-03-02", "1", "1014GH", "1"],
    ["550.00", "s-6", "c-6", "REPORTED", "RENT", "550.00", "2026-03-02", "1", "0000AA", "1"],
    # the second creditor of the first household: 20 + 60 + 15 = 95, HIGH
    ["1000.00", "s-7", "c-7", "REPORTED", "WATER", "200.00", "2026-03-02", "1", "1011ab", "07"],
]
ORDER = ["s-1", "s-7", "s-2", "s-3", "s-4", "s-5", "s-6"]
ADDED = [
    ["1", "HIGH", "2026-03-30", "1011"],
    ["1", "HIGH", "2026-03-30", "1011"],
    ["2", "MEDIUM", "2026-03-30", "1012"],
    ["", "NONE", "", "1013"],
    ["", "NONE", "", "1013"],
    ["", "", "", ""],
    ["", "", "", ""],
]


def ranked(file: Path) -> str:
    result = CliRunner().invoke(app, ["rank", str(file)])
    assert result.exit_code == 0, result.output
    return result.output


def test_a_csv_file_comes_back_with_its_columns_in_their_order_and_four_more(tmp_path: Path) -> None:
    file = tmp_path / "signals.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows([HEADER, *LINES])

    said = ranked(file)

    with (tmp_path / "signals-ranked.csv").open(encoding="utf-8", newline="") as opened:
        header, *rows = csv.reader(opened)
    assert header == [*HEADER, "rank", "band", "respond_by", "area"]
    assert [row[1] for row in rows] == ORDER
    assert [row[: len(HEADER)] for row in rows] == sorted(LINES, key=lambda line: ORDER.index(line[1]))
    assert [row[len(HEADER) :] for row in rows] == ADDED
    assert "6 signals under amsterdam-example-1: 0 urgent, 2 high, 1 medium, 0 low, 2 none" in said
    assert "line 6, column 1 (amount_eur): decimal comma" in said
    assert "line 7: impossible-postcode" in said


def test_an_excel_file_comes_back_with_its_numbers_as_they_were(tmp_path: Path) -> None:
    file = tmp_path / "signals.xlsx"
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(HEADER)
    for line in LINES:
        number = line[0] if "," in line[0] else float(line[0])
        sheet.append([number, *line[1:7], int(line[7]), *line[8:]])
    book.save(file)

    ranked(file)

    rows = list(load_workbook(tmp_path / "signals-ranked.xlsx").worksheets[0].iter_rows(values_only=True))
    assert list(rows[0]) == [*HEADER, "rank", "band", "respond_by", "area"]
    assert [row[1] for row in rows[1:]] == ORDER
    assert rows[1][0] == 550.0
    assert [["" if cell is None else str(cell) for cell in row[len(HEADER) :]] for row in rows[1:]] == ADDED


def test_a_ddas_file_comes_back_with_each_deliverys_signals_in_order(tmp_path: Path) -> None:
    file = tmp_path / "month.json"
    file.write_bytes(EXAMPLE.read_bytes())

    said = ranked(file)

    before = json.loads(file.read_text("utf-8"))
    after = json.loads((tmp_path / "month-ranked.json").read_text("utf-8"))
    signals = [signal for delivery in after["leveringen"] for signal in delivery["vroegsignalen"]]
    assert [(s["ID"], s["rank"], s["band"]) for s in signals] == [
        ("VS-2025-0001", 1, "URGENT"),
        ("VS-2025-0002", 1, "URGENT"),
        ("VS-2025-0101", None, "NONE"),
        ("VS-2025-0102", None, "NONE"),
    ]
    for delivery in after["leveringen"]:
        for signal in delivery["vroegsignalen"]:
            for name in ("rank", "band", "respond_by", "area"):
                del signal[name]
    assert after == before
    assert "not picked up, too-few-days: 3" in said


def test_no_added_column_says_why(tmp_path: Path) -> None:
    file = tmp_path / "signals.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows([HEADER, *LINES])
    ranked(file)

    added = [
        row[len(HEADER) :] for row in csv.reader((tmp_path / "signals-ranked.csv").read_text().splitlines())
    ]
    assert not any(word in cell for row in added for cell in row for word in PARTNER_TYPES)


def test_a_file_without_the_right_header_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "signals.csv"
    file.write_text("a;b\n1;2\n", encoding="utf-8")

    result = CliRunner().invoke(app, ["rank", str(file)])

    assert result.exit_code == 1

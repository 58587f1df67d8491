"""A file in, the same file back, ranked."""

from __future__ import annotations

import csv
import errno
import json
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from typer.testing import CliRunner

from eropaf.commands import rank
from eropaf.main import app
from eropaf.rank.formats import open_csv
from eropaf.risk.policy import PARTNER_TYPES
from eropaf_client.errors import FileRefused
from eropaf_client.files.filed import Asked

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
    # no amount, and an impossible postcode
    ["-1.50", "s-5", "c-5", "REPORTED", "RENT", "550.00", "2026-03-02", "1", "1014GH", "1"],
    ["550.00", "s-6", "c-6", "REPORTED", "RENT", "550.00", "2026-03-02", "1", "0000AA", "1"],
    # the second creditor of the first household: 20 + 60 + 15 = 95, HIGH
    ["1000.00", "s-7", "c-7", "REPORTED", "ENERGY", "200.00", "2026-03-02", "1", "1011ab", "07"],
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
    result = CliRunner().invoke(app, ["rank", str(file), "--test-numbers"])
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
    assert "5 signals under amsterdam-example-3: 0 urgent, 2 high, 1 medium, 0 low, 2 none" in said
    assert "line 6, column 1 (amount_eur): write euros" in said
    assert "line 7: resident.postcode: must be four digits and two letters" in said


def test_an_excel_file_comes_back_with_its_numbers_as_they_were(tmp_path: Path) -> None:
    file = tmp_path / "signals.xlsx"
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(HEADER)
    for line in LINES:
        number = float(line[0])
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
        # Its case ended with help: the same arrears are not asked after again.
        ("VS-2025-0001", None, "NONE"),
        ("VS-2025-0002", None, "NONE"),
        ("VS-2025-0101", None, "NONE"),
        ("VS-2025-0102", None, "NONE"),
    ]
    for delivery in after["leveringen"]:
        for signal in delivery["vroegsignalen"]:
            for name in ("rank", "band", "respond_by", "area"):
                del signal[name]
    assert after == before
    assert "1 not on the list: help was accepted" in said
    assert "2 not on the list: too-few-days" in said
    assert "1 not ranked, status: Niet opgepakt: herhaalde melding" in said


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


CSV_DOCS = Path(__file__).parents[3] / "docs" / "reference" / "csv.md"
NAMES = "signal_id;contract;kind;partner_type;amount_eur;reported_at;version;postcode;house_number;addition"


def refusal(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["rank", *arguments], env={"COLUMNS": "400"})
    assert result.exit_code != 0
    return result.output + str(result.exception or "")


def test_the_example_of_the_documentation_shows_every_way_a_line_can_go(tmp_path: Path) -> None:
    file = tmp_path / "signals.csv"
    file.write_text(CSV_DOCS.read_text("utf-8").split("```csv\n")[1].split("```")[0], encoding="utf-8")

    said = ranked(file)

    assert "4 signals under amsterdam-example-3: 1 urgent, 0 high, 1 medium" in said
    assert "1 not on the list: paid" in said
    assert "1 not on the list: too-little" in said
    assert "1 fault; what could not be used stands at the end" in said
    assert "sent" not in said


def test_a_csv_file_goes_back_in_its_own_dialect_to_the_byte(tmp_path: Path) -> None:
    file = tmp_path / "signals.csv"
    lines = [
        b"sep=;",
        NAMES.encode(),
        b'S-1;"huur ""Zo\xeb""";REPORTED;RENT; 900,00 ;2-3-2026;1;1011 AB;12;',
        b"S-2;C-2;REPORTED;RENT;1650,00;2026-03-02;1;1012 CD;3;'-2",
        b"S-3;C;3;REPORTED;RENT;1,00;2026-03-02;1;1012 CD;3;",
    ]
    file.write_bytes(b"\r\n".join(lines))

    ranked(file)

    assert (tmp_path / "signals-ranked.csv").read_bytes().split(b"\r\n") == [
        lines[0],
        lines[1] + b";rank;band;respond_by;area",
        lines[3] + b";1;MEDIUM;2026-03-30;1012",
        lines[2] + b";2;LOW;2026-03-30;1011",
        # What it has too much stands behind, and not under rank.
        b"S-3;C;3;REPORTED;RENT;1,00;2026-03-02;1;1012 CD;3;;;;;",
        b"",
    ]


def rows_of(number: int) -> str:
    return f"S-{number};C-{number};REPORTED;RENT;900;2026-03-02;1;1011AB;{number + 1};"


def test_a_separator_behind_a_doubled_quote_is_no_end_of_a_field(tmp_path: Path) -> None:
    file = tmp_path / "signals.csv"
    field = '"huur ""Zoë; hoek"""'
    file.write_text(f"{NAMES}\n{rows_of(1).replace('C-1', field)}\n", encoding="utf-8")

    ranked(file)

    (_, row) = (tmp_path / "signals-ranked.csv").read_text("utf-8").splitlines()
    assert row == f"{rows_of(1).replace('C-1', field)};1;LOW;2026-03-30;1011"


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        ('S-2;"C-2"x;REPORTED;RENT;900;2026-03-02;1;1011AB;3;', 3),
        ("S-2;C\x002;REPORTED;RENT;900;2026-03-02;1;1011AB;3;", 3),
        # Both take in lines that are right: to the file's end, and to a quote that ends a field below.
        ('S-2;"C-2;REPORTED;RENT;900;2026-03-02;1;1011AB;3;', 3),
        ('=1+1;"C-2;REPORTED\nS-9;"', 3),
    ],
)
def test_after_a_line_that_is_no_csv_the_file_goes_on_and_nobody_vanishes(
    tmp_path: Path, broken: str, line: int
) -> None:
    file = tmp_path / "signals.csv"
    file.write_text("\n".join([NAMES, rows_of(1), broken, rows_of(3), rows_of(4), ""]), encoding="utf-8")

    said = ranked(file)

    text = (tmp_path / "signals-ranked.csv").read_text("utf-8")
    back = list(csv.reader(text.splitlines(keepends=True), delimiter=";", strict=True))
    assert {len(row) for row in back} == {len(NAMES.split(";")) + 4}
    assert {row[0] for row in back[1:4]} == {"S-1", "S-3", "S-4"}
    assert all(row[-4] for row in back[1:4])
    assert back[4][0].lstrip("'") == broken.split("\n")[0]
    assert f"line {line}: is not CSV" in said
    assert "3 signals under" in said


def test_a_file_that_is_not_all_of_its_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "signals.csv"
    text = "\n".join([NAMES, rows_of(1), rows_of(2), ""])
    file.write_bytes(text.encode("utf-16").replace("C-2".encode("utf-16-le"), b"\x3d\xd8-\x002\x00"))

    with pytest.raises(FileRefused) as refused:
        open_csv(file, Asked())

    assert "is not utf-16" in str(refused.value.problems[0])
    refusal(str(file))
    assert [path.name for path in tmp_path.iterdir()] == ["signals.csv"]


def test_a_text_never_comes_back_as_a_formula(tmp_path: Path) -> None:
    file = tmp_path / "signals.csv"
    texts = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", '"=HYPERLINK(""x"",1)"']
    rows = [f"S-{n};{text};REPORTED;RENT;900;2026-03-02;1;1011AB;{n + 1};" for n, text in enumerate(texts)]
    file.write_text("\n".join([NAMES, *rows, ""]), encoding="utf-8")

    ranked(file)

    back = list(csv.reader((tmp_path / "signals-ranked.csv").read_text("utf-8").splitlines(), delimiter=";"))
    assert {row[1][:2] for row in back[1:]} == {"'=", "'+", "'-", "'@"}


def test_a_text_of_a_workbook_stays_a_text(tmp_path: Path) -> None:
    file = tmp_path / "signals.xlsx"
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(NAMES.split(";"))
    sheet.append(["S-1", "x", "REPORTED", "RENT", 900, "2026-03-02", 1, "1011AB", "12", None])
    sheet["B2"] = "=1+1"
    sheet["B2"].data_type = "s"
    book.save(file)

    ranked(file)

    cell = load_workbook(tmp_path / "signals-ranked.xlsx").worksheets[0]["B2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_a_file_is_never_its_own_answer_and_no_other_is_replaced_unasked(tmp_path: Path) -> None:
    file = tmp_path / "signals.csv"
    file.write_text(NAMES + "\n", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to(file)
    there = tmp_path / "signals-ranked.csv"
    there.write_text("precious", encoding="utf-8")

    assert "--out is the input file itself" in refusal(
        str(file), "--out", str(tmp_path / "link.csv"), "--overwrite"
    )
    assert "already exists" in refusal(str(file))
    assert "does not exist" in refusal(str(file), "--out", str(tmp_path / "none" / "x.csv"))
    (tmp_path / "folder.csv").mkdir()
    assert "is a folder" in refusal(str(file), "--out", str(tmp_path / "folder.csv"), "--overwrite")
    assert there.read_text("utf-8") == "precious"


def test_what_is_written_is_for_its_owner_alone_and_whole_or_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "signals.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows([HEADER, *LINES])

    ranked(file)

    there = tmp_path / "signals-ranked.csv"
    assert there.stat().st_mode & 0o777 == 0o600
    before = there.read_bytes()

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert "No space left on device" in refusal(str(file), "--overwrite")
    assert there.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["signals-ranked.csv", "signals.csv"]


def test_a_file_above_the_limit_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rank, "LARGEST_FILE_BYTES", 1024**2)
    file = tmp_path / "signals.csv"
    with file.open("wb") as opened:
        opened.truncate(1024**2 + 1)

    result = CliRunner().invoke(app, ["rank", str(file)])

    assert isinstance(result.exception, FileRefused)
    assert str(result.exception.problems[0]) == "file: is larger than 1 MiB; send it in parts"


def test_a_file_of_which_nothing_can_be_used_leaves_no_answer(tmp_path: Path) -> None:
    file = tmp_path / "month.json"
    content = json.loads(EXAMPLE.read_text("utf-8"))
    content["leveringen"].append(None)
    file.write_text(json.dumps(content), encoding="utf-8")

    refusal(str(file), "--test-numbers")

    assert [path.name for path in tmp_path.iterdir()] == ["month.json"]


def test_a_policy_that_is_no_text_is_said_in_a_sentence(tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_bytes(b'version = "caf\xe9"\n')
    file = tmp_path / "signals.csv"
    file.write_text(NAMES + "\n", encoding="utf-8")

    assert "is not UTF-8 at byte 15; save it as UTF-8" in refusal(str(file), "--policy", str(policy))

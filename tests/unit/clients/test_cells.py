"""A cell's text as it is taken: without marks and what nobody sees; how often is said."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from eropaf_client.errors import FileRefused, Problem
from eropaf_client.files.cells import INVISIBLE, NULL_WORDS, cleaned
from eropaf_client.files.columns import Header, Lines
from eropaf_client.files.csv_file import CsvFile, read_csv
from eropaf_client.files.fields import Reader
from eropaf_client.files.filed import Asked, Filed
from eropaf_client.files.receipt import accepted, refused
from eropaf_client.files.understood import counted, understood
from eropaf_client.files.writing import csv_line, harmless
from tests.builders import an_arrears_signal
from tests.tables import NAMES, VALUES, row


@pytest.mark.parametrize(
    ("text", "meant", "noted"),
    [
        ("C-1", "C-1", {}),
        ("  C-1 ", "C-1", {}),
        ("'=C-1", "=C-1", {}),
        (" '+31 6", "+31 6", {}),
        ("'s-Gravenhage", "'s-Gravenhage", {}),
        ("\u200b'=C-1", "=C-1", {INVISIBLE: 1}),
        ("''=C-1", "''=C-1", {}),
        ("C\u200b-1", "C-1", {INVISIBLE: 1}),
        ("NULL", "", {NULL_WORDS: 1}),
        ("\ufeffnan", "", {INVISIBLE: 1, NULL_WORDS: 1}),
        ("", "", {}),
    ],
)
def test_a_cell_is_taken_without_marks_and_what_nobody_sees(
    text: str, meant: str, noted: dict[str, int]
) -> None:
    seen: Counter[str] = Counter()

    assert cleaned(text, seen) == meant
    assert seen == noted


def test_what_was_left_out_of_cells_is_counted_over_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "signals.csv"
    lines = [row(addition="NULL"), row(signal_id="S-2", addition="NaN"), row(signal_id="S\u200b-3")]
    path.write_text("\n".join(map(",".join, [list(NAMES), *lines])) + "\n", "utf-8")
    file = CsvFile(path)

    assert file.understood == "commas, point decimals, UTF-8: 0 rows"
    assert [line.problems for line in file] == [[], [], []]
    assert file.understood == (
        f"commas, point decimals, UTF-8: 3 rows; 2 cells {NULL_WORDS}; 1 cell {INVISIBLE}"
    )


def test_a_csv_file_keeps_each_lines_text_and_names_the_file_in_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "signals.csv"
    line = ",".join(VALUES)
    path.write_text(f'{",".join(NAMES)}\n{line}\n1,"2\n', "utf-8")

    good, bad = CsvFile(path)

    assert (good.place, good.text, good.problems) == ("line 2", f"{line}\n", [])
    assert (bad.place, bad.text, bad.signal) == ("line 3", '"1,""2"\n', None)
    with pytest.raises(FileRefused) as found:
        read_csv(path)
    assert str(found.value).startswith(f"{path}: 1 fault")
    path.write_text("late\n", "utf-8")
    with pytest.raises(FileRefused) as found:
        CsvFile(path)
    assert str(found.value).startswith(f"{path}: ")


def test_a_monthly_bill_shows_the_decimal_mark_and_examples_are_taken_if_asked(tmp_path: Path) -> None:
    path = tmp_path / "signals.csv"
    names = [*NAMES[:7], "bsn", "monthly_bill_eur"]
    path.write_text(
        ";".join(names) + "\n" + ";".join([*row(amount_eur="1.650")[:7], "123456789", "550,25"]) + "\n",
        "utf-8",
    )

    ((_, signal),) = read_csv(path, Asked(test_numbers=True))

    assert (signal.amount_cents, signal.monthly_bill_cents) == (165_000, 55_025)


@pytest.mark.parametrize(
    ("number", "words", "said"),
    [
        (0, ("row",), "0 rows"),
        (1, ("row",), "1 row"),
        (3_412, ("row",), "3,412 rows"),
        (1, ("delivery", "deliveries"), "1 delivery"),
        (2, ("delivery", "deliveries"), "2 deliveries"),
    ],
)
def test_a_number_is_said_with_its_noun(number: int, words: tuple[str, ...], said: str) -> None:
    assert counted(number, *words) == said


def test_how_a_file_was_read_names_what_was_left_out_most_first() -> None:
    lines = Lines(Header(NAMES), Reader())
    lines.noted.update(["a", "b", "b"])

    assert understood("tabs", lines) == "tabs: 0 rows; 2 cells b; 1 cell a"


def test_a_receipt_says_that_each_signal_was_accepted_and_how_the_file_was_read() -> None:
    filed = [Filed("line 2", an_arrears_signal(signal_id="=S-1")), Filed("line 3", an_arrears_signal())]

    assert [*accepted(filed, ["read as commas", "left out 1 signal"])] == [
        "place,signal_id,verdict,message\n",
        "line 2,'=S-1,accepted,\n",
        "line 3,signal-1,accepted,\n",
        "file,,note,read as commas\n",
        "file,,note,left out 1 signal\n",
    ]


@pytest.mark.parametrize(
    ("sent", "said"), [(False, "nothing was sent"), (True, "a part may be stored, and counts once")]
)
def test_a_receipt_of_a_refused_file_names_each_fault_and_what_to_do(sent: bool, said: str) -> None:
    assert [*refused([Problem("line 2", "is empty"), Problem("file", "is no CSV")], sent)] == [
        "place,signal_id,verdict,message\n",
        "line 2,,refused,is empty\n",
        "file,,refused,is no CSV\n",
        csv_line(["file", "", "refused", f"{said}; mend what is named above and send the whole file again"]),
    ]
    assert [*refused([])][-1].startswith("file,,refused,nothing was sent;")


@pytest.mark.parametrize(
    ("text", "shown"),
    [("=1", "'=1"), ("+31 6", "'+31 6"), ("+31", "+31"), ("-12,5e3", "-12,5e3"), ("@x", "'@x"),
     ("\tx", "'\tx"),
     ("\rx", "'\rx"), ("a=1", "a=1"), ("", "")],
)  # fmt: skip
def test_text_that_begins_a_formula_is_marked_and_a_number_is_not(text: str, shown: str) -> None:
    assert harmless(text) == shown


def test_a_line_of_csv_keeps_numbers_and_leaves_out_what_is_none() -> None:
    assert csv_line(["=1", -1, None, 1.5, "a,b"]) == '\'=1,-1,,1.5,"a,b"\n'
    assert csv_line(["a;b", "c"], ";", "\r\n") == '"a;b";c\r\n'

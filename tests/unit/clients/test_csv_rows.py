"""A CSV file as rows: where it is refused, and how a row is written back with more behind it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eropaf_client.errors import FileRefused
from eropaf_client.files.csv_table import open_table, widened, with_decimal
from eropaf_client.files.writing import csv_line, harmless

QUOTE = "is not CSV: a quote that opens on this line is not closed, or not where its field ends"


def known(heading: str) -> bool:
    return heading in ("id", "amount")


def a_file(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "signals.csv"
    path.write_bytes(text.encode(encoding))
    return path


cells = st.text(st.sampled_from('ab1;," -=+'), max_size=5)


@given(
    st.lists(cells, min_size=1, max_size=4).filter(lambda each: each != [""]),
    st.integers(1, 5),
    st.sampled_from(",;"),
    st.sampled_from(["", "\n", "\r\n"]),
)
def test_what_is_added_stands_behind_the_header_and_nothing_else_changes(
    fields: list[str], width: int, delimiter: str, end: str
) -> None:
    written = csv_line(fields, delimiter, end)

    text = widened(written, width, ["7", "high"], delimiter)

    (read,) = csv.reader(io.StringIO(text), delimiter=delimiter)
    meant = next(csv.reader([written], delimiter=delimiter))
    meant += [""] * (width - len(meant))
    assert read == [harmless(each) for each in [*meant[:width], "7", "high", *meant[width:]]]
    assert text.endswith(f"{delimiter}high{end}") or len(meant) > width


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ('1,"a ""b"", c"\r\n', '1,"a ""b"", c",+\r\n'),
        ('"1",a b\n', '"1",a b,+\n'),
        ("1,=SUM(A1)\n", "1,'=SUM(A1),+\n"),
        ('1,"=""x"""\n', '1,"\'=""x""",+\n'),
        ("1,b \r\n", "1,b ,+\r\n"),
        ("1,X\n", "1,X,+\n"),
        ('1,"=SUM(A1,2)"\n', '1,"\'=SUM(A1,2)",+\n'),
        ("1\n", "1,,+\n"),
        ("1,a,rest\n", "1,a,+,rest\n"),
    ],
)
def test_a_row_keeps_its_own_quotes_and_no_formula(text: str, meant: str) -> None:
    assert widened(text, 2, ["+"], ",") == meant


def test_a_file_of_more_lines_than_signals_fit_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eropaf_client.files.csv_table.MOST_FILE_LINES", 3)
    path = a_file(tmp_path, "id,amount\n1,1\n2,2\n3,3\n")

    with pytest.raises(FileRefused) as refused:
        list(open_table(path, known))

    assert str(refused.value).startswith(f"{path}: ")
    assert [*map(str, refused.value.problems)] == ["line 4: the file has more than 3 lines; send it in parts"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('\n"id,amount\n1,1\n', f"line 2: {QUOTE}"),
        ("id,amo\x00unt\n", "line 1: is not CSV: it holds a NUL character"),
        ("\n" * 1_001 + "id,amount\n", "line 1: no header stands in the first 1,000 lines"),
    ],
)
def test_a_header_that_is_not_csv_is_refused_by_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = a_file(tmp_path, text)

    with pytest.raises(FileRefused) as refused:
        open_table(path, known)

    assert str(refused.value).startswith(f"{path}: ")
    assert [*map(str, refused.value.problems)] == [said]


def test_a_header_may_come_on_the_thousandth_line(tmp_path: Path) -> None:
    table = open_table(a_file(tmp_path, "\n" * 999 + "id,amount\n1,1\n"), known)

    assert (table.header.number, table.header.fields) == (1_000, ["id", "amount"])
    assert [(row.number, row.fields, row.text) for row in table] == [(1_001, ["1", "1"], "1,1\n")]


def test_a_file_of_nothing_has_an_empty_header_and_no_rows(tmp_path: Path) -> None:
    table = open_table(a_file(tmp_path, "\n\n"), known)

    assert table.header == (1, [], "", None)
    assert [*table] == []


def test_what_stands_before_the_header_is_kept_and_may_name_any_delimiter(tmp_path: Path) -> None:
    table = open_table(a_file(tmp_path, "\r\nsep=^\r\n\r\nid^amount\r\n1^2 \r\n"), known)

    assert (table.dialect.delimiter, table.dialect.before) == ("^", "\r\nsep=^\r\n\r\n")
    assert [(row.number, row.fields, row.text) for row in table] == [(5, ["1", "2 "], "1^2 \r\n")]


def test_a_second_line_that_names_a_delimiter_is_the_header(tmp_path: Path) -> None:
    table = open_table(a_file(tmp_path, "sep=;\nsep=,\n"), known)

    assert (table.dialect.delimiter, table.header.fields) == (";", ["sep=,"])


@pytest.mark.parametrize(
    ("record", "fault"),
    [('1,"a\nb"\n', None), ('1,"a\nb", \n', None), ('1,"a\nb",c\n', QUOTE), ('"a\nb"\n', QUOTE)],
)
def test_a_record_of_several_lines_has_as_many_fields_as_the_header(
    tmp_path: Path, record: str, fault: str | None
) -> None:
    table = open_table(a_file(tmp_path, f"id,amount\n{record}9,9\n"), known)

    first, *_, last = table

    assert first.fault == fault
    assert (last.number, last.fields, last.fault) == (4, ["9", "9"], None)


def test_a_line_that_is_not_csv_is_kept_as_one_field_that_can_be_written_back(tmp_path: Path) -> None:
    (row,) = open_table(a_file(tmp_path, 'id;amount\r\n1;a"b \x00X\r\n'), known)

    assert (row.text, row.fault) == ('"1;a""b \x00X"\r\n', "is not CSV: it holds a NUL character")


def test_bytes_far_below_the_header_are_refused_by_the_line_before_them(tmp_path: Path) -> None:
    path = tmp_path / "signals.csv"
    path.write_bytes(b"id,amount\n" + b"1,1\n" * 20_000 + b"2,\xff\n")

    with pytest.raises(FileRefused) as refused:
        list(open_table(path, known, "utf-8"))

    assert str(refused.value).startswith(f"{path}: ")
    (problem,) = refused.value.problems
    assert 15_000 < int(problem.place.removeprefix("line ")) <= 20_002
    assert problem.message == "or one below it is not utf-8: invalid start byte"


def test_a_stray_quote_costs_its_own_line_alone(tmp_path: Path) -> None:
    text = 'id,amount\n1,"1\n2,2\n3,"a\nb"\n4,"4"\n5,5\n'

    rows = [
        (row.number, row.fields, row.text, row.fault) for row in open_table(a_file(tmp_path, text), known)
    ]

    assert rows == [
        (2, [], '"1,""1"\n', QUOTE),
        (3, ["2", "2"], "2,2\n", None),
        (4, ["3", "a\nb"], '3,"a\nb"\n', None),
        (6, ["4", "4"], '4,"4"\n', None),
        (7, ["5", "5"], "5,5\n", None),
    ]


@pytest.mark.parametrize(("lines", "fault"), [(100, None), (101, QUOTE)])
def test_a_record_is_of_a_hundred_lines_at_most(tmp_path: Path, lines: int, fault: str | None) -> None:
    text = 'id,amount\n1,"' + "x\n" * (lines - 1) + '"\n'

    first = next(iter(open_table(a_file(tmp_path, text), known)))

    assert first.fault == fault


@pytest.mark.parametrize("before", ["", "id,amount\n1,1\n"], ids=["header", "row"])
def test_bytes_that_are_none_of_the_encoding_are_refused_by_about_where(tmp_path: Path, before: str) -> None:
    path = tmp_path / "signals.csv"
    path.write_bytes(before.encode() + b"2,\xff\n")

    with pytest.raises(FileRefused) as refused:
        list(open_table(path, known, "utf-8"))

    assert str(refused.value).startswith(f"{path}: ")
    assert [*map(str, refused.value.problems)] == ["line 1: or one below it is not utf-8: invalid start byte"]


@pytest.mark.parametrize(
    ("rows", "mark"),
    [
        (["1,1.5"], "."),
        (['1,"1,50"'], ","),
        (["1,5"], None),
        (["1,1.5", '2,"1,5"'], None),
        (["1", "2,1.5"], "."),
    ],
)
def test_the_decimal_mark_is_that_of_the_amounts(tmp_path: Path, rows: list[str], mark: str | None) -> None:
    table = open_table(a_file(tmp_path, "\n".join(["id,amount", *rows]) + "\n"), known)

    assert with_decimal(table, [1]).dialect.decimal == mark


def test_the_decimal_mark_is_looked_for_in_the_first_thousand_rows(tmp_path: Path) -> None:
    rows = ["1,1"] * 1_000 + ["2,1.5"]
    table = open_table(a_file(tmp_path, "\n".join(["id,amount", *rows]) + "\n"), known)

    assert with_decimal(table, [1]).dialect.decimal is None
    shorter = open_table(a_file(tmp_path, "\n".join(["id,amount", *rows[1:]]) + "\n"), known)
    assert with_decimal(shorter, [1]).dialect.decimal == "."

"""How a CSV file was written is told by its bytes and its column names; what is open is refused."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from eropaf_client.errors import FileRefused
from eropaf_client.files.dialect import (
    Dialect,
    decimal_of,
    delimiter_of,
    encoding_named,
    encoding_of,
    separator_line,
)

NAMED = "utf-8, utf-16, windows-1252, iso-8859-15, cp850, mac-roman"
UTF_8, LITTLE, BIG = codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "signals.csv"


@pytest.mark.parametrize(
    ("data", "asked", "found"),
    [
        (b"plain", None, (b"", "utf-8")),
        (b"", None, (b"", "utf-8")),
        ("Zoë".encode(), None, (b"", "utf-8")),
        ("Zoë".encode("cp1252"), None, (b"", "windows-1252")),
        (b"ends in half a \xc3", None, (b"", "windows-1252")),
        (UTF_8 + b"a", None, (UTF_8, "utf-8")),
        (UTF_8 * 2 + b"a", None, (UTF_8 * 2, "utf-8")),
        (UTF_8 + b"a", "windows-1252", (UTF_8, "windows-1252")),
        (LITTLE + "ab".encode("utf-16-le"), None, (LITTLE, "utf-16-le")),
        (BIG * 2 + "ab".encode("utf-16-be"), None, (BIG * 2, "utf-16-be")),
        (LITTLE + "ab".encode("utf-16-le"), "utf-16", (LITTLE, "utf-16-le")),
        ("plain text".encode("utf-16-le"), None, (b"", "utf-16-le")),
        ("plain text".encode("utf-16-be"), None, (b"", "utf-16-be")),
        ("plain text".encode("utf-16-be"), "utf-16", (b"", "utf-16-be")),
        (b"plain\x00text", None, (b"", "utf-8")),
        (b"plain", "CP850", (b"", "cp850")),
        (b"x" * 2_000_000 + "Zoë".encode(), None, (b"", "utf-8")),
        (b"x" * ((1 << 20) - 1) + "ë".encode(), None, (b"", "utf-8")),  # across two blocks
    ],
    ids=lambda each: None,
)
def test_an_encoding_is_told_by_marks_by_zeros_or_by_what_is_valid(
    file: Path, data: bytes, asked: str | None, found: tuple[bytes, str]
) -> None:
    file.write_bytes(data)

    assert encoding_of(file, asked) == found


@pytest.mark.parametrize(
    ("data", "asked", "said"),
    [
        (b"plain", "ebcdic", f"file: --encoding must be one of {NAMED}"),
        (b"a\n" + "Zoë".encode("cp850"), None,
         "line 2, byte 3: is neither UTF-8 nor clearly Windows-1252; say what it is with --encoding: "
         + NAMED),
        (b"a\nb\n" + "Zoë".encode() + b"\n" + "Zoë".encode("cp1252"), None,
         "line 3, byte 3: is UTF-8, and other lines are not; save the file in one encoding, or name it "
         "with --encoding: " + NAMED),
    ],
)  # fmt: skip
def test_what_its_bytes_leave_open_is_refused_by_line_and_byte(
    file: Path, data: bytes, asked: str | None, said: str
) -> None:
    file.write_bytes(data)

    with pytest.raises(FileRefused) as refused:
        encoding_of(file, asked)

    assert str(refused.value).startswith(f"{file}: ")
    assert [*map(str, refused.value.problems)] == [said]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("UTF8", "utf-8"), ("utf_16", "utf-16"), ("cp1252", "windows-1252"), ("latin-1", "windows-1252"),
        ("latin9", "iso-8859-15"), ("850", "cp850"), ("macintosh", "mac-roman"),
        ("cp1251", None), ("", None), ("a\0b", None),
    ],
)  # fmt: skip
def test_an_encoding_is_found_by_any_of_its_names(name: str, found: str | None) -> None:
    assert encoding_named(name) == found


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [
        ("id,amount", ","), ("id;amount", ";"), ("id\tamount", "\t"), ("id|amount", "|"),
        ('"id";"a,b,c,amount"', ";"), ("id;x,y,z", ";"), ("unknown;other", ";"), ("unknown", ","),
        ('"open', ","),
    ],
)  # fmt: skip
def test_the_delimiter_is_the_one_that_shows_most_columns(header: str, delimiter: str) -> None:
    assert delimiter_of(header, lambda name: name in ("id", "amount")) == delimiter


@pytest.mark.parametrize(
    ("line", "delimiter"),
    [("sep=;\r\n", ";"), ("SEP=,", ","), ("sep=|||\n", "|"), ('"sep=,",,\n', ","), ("sep=;,\n", None),
     ("id;amount\n", None), ("", None)],
)  # fmt: skip
def test_a_line_may_name_the_delimiter(line: str, delimiter: str | None) -> None:
    assert separator_line(line) == delimiter


@pytest.mark.parametrize(
    ("amounts", "mark"),
    [(["480,50"], ","), (["480.5"], "."), (["480", "1.650", "7,25"], ","), (["480"], None), ([], None),
     (["480,50", "480.50"], None), (["1.650"], None), (["4,x"], None), ([",5"], ","), ([""], None)],
)  # fmt: skip
def test_the_decimal_mark_stands_before_one_or_two_digits(amounts: list[str], mark: str | None) -> None:
    assert decimal_of(amounts) == mark


@pytest.mark.parametrize(
    ("dialect", "day_first", "said"),
    [
        (Dialect("utf-8", ","), False, "commas, UTF-8"),
        (Dialect("windows-1252", ";", decimal=","), True, "semicolons, comma decimals, Windows-1252"),
        (Dialect("utf-16-le", "\t", decimal="."), True, "tabs, point decimals, UTF-16"),
        (Dialect("cp850", "\t"), False, "tabs, DOS 850"),
        (Dialect("mac-roman", "|"), False, "bars, Mac Roman"),
        (Dialect("iso-8859-15", "^"), False, "columns parted by '^', ISO 8859-15"),
    ],
)
def test_a_way_of_writing_is_said_in_words_and_decides_how_dates_are_read(
    dialect: Dialect, day_first: bool, said: str
) -> None:
    assert str(dialect) == said
    assert dialect.day_first is day_first

"""How a CSV file was written: its encoding, delimiter and decimal mark.

All of it is derived from the file, by the rules below (ADR 44): the column names are known, so the right
delimiter is the one that reveals them.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Callable

from eropaf_client.errors import FileRefused, Problem

# Encodings that can be requested: our codec's name, and the name people know.
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "windows-1252": "Windows-1252",
    "iso-8859-15": "ISO 8859-15",
    "cp850": "DOS 850",
    "mac-roman": "Mac Roman",
}
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# In Windows-1252, Dutch text holds these besides ASCII: accented letters and some signs. A DOS or Mac letter
# decodes to one of its other signs, or to a quotation mark or euro sign within a word.
WESTERN = rb"\x80\x85\x91-\x97\xa0\xa7\xaa\xab\xb0\xb4\xb7\xba\xbb\xc0-\xd6\xd8-\xf6\xf8-\xff"
NOT_WINDOWS = re.compile(rb"[^\x00-\x7f" + WESTERN + rb"]|[A-Za-z][\x80\x85\x91\x93-\x95][A-Za-z]")
# An accented letter or a quotation mark in UTF-8: in Windows-1252 it shows as signs that no Dutch text holds.
ALSO_UTF_8 = re.compile(rb"[\xc3-\xc5][\x80-\xbf]|\xe2\x80[\x80-\xbf]")
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
# Saved again by a spreadsheet, the line has as many delimiters as the others.
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\1*"?[\r\n]*', re.IGNORECASE)
BLOCK_BYTES = 1 << 20
LONGEST_HEAD = 65_536
DECIMALS = {",": "comma decimals", ".": "point decimals"}


@dataclass(frozen=True)
class Dialect:
    """How a file was written, so that it can be read, and written back alike.

    `before` is the text before the header, without the byte order marks, which are `boms`. `decimal` is None
    if the amounts do not show it.
    """

    encoding: str
    delimiter: str
    boms: bytes = b""
    before: str = ""
    decimal: str | None = None

    @property
    def day_first(self) -> bool:
        """Whether dates may be written as 2-3-2026, as a Dutch spreadsheet does.

        Such a spreadsheet separates columns by semicolons, or in "Unicode text" by tabs in UTF-16.
        """
        return self.delimiter == ";" or (self.delimiter == "\t" and self.encoding.startswith("utf-16"))

    def __str__(self) -> str:
        named = ENCODINGS.get(self.encoding) or "UTF-16"
        said = [DELIMITERS.get(self.delimiter, f"columns parted by {self.delimiter!r}")]
        if self.decimal is not None:
            said.append(DECIMALS[self.decimal])
        return ", ".join([*said, named])


def encoding_of(path: Path, asked: str | None) -> tuple[bytes, str]:
    """Return the byte order marks at the beginning of the file at `path`, and its encoding.

    Raises:
        FileRefused: the bytes are ambiguous, or `asked` is unknown.
    """
    if asked is not None:
        asked = encoding_named(asked)
        if asked is None:
            said = f"--encoding must be one of {', '.join(ENCODINGS)}"
            raise FileRefused(str(path), [Problem("file", said)])
    with path.open("rb") as file:
        start = file.read(4096)
        boms, marked = _marks(start)
        if asked is not None and asked != "utf-16":
            return boms, asked
        if marked is None and b"\x00" in start:
            # UTF-16 without a byte order mark: every other byte of ASCII text is zero.
            low, high = start[1::2].count(0), start[::2].count(0)
            marked = "utf-16-le" if low > high else "utf-16-be"
            if abs(low - high) < len(start) // 4:
                marked = "utf-8"  # NULs in a byte-encoded file: each is reported with its line
        if marked is not None:
            return boms, marked
        file.seek(0)
        if _is_utf8(file):
            return b"", "utf-8"
        file.seek(0)
        _refuse_what_is_open(path, file)
        return b"", "windows-1252"


def delimiter_of(header: str, is_column: Callable[[str], bool]) -> str:
    """Return the delimiter of the line `header`: the one that yields the most known column names."""

    def shown(delimiter: str) -> tuple[int, int]:
        names = _split(header, delimiter)
        return sum(map(is_column, names)), len(names)

    return max(DELIMITERS, key=shown)


def separator_line(line: str) -> str | None:
    """Return the delimiter in a line `sep=;`, as Excel reads it; None for any other line."""
    found = SEPARATOR_LINE.fullmatch(line)
    return None if found is None else found[1]


def decimal_of(amounts: Iterable[str]) -> str | None:
    """Return the decimal mark of `amounts`; None if they do not show one, or contradict each other."""
    marks = {text[-3] if text[-3:-2] in DECIMALS else text[-2] for text in amounts if _has_decimals(text)}
    return marks.pop() if len(marks) == 1 else None


def encoding_named(asked: str) -> str | None:
    """Return our name for the encoding that has this name among its own; None for any other."""
    try:
        found = codecs.lookup(asked).name
    except (LookupError, ValueError):
        return None
    # Latin-1 is the part of Windows-1252 that both agree on.
    found = "cp1252" if found == "iso8859-1" else found
    return next((name for name in ENCODINGS if codecs.lookup(name).name == found), None)


def _has_decimals(text: str) -> bool:
    return any(text[-width:][:1] in DECIMALS and text[-width:][1:].isdigit() for width in (2, 3))


def _marks(start: bytes) -> tuple[bytes, str | None]:
    """Return the byte order marks at the start: some programs write a second one."""
    for mark, encoding in BOMS:
        length = 0
        while start.startswith(mark, length):
            length += len(mark)
        if length:
            return start[:length], encoding
    return b"", None


def _is_utf8(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in iter(lambda: file.read(BLOCK_BYTES), b""):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _refuse_what_is_open(path: Path, file: BinaryIO) -> None:
    for number, line in enumerate(file, 1):
        said = "is UTF-8, and other lines are not; save the file in one encoding, or name it"
        found = ALSO_UTF_8.search(line)
        if found is None:
            said, found = (
                "is neither UTF-8 nor clearly Windows-1252; say what it is",
                NOT_WINDOWS.search(line),
            )
        if found is None:
            continue
        place = f"line {number}, byte {found.start() + 1}"
        raise FileRefused(str(path), [Problem(place, f"{said} with --encoding: {', '.join(ENCODINGS)}")])


def _split(line: str, delimiter: str) -> Collection[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []

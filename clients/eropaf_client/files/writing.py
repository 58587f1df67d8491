"""Writes every CSV and Excel file that this project gives to people, and puts any file in its place.

A text that begins as a formula does never stays one: whoever signals chooses what his fields hold, and a
spreadsheet runs what begins with an equals sign.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from eropaf_client.errors import ClientError
from eropaf_client.schemas.whole_file import Overtaken, whole_file

# OWASP, "CSV Injection".
SIGNED = re.compile(r"[+-][0-9]+(?:[.,][0-9]+)?")
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class NotWritten(ClientError):
    """A file cannot be put where it was asked for. What was there stays as it was."""


def harmless(text: str) -> str:
    """Return `text` as a spreadsheet shows it and does not run it: an apostrophe says that it is text.

    A number with its sign stays a number.
    """
    runs = text.startswith(BEGINS_A_FORMULA) and SIGNED.fullmatch(text) is None
    return f"'{text}" if runs else text


def csv_line(fields: Iterable[Any], delimiter: str = ",", end: str = "\n") -> str:
    """Return one line of CSV. Numbers stand as they are, None is empty, texts are harmless."""
    out = io.StringIO()
    safe = (harmless(field) if isinstance(field, str) else field for field in fields)
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerow(safe)
    return out.getvalue()


def excel_cell(sheet: Any, value: Any) -> Any:
    """Return a cell for a write-only sheet of openpyxl; a text stays text whatever it begins with."""
    if not isinstance(value, str):
        return value
    from openpyxl.cell import WriteOnlyCell  # an extra of this library

    cell = WriteOnlyCell(sheet, value)
    cell.data_type = "s"  # it took "=…" for a formula
    return cell


@contextmanager
def in_its_place(path: Path, replace: bool = False) -> Iterator[BinaryIO]:
    """Open a new file that becomes `path` once all of it is on disk, readable by its owner alone.

    See `whole_file`.

    Raises:
        NotWritten: there is a file already and `replace` does not allow for it, or it cannot be written.
    """
    try:
        with whole_file(path, replace) as file:
            yield file
    except Overtaken:
        raise NotWritten(f"another program began to write {path} meanwhile; nothing was written") from None
    except FileExistsError:
        raise NotWritten(f"{path} is there already; nothing was written") from None
    except OSError as error:
        raise NotWritten(f"{path} cannot be written ({error.strerror}); nothing was left behind") from None

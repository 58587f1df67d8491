"""Writes every CSV and Excel file that this project hands to people, atomically.

Text that starts like a formula is always neutralised: senders choose what their fields hold, and a
    spreadsheet runs whatever begins with an equals sign.
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
SIGNED = re.compile(r"[+-][0-9]+(?:[.,][0-9]+)?(?:[eE][+-]?[0-9]+)?")
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class NotWritten(ClientError):
    """A file cannot be written to its destination. Anything there is unchanged."""


def harmless(text: str) -> str:
    """Return `text` so that a spreadsheet shows it but does not run it: an apostrophe marks it as text.

    A number with its sign stays a number.
    """
    runs = text.startswith(BEGINS_A_FORMULA) and SIGNED.fullmatch(text) is None
    return f"'{text}" if runs else text


def csv_line(fields: Iterable[Any], delimiter: str = ",", end: str = "\n") -> str:
    """Return one line of CSV. Numbers are unchanged, None is empty, text is harmless."""
    out = io.StringIO()
    safe = (harmless(field) if isinstance(field, str) else field for field in fields)
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerow(safe)
    return out.getvalue()


def excel_cell(sheet: Any, value: Any) -> Any:
    """Return a cell for a write-only openpyxl sheet; text stays text whatever it begins with."""
    if not isinstance(value, str):
        return value
    from openpyxl.cell import WriteOnlyCell  # an extra of this library

    cell = WriteOnlyCell(sheet, value)
    cell.data_type = "s"  # it took "=…" for a formula
    return cell


@contextmanager
def in_its_place(path: Path, replace: bool = False) -> Iterator[BinaryIO]:
    """Open a new file that replaces `path` once it is completely on disk, readable by its owner alone.

    See `whole_file`.

    Raises:
        NotWritten: the file exists and `replace` is false, or it cannot be written.
    """
    try:
        with whole_file(path, replace) as file:
            yield file
    except Overtaken:
        raise NotWritten(f"another program began to write {path} meanwhile; nothing was written") from None
    except FileExistsError:
        raise NotWritten(f"{path} already exists; nothing was written") from None
    except OSError as error:
        raise NotWritten(f"{path} cannot be written ({error.strerror}); nothing was left behind") from None

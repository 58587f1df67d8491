"""Writes every CSV and Excel file that this project gives to people, and puts any file in its place.

A text that begins as a formula does never stays one: whoever signals chooses what his fields hold, and a
spreadsheet runs what begins with an equals sign.
"""

from __future__ import annotations

import csv
import io
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from eropaf_client.errors import ClientError

# OWASP, "CSV Injection".
SIGNED = re.compile(r"[+-][0-9]+(?:[.,][0-9]+)?(?:[eE][+-]?[0-9]+)?")
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

    Until then, and where anything goes wrong, what was at `path` stays as it is, and nothing else is left
    behind.

    Raises:
        NotWritten: there is a file already and `replace` does not allow for it, or it cannot be written.
    """
    unfinished: str | None = None
    try:
        if path.is_dir() or (path.exists() and not replace):
            raise FileExistsError
        handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.", suffix=".part")
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if not replace:  # of two at once one has the name
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        os.replace(unfinished, path)
        unfinished = None
    except FileExistsError:
        raise NotWritten(f"{path} is there already; nothing was written") from None
    except OSError as error:
        raise NotWritten(f"{path} cannot be written ({error.strerror}); nothing was left behind") from None
    finally:
        if unfinished is not None:
            os.unlink(unfinished)

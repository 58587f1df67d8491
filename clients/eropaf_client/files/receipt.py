"""The answer to a file, as CSV: what was accepted, or what is wrong, line by line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from eropaf_client.errors import Problem
from eropaf_client.files.filed import Filed

RECEIPT = ".receipt.csv"
HEADER = ("place", "signal_id", "verdict", "message")


def accepted(filed: Iterable[Filed]) -> Iterator[str]:
    """Give the lines of a receipt for signals that are all stored."""
    yield _line(HEADER)
    for each in filed:
        yield _line((each.place, each.signal.signal_id, "accepted", ""))


def refused(problems: Iterable[Problem]) -> Iterator[str]:
    """Give the lines of a receipt for a file of which nothing was sent."""
    yield _line(HEADER)
    for problem in problems:
        yield _line((problem.place, "", "refused", problem.message))
    yield _line(
        ("file", "", "refused", "nothing was sent; mend what is named above and send the whole file again")
    )


def _line(fields: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(_harmless(field) for field in fields)
    return out.getvalue()


def _harmless(field: str) -> str:
    """Keep a spreadsheet from taking a field for a formula."""
    return f"'{field}" if field[:1] in ("=", "+", "-", "@", "\t", "\r") else field

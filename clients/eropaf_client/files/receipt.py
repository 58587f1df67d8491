"""The receipt for a file, as CSV: what was accepted, or what is wrong, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from eropaf_client.errors import Problem
from eropaf_client.files.filed import Filed
from eropaf_client.files.writing import csv_line

RECEIPT = ".receipt.csv"
HEADER = ("place", "signal_id", "verdict", "message")


def accepted(filed: Iterable[Filed], told: Iterable[str]) -> Iterator[str]:
    """Yield the receipt's lines for signals that were all stored, then notes on how the file was read."""
    yield csv_line(HEADER)
    for each in filed:
        yield csv_line((each.place, each.signal.signal_id, "accepted", ""))
    for sentence in told:
        yield csv_line(("file", "", "note", sentence))


def refused(problems: Iterable[Problem], sent: bool = False) -> Iterator[str]:
    """Yield the receipt's lines for a refused file; `sent`: part of it may have been sent."""
    yield csv_line(HEADER)
    for problem in problems:
        yield csv_line((problem.place, "", "refused", problem.message))
    what = "a part may be stored, and counts once" if sent else "nothing was sent"
    said = f"{what}; mend what is named above and send the whole file again"
    yield csv_line(("file", "", "refused", said))

"""Reads the municipality's list of unsafe addresses from a CSV file: how workers go there, until when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from eropaf.board.safety import Level, Mark, farthest_mark
from eropaf.risk.address import normalise
from eropaf.risk.identity import household_key
from eropaf.risk.refusal import Refused
from eropaf_client.errors import FileRefused, Problem, Problems
from eropaf_client.files.cells import cleaned
from eropaf_client.files.columns import column
from eropaf_client.files.csv_table import open_table
from eropaf_client.files.fields import NotThis, Reader
from eropaf_client.schemas.limits import LONGEST_MARK_DAYS

COLUMNS = ["postcode", "house_number", "addition", "level", "until"]
DUTCH = {"niveau": "level", "tot en met": "until"}
LEVELS = {
    "not alone": Level.NOT_ALONE,
    "niet alleen": Level.NOT_ALONE,
    "office only": Level.OFFICE_ONLY,
    "alleen op kantoor": Level.OFFICE_ONLY,
}

# A household's key, and its mark; None: it ended.
Entry = tuple[str, Mark | None]


def read_unsafe(file: Path, secret: bytes, today: date, encoding: str | None = None) -> list[Entry]:
    """Read a list: each address's household key and mark, None where its last day is over.

    Raises:
        FileRefused: it cannot be read, or has faults; each names its line, never what stands there.
    """
    if not file.is_file():
        raise FileRefused(str(file), [Problem("file", "is not there")])
    table = open_table(file, lambda name: _name(name) in COLUMNS, encoding)
    names = [_name(heading) for heading in table.header.fields]
    if names != COLUMNS:
        wanted = f"the header must be {','.join(COLUMNS)}: why an address is unsafe is not for this list"
        raise FileRefused(str(file), [Problem(f"line {table.header.number}", wanted)])
    read, entries, problems = Reader(day_first=table.dialect.day_first), [], Problems()
    for row in table:
        try:
            if row.fault is not None:
                raise NotThis(row.fault)
            entries.append(_entry(read, [cleaned(text, Counter()) for text in row.fields], secret, today))
        except (NotThis, Refused) as wrong:
            problems.add(Problem(f"line {row.number}", str(wrong)))
    problems.refuse(str(file))
    return entries


def _name(heading: str) -> str:
    name = column(heading)
    return DUTCH.get(name, name)


def _entry(read: Reader, fields: Sequence[str], secret: bytes, today: date) -> Entry:
    if len(fields) != len(COLUMNS):
        raise NotThis(f"has {len(fields)} columns, but the header has {len(COLUMNS)}")
    postcode, house_number, addition = (read.columns["addition"](text) for text in fields[:3])
    key = household_key(normalise(postcode, house_number, addition), secret)
    level = LEVELS.get(fields[3].lower().replace("-", " "))
    if level is None:
        raise NotThis("level must be not-alone or office-only")
    try:
        until = read.day(fields[4])
    except NotThis as wrong:
        raise NotThis(f"until {wrong}") from None
    if until > farthest_mark(today):
        raise NotThis(f"until must be within {LONGEST_MARK_DAYS} days: decide again by then")
    return key, None if until < today else Mark(level, until)

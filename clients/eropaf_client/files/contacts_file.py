"""Contact details in a CSV file of their own, one contract a line: no file of signals holds any."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from eropaf_client.contact_slips import Contact, contract_faults, faults
from eropaf_client.errors import FileRefused, Problem
from eropaf_client.files.cells import cleaned
from eropaf_client.files.csv_table import open_table

COLUMNS = ("contract", "name", "phone", "email")
DUTCH = {
    "contractnummer": "contract",
    "naam": "name",
    "telefoon": "phone",
    "telefoonnummer": "phone",
    "emailadres": "email",
}


class ContactOf(NamedTuple):
    """A contract, and how whoever has it is reached."""

    contract: str
    contact: Contact

    def __repr__(self) -> str:
        return f"ContactOf({self.contract!r})"


def read_contacts(path: Path, encoding: str | None = None) -> list[ContactOf]:
    """Read every contact in the file at `path`.

    Raises:
        FileRefused: the file has faults; each names its line and column, and none repeats a detail.
    """
    table = open_table(path, lambda heading: _column(heading) in COLUMNS, encoding)
    names = [_column(each) for each in table.header.fields]
    if "contract" not in names or not set(names) <= set(COLUMNS) or len(set(names)) < len(names):
        said = f"the columns must be some of {', '.join(COLUMNS)}, each once, and contract among them"
        raise FileRefused(str(path), [Problem(f"line {table.header.number}", said)])
    found: list[ContactOf] = []
    problems: list[Problem] = []
    for row in table:
        place = f"line {row.number}"
        if row.fault is not None or len(row.fields) != len(names):
            problems.append(Problem(place, row.fault or f"has {len(row.fields)} columns, not {len(names)}"))
            continue
        made = _made(names, row.fields)
        wrong = [*contract_faults(made.contract), *faults(made.contact)]
        problems += [Problem(f"{place}, {each.field}", each.message) for each in wrong]
        found.append(made)
    if problems or not found:
        raise FileRefused(str(path), problems or [Problem("file", "holds no contact details")])
    return found


def _made(names: Sequence[str], fields: Sequence[str]) -> ContactOf:
    values = {name: cleaned(text, Counter()) or None for name, text in zip(names, fields)}
    return ContactOf(values.pop("contract") or "", Contact(**values))


def _column(heading: str) -> str:
    joined = re.sub(r"[\s_.\-]+", "", cleaned(heading, Counter()).lower())
    return DUTCH.get(joined, joined)

"""Reads the municipality's register from a CSV file: which BSN lives where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eropaf.risk.address import normalise
from eropaf.risk.identity import resident_key
from eropaf.risk.refusal import Refused
from eropaf_client.errors import FileRefused, Problem, Problems
from eropaf_client.files.cells import cleaned
from eropaf_client.files.columns import column
from eropaf_client.files.csv_table import CsvTable, open_table
from eropaf_client.files.fields import NotThis, Reader
from eropaf_client.files.understood import counted

COLUMNS = ["bsn", "postcode", "house_number", "addition"]
MINOR_CHILDREN = "minor_children"
SAID: dict[str, bool | None] = {"yes": True, "no": False, "ja": True, "nee": False, "": None}

# A resident's key, and what a Residence says of him; None: he has left.
Entry = tuple[str, dict[str, object] | None]


@dataclass(frozen=True, slots=True)
class Register:
    """A parsed register: its entries in order, and what a person must know about how it was read.

    If a BSN occurs twice the later entry wins, as it does across two files.
    """

    entries: Sequence[Entry]
    told: Sequence[str]


def read_register(
    file: Path, secret: bytes, encoding: str | None = None, test_numbers: bool = False
) -> Register:
    """Read a register: each entry's resident key and Residence, None for a resident who has left.

    Raises:
        FileRefused: it cannot be read, or has faults; each names its line.

    """
    if not file.is_file():
        raise FileRefused(str(file), [Problem("file", "is not there")])
    table = open_table(file, lambda name: _name(name) in (*COLUMNS, MINOR_CHILDREN), encoding)
    names = [_name(heading) for heading in table.header.fields]
    while names and not names[-1]:
        names.pop()
    if names not in (COLUMNS, [*COLUMNS, MINOR_CHILDREN]):
        wanted = f"the header must be {','.join(COLUMNS)}, and may go on with {MINOR_CHILDREN}"
        raise FileRefused(str(file), [Problem(f"line {table.header.number}", wanted)])
    reading = _Reading(len(names), secret, Reader(test_numbers=test_numbers))
    for row in table:
        reading.row(f"line {row.number}", row.fields, row.fault)
    reading.problems.refuse(str(file))
    return Register(reading.entries, reading.told(table))


def _name(heading: str) -> str:
    name = column(heading)
    return MINOR_CHILDREN if name == "minderjarige_kinderen" else name


class _Reading:
    """One pass over a register."""

    def __init__(self, columns: int, secret: bytes, reader: Reader) -> None:
        self.entries: list[Entry] = []
        self.problems = Problems()
        self._columns, self._secret, self._read = columns, secret, reader.columns
        self._first: dict[str, tuple[str, dict[str, object] | None]] = {}
        self._twice: list[str] = []
        self._noted: Counter[str] = Counter()

    def row(self, place: str, fields: Sequence[str], fault: str | None) -> None:
        """Read one entry, or record its fault."""
        try:
            if fault is not None:
                raise NotThis(fault)
            self._entry(place, [cleaned(text, self._noted) for text in fields])
        except (NotThis, Refused) as wrong:
            self.problems.add(Problem(place, str(wrong)))

    def told(self, table: CsvTable) -> list[str]:
        """Return how the file was read, and which residents occur twice."""
        noted = [f"{counted(number, 'cell')} {what}" for what, number in self._noted.items()]
        form = "; ".join([f"{table.dialect}: {counted(len(self.entries), 'row')}", *noted])
        return [f"read as {form}", *self._twice]

    def _entry(self, place: str, fields: list[str]) -> None:
        if len(fields) < self._columns or any(fields[self._columns :]):
            raise NotThis(f"has {len(fields)} columns, but the header has {self._columns}")
        said = fields[len(COLUMNS)] if self._columns > len(COLUMNS) else ""
        if said.lower() not in SAID:
            raise NotThis(f"{MINOR_CHILDREN} must be yes, no or empty")
        held = {name: self._value(name, text) for name, text in zip(COLUMNS, fields, strict=False)}
        key = resident_key(held["bsn"], self._secret)
        entry = self._residence(held, SAID[said.lower()])
        first, before = self._first.setdefault(key, (place, entry))
        if before != entry:
            self._twice.append(f"{first} and {place} are of one resident: the later holds")
            self._first[key] = (place, entry)
        self.entries.append((key, entry))

    def _value(self, name: str, text: str) -> str:
        try:
            return str(self._read[name](text)) if text else ""
        except NotThis as wrong:
            raise NotThis(f"{name} {wrong}") from None

    def _residence(self, held: Mapping[str, str], minor_children: bool | None) -> dict[str, object] | None:
        postcode, house_number, addition = (held[name] for name in COLUMNS[1:])
        if not (postcode or house_number or addition):
            return None
        if not (postcode and house_number):
            raise NotThis(
                "an address needs postcode and house_number; leave all of them empty for a resident who has "
                "left"
            )
        address = normalise(postcode, house_number, addition).to_record()
        return {"address": address, "minor_children": minor_children}

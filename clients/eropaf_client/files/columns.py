"""The columns of a creditor's table in any kind of file; docs/reference/csv.md describes them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from eropaf_client.errors import FileRefused, Problem, Problems
from eropaf_client.files.cells import cleaned
from eropaf_client.files.fields import ERROR, NotThis, Reader
from eropaf_client.files.filed import Filed
from eropaf_client.records import ArrearsSignal, Crisis, OwnEffort, Resident
from eropaf_client.schemas.looks import ERRORS
from eropaf_client.validation import ASKING, DEBT_HELP, PERSONAL_CONTACT, faults, refusal, unmet

COLUMNS = tuple(Reader().columns)
# Headings are searched for up to this column.
MOST_COLUMNS = 2 * len(COLUMNS)
REQUIRED = ("signal_id", "contract", "kind", "partner_type", "amount_eur", "reported_at", "version")
# One Dutch name for each: the national model's, if it has one.
DUTCH = {
    "signaal_id": "signal_id",
    "contractnummer": "contract",
    "soort": "kind",
    "signaalpartner": "partner_type",
    "bedrag": "amount_eur",
    "maandbedrag": "monthly_bill_eur",
    "ontstaansdatum": "arrears_since",
    "signaaldatum": "reported_at",
    "versie": "version",
    "crisis_soort": "crisis",
    "crisisdatum": "crisis_on",
    "warme_overdracht": "handover_wish",
    "burgerservicenummer": "bsn",
    "huisnummer": "house_number",
    "huisnummertoevoeging": "addition",
    "toevoeging": "addition",
    "persoonlijk_contact": "personal_contact",
    "schuldhulp_genoemd": "debt_help_pointed_at",
    "herinneringen": "written_reminders",
    "aanbod": "offer",
}
EFFORT = ("personal_contact", "debt_help_pointed_at", "written_reminders", "offer")
DUTIES = {"personal_contact": PERSONAL_CONTACT, "debt_help_pointed_at": DEBT_HELP}


class Line(NamedTuple):
    """One line below the header: its text, and its signal or its faults."""

    place: str
    text: str
    signal: ArrearsSignal | None
    problems: Sequence[Problem]

    def __repr__(self) -> str:
        # Without its text, which says who is in arrears.
        return f"Line({self.place!r}, {len(self.problems)} problems)"


@dataclass(frozen=True)
class Header:
    """A table's columns by our names; '' for a column without a heading, which must be empty."""

    names: tuple[str, ...]

    def place(self, line: str, name: str) -> str:
        """Return the name that a fault uses for the column `name`."""
        return f"{line}, column {self.names.index(name) + 1} ({name})"

    def of(self, *wanted: str) -> list[int]:
        """Return the positions of the columns `wanted` that exist."""
        return [number for number, name in enumerate(self.names) if name in wanted]


def column(name: str) -> str:
    """Return the column for a heading: English or Dutch, in any case, its words joined in any way or not."""
    plain = cleaned(name, Counter()).lower()
    return HEADINGS.get(_joined(plain), plain)


def _joined(name: str) -> str:
    return re.sub(r"[\s_.\-]+", "", name)


HEADINGS = {_joined(said): name for said, name in {**{name: name for name in COLUMNS}, **DUTCH}.items()}


def is_column(name: str) -> bool:
    """Return whether a heading names one of the columns."""
    return column(name) in COLUMNS


def header_of(path: Path, headings: Sequence[str], number: int = 1) -> Header:
    """Read the column headings on line `number`.

    Raises:
        FileRefused: they are wrong; each fault names its column.
    """
    line = f"line {number}"
    names = tuple(map(column, headings[: MOST_COLUMNS + 1]))
    if len(names) > MOST_COLUMNS:
        raise FileRefused(str(path), [Problem(line, f"has more than {MOST_COLUMNS} columns")])
    problems: list[Problem] = []
    for at, name in enumerate(names, 1):
        if name and name not in COLUMNS:
            problems.append(Problem(f"{line}, column {at}", "is no column name; see docs/reference/csv.md"))
        elif name and names.index(name) != at - 1:
            problems.append(Problem(f"{line}, column {at}", f"{name} stands twice"))
    problems += [Problem(line, f"column {name} is missing") for name in REQUIRED if name not in names]
    if problems:
        raise FileRefused(str(path), problems)
    return Header(names)


class Lines:
    """Reads the lines of one table, and counts what was normalised."""

    def __init__(self, header: Header, reader: Reader) -> None:
        self.noted: Counter[str] = Counter()
        self.count = 0
        self._header = header
        self._read = [reader.columns.get(name) for name in header.names]
        self._lines: dict[str, int] = {}
        self._test_numbers = reader.test_numbers

    def line(self, number: int, fields: Sequence[str], text: str = "") -> Line:
        """Read one line."""
        self.count += 1
        problems: list[Problem] = []
        signal = self._signal(number, fields, problems)
        return Line(f"line {number}", text, None if problems else signal, problems)

    def _signal(self, number: int, fields: Sequence[str], problems: list[Problem]) -> ArrearsSignal | None:
        place = f"line {number}"
        values = self._values(place, fields, problems)
        if problems:
            return None
        first = self._lines.setdefault(values["signal_id"], number)
        if first != number:
            problems.append(Problem(self._header.place(place, "signal_id"), f"is that of line {first} too"))
            return None
        effort = [*_effort_faults(values)]
        problems += [Problem(self._header.place(place, name), said) for name, said in effort]
        signal = _made(values)
        problems += [Problem(place, str(message)) for message in faults(signal, self._test_numbers)]
        for duty in () if effort else unmet(signal):
            column_of = duty.field.rpartition(".")[2]
            problems.append(Problem(self._header.place(place, column_of), duty.message))
        return signal

    def _values(self, place: str, fields: Sequence[str], problems: list[Problem]) -> dict[str, Any]:
        names, values = self._header.names, {}
        spilled = any(map(str.strip, fields[len(names) :]))
        if spilled or len(fields) < len(names):
            advice = "; a field with a separator in it stands between double quotes" if spilled else ""
            said = f"has {len(fields)} columns, but the header has {len(names)}{advice}"
            problems.append(Problem(place, said))
            return {}
        for name, read, text in zip(names, self._read, fields):
            said = cleaned(text, self.noted)
            if read is None:
                if said:
                    problems.append(Problem(place, "holds something in a column without a name"))
                continue
            if said in ERRORS:
                problems.append(Problem(self._header.place(place, name), ERROR))
                continue
            try:
                values[name] = read(said) if said else None
            except NotThis as error:
                problems.append(Problem(self._header.place(place, name), str(error)))
                continue
            if values[name] is None and name in REQUIRED:
                problems.append(Problem(self._header.place(place, name), "is empty"))
        return values


def whole(path: Path, found: Iterable[Line]) -> Iterator[Filed]:
    """Yield the signals of a file without faults.

    Raises:
        FileRefused: at the end, when something in the file is wrong; faults are named by line and column.
    """
    problems = Problems()
    for line in found:
        problems.add(*line.problems)
        if line.signal is not None:
            yield Filed(line.place, line.signal)
    problems.refuse(str(path))


def _effort_faults(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Return the faults of a creditor's own effort that is stated in part.

    What is left out would count as unstated, and an explicit no must not; or as not done, and intake refuses
    the signal.
    """
    said = [name for name in EFFORT if values.get(name) is not None]
    if values["kind"] not in ASKING or not said:
        return
    if values.get("offer") is not None:
        for name in EFFORT:
            if name not in said:
                message = (
                    f"{name} is left out and offer is filled; fill in all of {', '.join(EFFORT)}, or none"
                )
                yield (name if name in values else "offer"), message
        return
    for name, duty in DUTIES.items():
        if values.get(name) is False:
            yield name, refusal(duty)
            return
    yield said[0], "is filled and offer is not; fill offer too, or none of " + ", ".join(EFFORT)


def _made(values: dict[str, Any]) -> ArrearsSignal:
    get = values.get
    crisis, offer = get("crisis"), get("offer")
    return ArrearsSignal(
        signal_id=values["signal_id"],
        contract=values["contract"],
        kind=values["kind"],
        partner_type=values["partner_type"],
        amount_cents=values["amount_eur"],
        reported_at=values["reported_at"],
        version=values["version"],
        resident=Resident(get("bsn"), get("postcode"), get("house_number"), get("addition")),
        monthly_bill_cents=get("monthly_bill_eur"),
        arrears_since=get("arrears_since"),
        own_effort=None
        if offer is None
        else OwnEffort(
            bool(get("personal_contact")),
            bool(get("debt_help_pointed_at")),
            get("written_reminders") or 0,
            offer,
        ),
        crisis=None if crisis is None else Crisis(crisis, get("crisis_on")),
        handover_wish=bool(get("handover_wish")),
    )

"""The columns of a creditor's table, whatever file it stands in; docs/reference/csv.md describes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timezone
from pathlib import Path
from typing import Any, Callable

from eropaf_client.errors import FileRefused, Problem
from eropaf_client.files.filed import Filed
from eropaf_client.records import (
    ArrearsSignal,
    ConsentOffer,
    Crisis,
    CrisisKind,
    OwnEffort,
    PartnerType,
    Resident,
    SignalKind,
)
from eropaf_client.validation import faults

EUROS = re.compile(r"(0|[1-9][0-9]{0,11})(?:\.([0-9]{2}))?")
WHOLE = re.compile(r"0|[1-9][0-9]{0,17}")


class _NotThis(ValueError):
    """A field does not hold what its column asks; the message says what it asks."""


@dataclass(frozen=True)
class Line:
    """One line below the header: its fields as they stand, and the signal, or what is wrong with it."""

    place: str
    fields: Sequence[str]
    signal: ArrearsSignal | None
    problems: Sequence[Problem]


def lines(header: list[str], rows: Iterable[tuple[int, list[str]]]) -> Iterator[Line]:
    """Read the lines of a table whose header was found right; each row comes with its number."""
    ids: dict[str, int] = {}
    for number, row in rows:
        problems: list[Problem] = []
        signal = _signal(header, row, number, ids, problems)
        yield Line(f"line {number}", row, None if problems else signal, problems)


def whole(path: Path, found: Iterable[Line]) -> list[Filed]:
    """Give the signals of a file that has no fault.

    Raises:
        FileRefused: something in the file is wrong; every fault is named by line and column.
    """
    signals: list[Filed] = []
    problems: list[Problem] = []
    for line in found:
        problems += line.problems
        if line.signal is not None:
            signals.append(Filed(line.place, line.signal))
    if problems:
        raise FileRefused(str(path), problems)
    return signals


def header_faults(header: list[str]) -> list[Problem]:
    """Give what is wrong with the names of the columns."""
    problems: list[Problem] = []
    if len(header) == 1 and ";" in header[0]:
        return [Problem("line 1", "the columns are parted by semicolons; part them by commas")]
    for number, name in enumerate(header, 1):
        if name not in COLUMNS:
            problems.append(
                Problem(f"line 1, column {number}", "is no column name; see docs/reference/csv.md")
            )
        elif header.index(name) != number - 1:
            problems.append(Problem(f"line 1, column {number}", f"{name} stands twice"))
    for name in REQUIRED:
        if name not in header:
            problems.append(Problem("line 1", f"column {name} is missing"))
    return problems


def _signal(
    header: list[str], row: list[str], line: int, lines: dict[str, int], problems: list[Problem]
) -> ArrearsSignal | None:
    place = f"line {line}"
    if len(row) != len(header):
        advice = "; an amount takes a decimal point, not a comma" if len(row) > len(header) else ""
        problems.append(Problem(place, f"has {len(row)} columns, the header has {len(header)}{advice}"))
        return None
    before = len(problems)
    values: dict[str, Any] = {}
    for number, (name, text) in enumerate(zip(header, row), 1):
        try:
            values[name] = COLUMNS[name](text.strip()) if text.strip() else None
        except _NotThis as error:
            problems.append(Problem(f"{place}, column {number} ({name})", str(error)))
            continue
        if values[name] is None and name in REQUIRED:
            problems.append(Problem(f"{place}, column {number} ({name})", "is empty"))
    if len(problems) > before:
        return None
    first = lines.setdefault(values["signal_id"], line)
    if first != line:
        number = header.index("signal_id") + 1
        problems.append(Problem(f"{place}, column {number} (signal_id)", f"is that of line {first} too"))
        return None
    signal = _make(values)
    problems += [Problem(place, message) for message in faults(signal)]
    return signal


def _make(values: dict[str, Any]) -> ArrearsSignal:
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


def _text(text: str) -> str:
    return text


def _cents(text: str) -> int:
    found = EUROS.fullmatch(text)
    if found is None:
        comma = "decimal comma; " if "," in text else ""
        raise _NotThis(f"{comma}write euros as 123 or 123.45, without sign or thousands separator")
    return int(found[1]) * 100 + int(found[2] or 0)


def _whole(text: str) -> int:
    if WHOLE.fullmatch(text) is None:
        raise _NotThis("write a whole number, zero or more")
    return int(text)


def _yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise _NotThis("write yes or no")
    return text == "yes"


def _day(text: str) -> date:
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise _NotThis("write a date as YYYY-MM-DD")


def _instant(text: str) -> datetime:
    if len(text) == 10:
        return datetime.combine(_day(text), time(), timezone.utc)
    try:
        instant = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        instant = datetime.min
    if instant.tzinfo is None:
        raise _NotThis("write a date as YYYY-MM-DD, or a time with its zone as 2026-03-02T09:30:00Z")
    return instant


def _one_of(kind: Callable[[str], Any], names: list[str]) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        if text not in names:
            raise _NotThis("write one of " + ", ".join(names))
        return kind(text)

    return parse


COLUMNS: dict[str, Callable[[str], Any]] = {
    "signal_id": _text,
    "contract": _text,
    "kind": _one_of(SignalKind, [kind.value for kind in SignalKind]),
    "partner_type": _one_of(PartnerType, [kind.value for kind in PartnerType]),
    "amount_eur": _cents,
    "monthly_bill_eur": _cents,
    "arrears_since": _day,
    "reported_at": _instant,
    "version": _whole,
    "crisis": _one_of(CrisisKind, [kind.value for kind in CrisisKind]),
    "crisis_on": _day,
    "handover_wish": _yes_or_no,
    "bsn": _text,
    "postcode": _text,
    "house_number": _text,
    "addition": _text,
    "personal_contact": _yes_or_no,
    "debt_help_pointed_at": _yes_or_no,
    "written_reminders": _whole,
    "offer": _one_of(ConsentOffer, [offer.value for offer in ConsentOffer]),
}
REQUIRED = ("signal_id", "contract", "kind", "partner_type", "amount_eur", "reported_at", "version")

"""A signal as JSON: the fields of the contract by their names, dates as 2026-03-02, instants by RFC 3339.

What is not of its type is never made into it, and what nobody knows is refused: a field that is mistyped
would else be left out in silence. Whether the values can be so is the client library's to say, as of
every other way in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple, TypeVar

from eropaf.gateway.problems import Wrong
from eropaf_client.files.moments import read_day, read_moment
from eropaf_client.records import (
    EPOCH,
    EPOCH_UTC,
    MILLISECOND,
    ArrearsSignal,
    ConsentOffer,
    Crisis,
    CrisisKind,
    OwnEffort,
    PartnerType,
    Resident,
    SignalKind,
)
from eropaf_client.wire_enum import WireEnum

Made = TypeVar("Made")


class NotSo(ValueError):
    """A value is not as its field asks; the message says what it asks, never what stood there."""


class Field(NamedTuple):
    """How one field is read, and whether it must be there."""

    read: Callable[[Any, str, list[Wrong]], Any]
    needed: bool = False


class Refused(Exception):
    """No signal; `wrong` names everything."""

    def __init__(self, wrong: Sequence[Wrong]) -> None:
        super().__init__("no signal")
        self.wrong = wrong


def _exactly(kind: type, asks: str) -> Field:
    def read(value: Any, at: str, wrong: list[Wrong]) -> Any:
        if type(value) is not kind:
            raise NotSo(asks)
        return value

    return Field(read)


def _text(reader: Callable[[str], Any | None], asks: str) -> Field:
    def read(value: Any, at: str, wrong: list[Wrong]) -> Any:
        found = reader(value) if isinstance(value, str) else None
        if found is None:
            raise NotSo(asks)
        return found

    return Field(read)


def _texts(value: Any, at: str, wrong: list[Wrong]) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise NotSo("must be a list of texts")
    return tuple(value)


def one_of(kind: type[WireEnum]) -> Field:
    """Return a field that holds a word of `kind`."""
    known = {each.value: each for each in kind}
    return _text(known.get, f"must be one of {', '.join(known)}")


def object_of(fields: Mapping[str, Field], make: Callable[..., Any]) -> Field:
    """Return a field that holds an object with `fields`, of which something is made."""

    def read(value: Any, at: str, wrong: list[Wrong]) -> Any:
        if not isinstance(value, dict):
            raise NotSo("must be an object")
        return _made(value, fields, make, f"{at}.", wrong)

    return Field(read)


def must(field: Field) -> Field:
    """Return the same field, which must be there."""
    return field._replace(needed=True)


TEXT = _exactly(str, "must be text")
TEXTS = Field(_texts)
WHOLE = _exactly(int, "must be a whole number")
TRUTH = _exactly(bool, "must be true or false")
DAY = _text(read_day, "must be a date as 2026-03-02")
MOMENT = _text(read_moment, "must be an instant with its zone, as 2026-03-02T09:30:00Z")
RESIDENT = {name: TEXT for name in ("bsn", "postcode", "house_number", "addition")}
CRISIS = {"kind": must(one_of(CrisisKind)), "on": DAY}
OWN_EFFORT = {
    "personal_contact": must(TRUTH),
    "debt_help_pointed_at": must(TRUTH),
    "written_reminders": must(WHOLE),
    "offer": must(one_of(ConsentOffer)),
}
SIGNAL = {
    "signal_id": must(TEXT),
    "contract": must(TEXT),
    "kind": must(one_of(SignalKind)),
    "partner_type": must(one_of(PartnerType)),
    "amount_cents": must(WHOLE),
    "reported_at": must(MOMENT),
    "version": must(WHOLE),
    "resident": must(object_of(RESIDENT, Resident)),
    "monthly_bill_cents": WHOLE,
    "arrears_since": DAY,
    "own_effort": object_of(OWN_EFFORT, OwnEffort),
    "crisis": object_of(CRISIS, Crisis),
    "handover_wish": TRUTH,
}


def read_json(data: bytes) -> Any:
    """Read JSON.

    Raises:
        Refused: it is none, or says one name twice.
    """
    try:
        return json.loads(data, parse_float=_number, parse_constant=_no_number, object_pairs_hook=_once)
    except NotSo as error:
        said = str(error)
    except UnicodeDecodeError:
        said = "is not UTF-8"
    except json.JSONDecodeError as error:
        said = f"is not JSON: {error.msg} (line {error.lineno}, column {error.colno})"
    except RecursionError:
        said = "is nested deeper than anything here"
    except ValueError:  # Python reads no number of over 4,300 digits
        said = "holds what is no number: NaN, Infinity, or thousands of digits"
    raise Refused([Wrong("no-json", said)]) from None


def read_signal(content: Any) -> ArrearsSignal:
    """Make a signal of what JSON held. Whether its values can be so was not looked at.

    Raises:
        Refused: it is none; every field that is missing, unknown or not of its type is named.
    """
    return read_fields(content, SIGNAL, ArrearsSignal)


def read_fields(content: Any, fields: Mapping[str, Field], make: Callable[..., Made]) -> Made:
    """Make something of an object with `fields`.

    Raises:
        Refused: what is wrong with it, each field by its name.
    """
    if not isinstance(content, dict):
        raise Refused([Wrong("wrong-type", "must be an object")])
    wrong: list[Wrong] = []
    made = _made(content, fields, make, "", wrong)
    if made is None or wrong:
        raise Refused(wrong)
    return made


def _made(
    content: Mapping[str, Any],
    fields: Mapping[str, Field],
    make: Callable[..., Made],
    at: str,
    wrong: list[Wrong],
) -> Made | None:
    before = len(wrong)
    if unknown := len(content.keys() - fields.keys()):
        # A name that nobody knows is not repeated: it may be anything.
        wrong.append(
            Wrong("unknown-field", f"{unknown} that the contract does not know", at.rstrip(".") or None)
        )
    values = {}
    for name, field in fields.items():
        value = content.get(name)
        if value is None:
            if field.needed:
                wrong.append(Wrong("missing", "is missing", at + name))
            continue
        try:
            values[name] = field.read(value, at + name, wrong)
        except NotSo as error:
            wrong.append(Wrong("wrong-type", str(error), at + name))
    return make(**values) if len(wrong) == before else None


def content_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a signal's Avro value says, as JSON; what is not said is left out.

    So a field that a later version adds does not change what was said before.
    """
    said = _said(record)
    crisis = said.get("crisis")
    for part, name in ((said, "arrears_since"), (crisis, "on")):
        if part and name in part:
            part[name] = day(part[name])
    said["reported_at"] = instant(record["reported_at"])
    if not said["handover_wish"]:
        del said["handover_wish"]
    return said


def digest_of(record: Mapping[str, Any]) -> str:
    """Return the SHA-256 of what a signal says, as RFC 8785 writes JSON: the same for the same content."""
    text = json.dumps(content_of(record), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def day(days: int) -> str:
    """Return a date (days since 1970) as 2026-03-02."""
    return (EPOCH + timedelta(days=days)).isoformat()


def instant(at_ms: int) -> str:
    """Return an instant (milliseconds since 1970 UTC) by RFC 3339, in UTC."""
    at = EPOCH_UTC + at_ms * MILLISECOND
    return at.isoformat(timespec="milliseconds" if at_ms % 1000 else "seconds").replace("+00:00", "Z")


def _said(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _said(held) if isinstance(held, Mapping) else held
        for name, held in record.items()
        if held is not None
    }


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise NotSo("says one name twice")
        found[name] = value
    return found


def _number(text: str) -> int | float:
    """Return what a number with a point or an exponent says: 1.0 and 1e3 are whole, as JSON Schema has it.

    Nothing here is as large as 1e30, and 1e999999999 would fill the memory.
    """
    try:
        said = Decimal(text)
    except InvalidOperation:  # its exponent has 19 digits or more
        return float(text)
    is_whole = 0 <= said.adjusted() < 30 and said == said.to_integral_value()
    return int(said) if is_whole or not said else float(text)


def _no_number(name: str) -> Any:
    raise ValueError(name)

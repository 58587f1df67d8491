"""Reads the signals of a DDAS Vroegsignalering 1.2 exchange file (JSON).

It is the municipality's report to Statistics Netherlands: signals with their outcome. A creditor's file in
the same format differs only in that its signals have no outcome yet.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timezone
from pathlib import Path
from typing import Any, NamedTuple

from eropaf_client.errors import FileRefused, Problem
from eropaf_client.files.cells import cleaned
from eropaf_client.files.ddas_contracts import Contracts
from eropaf_client.files.ddas_exchange import Case, read_case
from eropaf_client.files.ddas_model import DDAS_VERSION, Model, lone_surrogates, version_of
from eropaf_client.files.ddas_terms import CRISES, OTHER_CRISIS, PARTNER_TYPES, STATUSES
from eropaf_client.files.fields import NotThis, identity
from eropaf_client.files.filed import NOTHING_ASKED, Asked, Filed
from eropaf_client.files.moments import read_day, read_moment
from eropaf_client.files.understood import counted
from eropaf_client.records import ArrearsSignal, Crisis, Resident, SignalKind
from eropaf_client.validation import faults

NEW = "NOT_YET_PICKED_UP"
OUTSIDE = "dated outside the period of their delivery"
AHEAD = "dated after the file was delivered"
# Milliseconds of a day: a date's versions stay below those of the next. Taken as seconds, 2.7 years.
MOST_BEHIND_A_DATE = 86_399_999
# Objects and lists in a file. Those of a delivery have forty bytes each and more, so that the largest file
# holds fewer; empty ones have three, and take thirty times as much in memory.
MOST_PARTS = 2_000_000


class Delivered(NamedTuple):
    """A signal of a delivery: its place, and its status; None: no outcome yet."""

    place: str
    signal: ArrearsSignal
    status: str = NEW


class Delivery(NamedTuple):
    """One levering: its municipality, usable signals, and cases with the places of their signals."""

    municipality: str
    signals: Sequence[Delivered]
    cases: Sequence[tuple[Case, Sequence[str]]]


class DdasFile:
    """An exchange file: its usable content by delivery, and the faults of the rest.

    The model has no contract (see `ddas_contracts`) and no version (see `_version`). Amounts are whole euros
    there, cents here.

    Raises:
        FileRefused: it is not an exchange file, has another version, or its deliveries cannot be told apart.
    """

    def __init__(self, path: Path, asked: Asked = NOTHING_ASKED) -> None:
        self.content: dict[str, Any] = _parsed(path)
        self.told: Counter[str] = Counter()
        self._asked = asked
        self._names: set[str] = set()
        self._model = Model(asked.test_numbers)
        deliveries = self._deliveries()
        if deliveries is None:
            raise FileRefused(str(path), self._model.problems)
        self.deliveries: Sequence[Delivery] = deliveries

    @property
    def problems(self) -> Sequence[Problem]:
        """The faults of signals and cases, each with its JSON path."""
        return self._model.problems

    @property
    def understood(self) -> str:
        """What was read, in a sentence."""
        count = sum(len(delivery.signals) for delivery in self.deliveries)
        deliveries = counted(len(self.deliveries), "delivery", "deliveries")
        said = f"DDAS {DDAS_VERSION}: {counted(count, 'signal')} in {deliveries}"
        return "; ".join(
            [said, *(f"{counted(number, 'signal')} {what}" for what, number in self.told.items())]
        )

    def _deliveries(self) -> list[Delivery] | None:
        """Read every delivery; None if they cannot be told apart."""
        if not self._model.file(self.content):
            return None
        found = []
        for index, delivery in enumerate(self.content["leveringen"]):
            place = f"leveringen[{index}]"
            if not self._model.delivery(place, delivery):
                return None
            found.append(self._delivery(place, delivery))
        return found

    def _delivery(self, place: str, delivery: dict[str, Any]) -> Delivery:
        signals: list[Delivered] = []
        places: dict[str, str] = {}
        contracts = Contracts(self._asked.secret)
        for index, value in enumerate(delivery.get("vroegsignalen", [])):
            at = f"{place}.vroegsignalen[{index}]"
            if not self._model.signal(at, value):
                continue
            name = self._name(f"{at}.ID", value["ID"])
            if name is None:
                continue
            first = places.setdefault(name, at)
            if first != at:
                self._model.fault(
                    f"{at}.ID", f"is the ID of {first} too; each signal of a delivery needs its own"
                )
                continue
            made = self._made(value, contracts, self._own_name(name, delivery))
            wrong = faults(made, self._model.test_numbers)
            for message in wrong:
                self._model.fault(at, str(message))
            if not wrong:
                signals.append(Delivered(at, made, STATUSES[value["status"]] if "status" in value else NEW))
        return Delivery(
            _municipality(delivery["gemeentecode"]), signals, [*self._cases(place, delivery, places)]
        )

    def _name(self, place: str, text: str) -> str | None:
        """Return an ID, read like a cell of a table; None, with its fault recorded, if it is invalid."""
        try:
            name = identity(cleaned(text, self.told))
        except NotThis as error:
            self._model.fault(place, str(error))
            return None
        if not name:
            self._model.fault(place, "is empty")
        return name or None

    def _own_name(self, name: str, delivery: dict[str, Any]) -> str:
        """Return a signal's unique name in the file.

        An ID that an earlier delivery also uses gets this delivery's number, and if that is taken too, a
        count.
        """
        found, nth = name, 1
        while found in self._names:
            number = int(delivery["teller"])
            found = f"{number}:{name}" if nth == 1 else f"{number}.{nth}:{name}"
            nth += 1
        self._names.add(found)
        return found

    def _made(self, value: dict[str, Any], contracts: Contracts, signal_id: str) -> ArrearsSignal:
        reported_at = self._reported_at(value)
        partner = PARTNER_TYPES[value["signaalpartner"]["type"]]
        client = value["client"]
        since = value.get("ontstaansdatum")
        return ArrearsSignal(
            signal_id=signal_id,
            contract=contracts.of(signal_id, value, reported_at),
            kind=SignalKind.REPORTED,
            partner_type=partner,
            amount_cents=int(value["bedrag"]) * 100,
            reported_at=reported_at,
            version=_version(reported_at, self._delivered_at()),
            resident=Resident(
                bsn=client.get("burgerservicenummer"),
                postcode=client.get("postcode"),
                house_number=client.get("huisnummer"),
                addition=client.get("huisnummertoevoeging") or None,
            ),
            arrears_since=None if since is None else read_day(since),
            crisis=Crisis(CRISES.get(partner, OTHER_CRISIS)) if value.get("crisissignaal") else None,
            handover_wish=value.get("warmeOverdracht", False),
        )

    def _reported_at(self, value: dict[str, Any]) -> datetime:
        delivered = self._delivered_at()
        on = read_day(value.get("signaaldatum", ""))
        if on is None:
            return delivered
        if on > delivered.date():
            self.told[AHEAD] += 1
        elif not self.content["startdatumLevering"] <= on.isoformat() <= self.content["einddatumLevering"]:
            self.told[OUTSIDE] += 1
        return datetime.combine(on, time(), timezone.utc)

    def _delivered_at(self) -> datetime:
        delivered = read_moment(self.content["aanleverdatumEnTijd"])
        if delivered is None:
            raise AssertionError("the file was checked")
        return delivered

    def _cases(
        self, place: str, delivery: dict[str, Any], places: dict[str, str]
    ) -> Iterator[tuple[Case, Sequence[str]]]:
        for index, value in enumerate(delivery.get("vroegsignaalzaken", [])):
            if self._model.case(f"{place}.vroegsignaalzaken[{index}]", value):
                case = read_case(value)
                names = (cleaned(name, Counter()) for name in case.signal_ids or ())
                yield case, [places[name] for name in names if name in places]


def _municipality(code: str) -> str:
    """Return a municipality's code as the model has it: four digits, of `GM0363` or `363` too."""
    digits = code.strip().upper().removeprefix("GM")
    return digits.zfill(4) if digits.isdigit() else code


def _version(reported_at: datetime, delivered_at: datetime) -> int:
    """Return a version: by date, and within a date by the time of delivery.

    So a correction on the same day wins, and a late redelivery does not undo it. The date in milliseconds
    since 1970, plus the seconds from then until delivery, a day's worth at most.
    """
    since_s = int((delivered_at - reported_at).total_seconds())
    return int(reported_at.timestamp() * 1000) + min(max(0, since_s), MOST_BEHIND_A_DATE)


def read_ddas(path: Path, asked: Asked = NOTHING_ASKED) -> list[Filed]:
    """Read every signal of every delivery in the file at `path`, whatever its outcome.

    Raises:
        FileRefused: the file violates the model; each fault names its JSON path.
    """
    file = DdasFile(path, asked)
    if file.problems:
        raise FileRefused(str(path), [*file.problems])
    return [Filed(each.place, each.signal) for delivery in file.deliveries for each in delivery.signals]


def _parsed(path: Path) -> dict[str, Any]:
    """Read the JSON.

    Raises:
        FileRefused: it is not JSON, or of another version of the model.
    """
    data = path.read_bytes()
    if data.count(b"{") + data.count(b"[") > MOST_PARTS:
        said = "holds more objects and lists than an exchange file; send it in parts"
        raise FileRefused(str(path), [Problem("file", said)])
    problems: list[Problem] = []
    content: Any = None
    try:
        content = json.loads(data, parse_constant=_no_number)
    except UnicodeDecodeError:
        problems.append(Problem("file", "is not UTF-8; save it as UTF-8"))
    except json.JSONDecodeError as error:
        problems.append(Problem(f"line {error.lineno}, column {error.colno}", f"is not JSON: {error.msg}"))
    except RecursionError:
        problems.append(Problem("file", "is nested deeper than any exchange file"))
    except ValueError:  # Python rejects numbers of over 4,300 digits; we reject what is not JSON
        problems.append(Problem("file", "holds what is no number: NaN, Infinity, or thousands of digits"))
    else:
        problems += _other(content, data)
    if problems:
        raise FileRefused(str(path), problems)
    found: dict[str, Any] = content
    return found


def _other(content: Any, data: bytes) -> Iterator[Problem]:
    if not isinstance(content, dict):
        yield Problem("file", "must be an object")
        return
    version = version_of(content)
    if version is not None:
        said = f"this is version {version} of the model; Eropaf reads {DDAS_VERSION}, ask for it"
        yield Problem("file", f"{said}, or upgrade Eropaf where it is a newer one")
    # Of UTF-16 and UTF-32, which Python reads too, the bytes say nothing.
    if b"\\ud" in data or b"\\uD" in data or b"\x00" in data:
        yield from lone_surrogates(content)


def _no_number(name: str) -> Any:
    raise ValueError(name)

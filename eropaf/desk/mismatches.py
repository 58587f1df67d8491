"""Whom the register does not place here: a clerk looks, and decides where their signals go.

Source: Divosa, "Onder de loep 2025": of municipalities that check the register automatically, 55 % look at
mismatches by hand.
"""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from enum import StrEnum
from typing import Any, Self

from pydantic import Field, model_validator

from eropaf.agents.topology import ROWS
from eropaf.board.explaining import Asking
from eropaf.board.user import Role
from eropaf.cluster.appending import appender, now_ms
from eropaf.cluster.policy_held import in_force
from eropaf.cluster.readable import records
from eropaf.cluster.secret_kept import proven_secret
from eropaf.desk.deeds import Answer, Deed, aside, must_see
from eropaf.desk.held import latest
from eropaf.desk.opening import leave_trace, trace
from eropaf.desk.whom import ADDRESS, LONGEST, read_address, written
from eropaf.lookup.numbers import Numbers, RecordReader, place_of
from eropaf.risk.calendar import EPOCH
from eropaf.risk.identity import household_key
from eropaf.risk.policy import Policy
from eropaf.risk.records import Address
from eropaf.risk.rows import ResidentRow
from eropaf.settings import Settings
from eropaf.streams.runtime.record import Output
from eropaf.streams.runtime.stage import changelog
from eropaf_client.errors import ClientError
from eropaf_client.schemas.aside import Asides
from eropaf_client.schemas.topics import REGISTER_MISMATCHES, RESIDENTS, creditor
from eropaf_client.schemas.wire import Codec

OPENED = "mismatch-opened"
PLACED = "mismatch-placed"
GONE = "mismatch-gone"
RESIDENT_KEY = "^[0-9a-f]{32}$"


class NoMismatch(ClientError):
    """Nothing of this resident waits for a decision any more. Nothing was done."""

    code = "no-mismatch"


class NoNumber(ClientError):
    """The creditor's record with the number is gone. Nothing was opened."""

    code = "no-number"


class Where(StrEnum):
    """What a clerk can decide."""

    HERE = "here"
    GONE = "gone"


class Mismatches(Deed):
    """Name whom the register does not place here, and who still waits for that."""

    name = "mismatches"
    role = Role.CLERK

    def do(self, settings: Settings, asking: Asking) -> Answer:
        """Return each with the reason, since when, until when it waits, and where it may be; no amount."""
        asides, policy = Asides(), in_force(settings)
        found = _mismatches(settings, asides)
        rows = _rows(settings, set(found), asides)
        waiting = []
        for resident, mismatch in sorted(found.items(), key=lambda each: (each[1]["at"], each[0])):
            row = rows.get(resident)
            if row is not None and asking.may(resident, _area(mismatch, row)):
                waiting.append(_told(resident, mismatch, row, policy))
        return {"waiting": waiting, **aside(asides)}


class OpenMismatch(Deed):
    """Show the number of one of them, for looking by hand."""

    name = OPENED
    role = Role.CLERK

    resident: str = Field(pattern=RESIDENT_KEY)

    def do(self, settings: Settings, asking: Asking) -> Answer:
        """Leave a trace, then return the number and whose customer it is, under which contract."""
        mismatch, row = _standing(settings, asking, self.resident)
        leave_trace(settings, asking.who, _whose(row, settings) or self.resident, OPENED, _slug(mismatch))
        cluster = settings.cluster()
        with closing(RecordReader(cluster, "desk")) as at:
            numbers = Numbers(cluster, settings.creditors, settings.secret(), at)
            number = numbers.of(self.resident, mismatch["event_id"])
        place = place_of(mismatch["event_id"])
        if number is None or place is None:
            raise NoNumber("the creditor's record with the number is gone: the creditor's next signal has it")
        contract = next((each.signal.contract for each in row.waiting), None)
        return {"number": number, "creditor": creditor(place[0]), "contract": contract}


class SettleMismatch(Deed):
    """Decide where the signals of one of them go: to an address here, or back to the creditor."""

    name = "mismatch-settled"
    role = Role.CLERK

    resident: str = Field(pattern=RESIDENT_KEY)
    where: Where
    address: str = Field("", max_length=LONGEST)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.where is Where.HERE) != (ADDRESS.fullmatch(self.address) is not None):
            raise ValueError(
                'say an address, like "1011 AB 12 hs", if they live here; if they do not, say none'
            )
        return self

    def do(self, settings: Settings, asking: Asking) -> Answer:
        """Say it as the register does, with a trace, in one transaction; return what was decided."""
        mismatch, row = _standing(settings, asking, self.resident)
        address = read_address(self.address) if self.where is Where.HERE else None
        if address is not None:
            must_see(asking, self.resident, address.area)
        at, key = now_ms(), self.resident.encode()
        household = _whose(row, settings) if address is None else household_key(address, settings.secret())
        what = GONE if address is None else PLACED
        left = trace(settings, asking.who, household or self.resident, what, _slug(mismatch))
        entry = None if address is None else _entry(settings, self.resident, address)
        appender(settings).write(
            [Output(RESIDENTS, key, entry, at), Output(REGISTER_MISMATCHES, key, None, at), left]
        )
        return {"decided": what}


def _mismatches(settings: Settings, asides: Asides) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    read = records(settings, REGISTER_MISMATCHES, "RegisterMismatch", asides, dict[str, Any])
    for message, mismatch in read:
        resident = message.key().decode(errors="replace")
        found.pop(resident, None)
        if mismatch is not None:
            found[resident] = mismatch
    return found


def _rows(settings: Settings, residents: set[str], asides: Asides) -> dict[str, ResidentRow]:
    """Return the row of each that something waits for, or that is on the list at an earlier address."""
    if not residents:
        return {}
    found: dict[str, ResidentRow] = {}
    keys = {each.encode() for each in residents}
    topic = changelog(settings.group, "resident")
    read = records(
        settings, topic, ROWS["resident"], asides, ResidentRow.from_record, lambda each: each.key() in keys
    )
    for message, row in read:
        resident = message.key().decode()
        found.pop(resident, None)
        if row is not None and (row.waiting or row.address is not None):
            found[resident] = row
    return found


def _standing(settings: Settings, asking: Asking, resident: str) -> tuple[dict[str, Any], ResidentRow]:
    """Return a mismatch that waits for a decision, and the resident's row.

    Raises:
        NoMismatch: somebody decided, or it ended by itself.
        NotTheirs: it is not for whoever asks.

    """
    proven_secret(settings)
    asides = Asides()
    mismatch = _mismatches(settings, asides).get(resident)
    row = _rows(settings, {resident}, asides).get(resident)
    if mismatch is None or row is None:
        raise NoMismatch("nothing of this resident waits for a decision any more. Nothing was done")
    must_see(asking, resident, _area(mismatch, row))
    return mismatch, row


def _area(mismatch: dict[str, Any], row: ResidentRow) -> str | None:
    """Return the area that it is of; None where no address is known: for whoever sees every area."""
    if row.address is not None:
        return row.address.area
    return next((each.area for each in _candidates(mismatch, row)), None)


def _candidates(mismatch: dict[str, Any], row: ResidentRow) -> list[Address]:
    """Return where somebody may live: by the register's doubt, and where the register said before."""
    found = [Address.from_record(each) for each in mismatch["candidates"]]
    return found if row.address is None or row.address in found else [*found, row.address]


def _whose(row: ResidentRow, settings: Settings) -> str | None:
    """Return the household at which the resident stands now."""
    return None if row.address is None else household_key(row.address, settings.secret())


def _slug(mismatch: dict[str, Any]) -> str:
    return str(mismatch["reason"]).lower().replace("_", "-")


def _told(resident: str, mismatch: dict[str, Any], row: ResidentRow, policy: Policy) -> Answer:
    since = EPOCH + timedelta(policy.zone.day_of(mismatch["at"]))
    until = None
    if row.waiting:
        oldest = min(each.timestamp_ms for each in row.waiting)
        until = EPOCH + timedelta(policy.zone.day_of(oldest) + policy.unknown_days)
    return {
        "resident": resident,
        "reason": _slug(mismatch),
        "since": since.isoformat(),
        "until": None if until is None else until.isoformat(),
        "listed_at": None if row.address is None else written(row.address),
        "candidates": [written(each) for each in _candidates(mismatch, row)],
        "municipality": mismatch["municipality"],
    }


def _entry(settings: Settings, resident: str, address: Address) -> bytes:
    """Return the register's entry; what a file said of children at this very address stays."""
    kept = latest(settings, [resident.encode()], RESIDENTS, "Residence")
    same = bool(kept) and Address.from_record(kept[0]["address"]) == address
    children = kept[0]["minor_children"] if same else None
    codec = Codec("Residence", RESIDENTS, settings.registry())
    return codec.encode({"address": address.to_record(), "minor_children": children})

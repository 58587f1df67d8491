"""Everything that reads what strangers send, as functions of a byte string.

Each returns what became of the bytes, `taken` or the reason for which they were refused. Anything
else that it raises is a finding: in a worker it would stop a partition, at the command line show a trace.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from openpyxl import Workbook

from eropaf.files.residents import read_register
from eropaf.risk.bsn import ANY
from eropaf.risk.household import fold
from eropaf.risk.intake import ForHousehold, take_in
from eropaf.risk.policy import Policy, PolicyError
from eropaf.risk.records import HouseholdEvent
from eropaf.risk.refusal import Refused
from eropaf_client.errors import FileRefused
from eropaf_client.files.csv_file import read_csv
from eropaf_client.files.ddas import read_ddas
from eropaf_client.files.excel import read_excel
from eropaf_client.files.filed import Asked, Filed
from eropaf_client.schemas import catalogue
from eropaf_client.schemas.errors import Undecodable
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.wire import Codec
from tests.builders import NOON, SECRET, amsterdam_example
from tests.fuzz.board import Board

TAKEN = "taken"
ARCHIVE, SHEET = b"PK", "xl/worksheets/sheet1.xml"
CSV = (
    b"signal_id,contract,kind,partner_type,amount_eur,reported_at,version,postcode,house_number\n"
    b"s-1,c-1,REPORTED,RENT,1650.00,2026-03-02,1,1011 AB,7\n"
)
BOARD = cache(Board)
FOLDER = Path(tempfile.mkdtemp(prefix="eropaf-fuzz-"))


@cache
def codec(record: str) -> Codec[dict[str, Any]]:
    """Return the codec of `record`; the topic plays no part without a registry."""
    return Codec(record, "fuzz", LocalRegistry())


@cache
def policy() -> Policy:
    """Return the shipped policy."""
    return amsterdam_example()


def signal(data: bytes) -> str:
    """Take bytes as a creditor's record all the way to the risk table, and write all that comes of it."""
    try:
        value = codec("ArrearsSignal").decode(data)
        taken = take_in(
            value, creditor="rent", event_id="rent-0-0", received_at=NOON, secret=SECRET, numbers=ANY
        )
    except Undecodable as error:
        return error.reason
    except Refused as refusal:
        return refusal.reason
    if isinstance(taken, ForHousehold):
        codec("HouseholdEvent").encode(taken.event.to_record())
        _fold(taken.event)
    else:
        codec("UnresolvedSignal").encode(taken.signal.to_record())
    return TAKEN


def event(data: bytes) -> str:
    """Take bytes as a record of household-events. What it says is a worker's word, checked at intake."""
    try:
        HouseholdEvent.from_record(codec("HouseholdEvent").decode(data))
    except Undecodable as error:
        return error.reason
    except Refused as refusal:
        return refusal.reason
    return TAKEN


def any_record(data: bytes) -> str:
    """Decode bytes as each record of the catalogue."""
    found = []
    for record in catalogue.RECORDS:
        try:
            codec(record).decode(data)
            found.append(TAKEN)
        except Undecodable as error:
            found.append(error.reason)
    return TAKEN if TAKEN in found else found[0]


def csv_file(data: bytes) -> str:
    """Read bytes as a creditor's CSV file."""
    return _file("signals.csv", data, lambda path: _writable(read_csv(path)))


def ddas_file(data: bytes) -> str:
    """Read bytes as a DDAS exchange file."""
    return _file("signals.json", data, lambda path: _writable(read_ddas(path, Asked(test_numbers=True))))


def excel_file(data: bytes) -> str:
    """Read bytes as an Excel workbook; those that are no archive as the sheet in one."""
    packed = data if data.startswith(ARCHIVE) else workbook(data)
    return _file("signals.xlsx", packed, lambda path: _writable(read_excel(path)))


def workbook(sheet: bytes) -> bytes:
    """Return a workbook whose sheet is the XML `sheet`: where a fuzzer would not get past the checksums."""
    out = BytesIO()
    with ZipFile(BytesIO(a_workbook())) as whole, ZipFile(out, "w") as changed:
        for name in whole.namelist():
            changed.writestr(name, sheet if name == SHEET else whole.read(name))
    return out.getvalue()


@cache
def a_workbook() -> bytes:
    """Return a workbook with one signal."""
    book, out = Workbook(), BytesIO()
    for line in csv.reader(CSV.decode().splitlines()):
        book.worksheets[0].append(line)
    book.save(out)
    return out.getvalue()


def http(data: bytes) -> str:
    """Send bytes as a request to the board, from somebody who is logged in; return the status."""
    return BOARD().ask(data)


def register_file(data: bytes) -> str:
    """Read bytes as the municipality's register."""
    return _file("register.csv", data, lambda path: read_register(path, SECRET))


def policy_file(data: bytes) -> str:
    """Read bytes as a policy."""
    try:
        Policy.parse(data.decode("utf-8", "replace"))
    except PolicyError:
        return "refused"
    return TAKEN


def _writable(read: list[Filed]) -> None:
    for filed in read:
        codec("ArrearsSignal").encode(filed.signal.to_record())


def _fold(happened: HouseholdEvent) -> None:
    folded = fold(None, happened, policy())
    if folded.row is not None:
        codec("HouseholdRow").encode(folded.row.to_record())
    if folded.risk is not None:
        codec("HouseholdRisk").encode(folded.risk.to_record())


def _file(name: str, data: bytes, read: Callable[[Path], Any]) -> str:
    path = FOLDER / name
    path.write_bytes(data)
    try:
        read(path)
    except FileRefused:
        return "refused"
    return TAKEN


TARGETS: dict[str, Callable[[bytes], str]] = {
    "signal": signal,
    "event": event,
    "any-record": any_record,
    "csv": csv_file,
    "ddas": ddas_file,
    "excel": excel_file,
    "http": http,
    "register": register_file,
    "policy": policy_file,
}

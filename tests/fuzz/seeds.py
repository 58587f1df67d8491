"""Where a fuzzer begins: one valid thing of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from eropaf_client.records import ConsentOffer, Crisis, CrisisKind, OwnEffort, Resident
from tests.builders import an_arrears_signal, an_event
from tests.fuzz.board import SEEDS
from tests.fuzz.targets import CSV, SHEET, a_workbook, codec

DATA = Path(__file__).parents[1] / "data"


def seeds(target: str) -> Iterator[bytes]:
    """Yield what `target` takes, or nearly."""
    signals = (
        an_arrears_signal(),
        an_arrears_signal(resident=Resident(bsn="123456782")),
        an_arrears_signal(
            own_effort=OwnEffort(True, True, 2, ConsentOffer.NO_ANSWER), crisis=Crisis(CrisisKind.EVICTION)
        ),
    )
    if target in ("signal", "any-record"):
        yield from (codec("ArrearsSignal").encode(signal.to_record()) for signal in signals)
    if target in ("event", "any-record"):
        yield codec("HouseholdEvent").encode(an_event().to_record())
    if target == "csv":
        yield CSV
    if target == "excel":
        yield a_workbook()
        with ZipFile(BytesIO(a_workbook())) as packed:
            yield packed.read(SHEET)
    if target == "http":
        yield from SEEDS
    if target == "ddas":
        yield (DATA / "ddas-example.json").read_bytes()
    if target == "register":
        yield b"bsn,postcode,house_number,addition\n123456782,1011 AB,7,\n"
    if target == "policy":
        yield (resources.files("eropaf.risk") / "policies" / "amsterdam-example.toml").read_bytes()

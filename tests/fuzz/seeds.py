"""Where a fuzzer begins: one valid thing of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from clients.records import ConsentOffer, Crisis, CrisisKind, OwnEffort, Resident
from tests.builders import an_arrears_signal, an_event
from tests.fuzz.targets import codec

DATA = Path(__file__).parents[1] / "data"
CSV = (
    b"signal_id,contract,kind,partner_type,amount_eur,reported_at,version,postcode,house_number\n"
    b"s-1,c-1,REPORTED,RENT,1650.00,2026-03-02,1,1011 AB,7\n"
)


def seeds(target: str) -> Iterator[bytes]:
    """Give what `target` takes, or nearly."""
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
    if target == "ddas":
        yield (DATA / "ddas-example.json").read_bytes()
    if target == "register":
        yield b"bsn,postcode,house_number,addition\n111111111,1011 AB,7,\n"
    if target == "policy":
        yield (resources.files("risk") / "policies" / "amsterdam-example.toml").read_bytes()

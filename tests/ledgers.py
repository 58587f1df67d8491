"""A savepoint and the ledger beside it, written by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eropaf.agents import ledger
from eropaf.risk.identity import household_key
from eropaf.risk.records import Address, HouseholdEvent
from eropaf.risk.rows import ResidentRow
from eropaf.streams.operate import savepoint_file
from eropaf.streams.operate.savepoint_file import SAVEPOINT_VERSION, Manifest, read_entries
from eropaf_client.records import Resident
from eropaf_client.schemas.errors import Undecodable
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, RESIDENT_EVENTS, RESIDENTS, arrears
from eropaf_client.schemas.wire import Codec
from tests.builders import SECRET, an_arrears_signal

REGISTRY = LocalRegistry()
ERASED = Address("9876ZW", 41_233, "")
OTHER = Address("1011AB", 12, "")
HOUSEHOLD, ANOTHER = household_key(ERASED, SECRET), household_key(OTHER, SECRET)
BSN = "123456782"
SAVED, AT = 10, 1_000
TAKEN_AT = "2026-03-01T00:00:00+00:00"


def entry(
    topic: str, key: str, value: bytes = b"any", *, offset: int = 5, at: int = AT - 1
) -> dict[str, Any]:
    return {
        "topic": topic,
        "partition": 0,
        "offset": offset,
        "timestamp_ms": at,
        "key": key.encode(),
        "value": value,
        "headers": [],
    }


def event(household: str, offset: int, said_at: int = AT, **what: Any) -> dict[str, Any]:
    told = HouseholdEvent(household, f"e-{offset}", said_at, **what)
    return entry(HOUSEHOLD_EVENTS, household, _codec().encode(told), offset=offset, at=AT)


def decoded(value: bytes) -> HouseholdEvent:
    return _codec().decode(value)


def _codec() -> Codec[HouseholdEvent]:
    return Codec("HouseholdEvent", HOUSEHOLD_EVENTS, REGISTRY, HouseholdEvent, HouseholdEvent.from_record)


def erasure(offset: int) -> dict[str, Any]:
    return event(HOUSEHOLD, offset, erasure_requested_on=20_000)


def signal(contract: str, resident: Resident, **changed: Any) -> dict[str, Any]:
    topic = arrears("rent")
    record = an_arrears_signal(contract=contract, resident=resident).to_record()
    return entry(topic, contract, Codec("ArrearsSignal", topic, REGISTRY).encode(record), **changed)


RESIDENTS_ROWS = "eropaf-resident-changelog"


def a_resident(row: ResidentRow) -> bytes:
    return Codec("ResidentRow", RESIDENTS_ROWS, REGISTRY).encode(row.to_record())


def residence(address: Address) -> bytes:
    record = {"address": address.to_record(), "minor_children": None}
    return Codec("Residence", RESIDENTS, REGISTRY).encode(record)


def _erases(each: dict[str, Any]) -> bool:
    if each["topic"] not in (HOUSEHOLD_EVENTS, RESIDENT_EVENTS):
        return False
    try:
        return decoded(each["value"]).erasure_requested_on is not None
    except Undecodable:
        return False


class Files:
    """A savepoint that had read the events before SAVED, and the ledger beside it."""

    def __init__(self, folder: Path) -> None:
        self.savepoint, self.ledger, self.amended = (folder / name for name in ("s", "l", "a"))

    def write(
        self,
        held: list[dict[str, Any]],
        kept: list[dict[str, Any]],
        cluster: str = "here",
        known_until: int = SAVED + 90,
    ) -> None:
        for file, where, entries, until in (
            (self.savepoint, "here", held, SAVED),
            (self.ledger, cluster, kept, known_until),
        ):
            named = {each["topic"] for each in entries} if file == self.savepoint else set()
            counts, offsets = dict.fromkeys({HOUSEHOLD_EVENTS, *named}, 1), {HOUSEHOLD_EVENTS: [until]}
            manifest = Manifest(SAVEPOINT_VERSION, where, "eropaf", TAKEN_AT, counts, offsets)
            savepoint_file.write(file, manifest, entries, overwrite=True)

    def amend(self) -> list[dict[str, Any]]:
        """Amend the savepoint; return what it holds then but for the erasures, which `erasures` are."""
        self.done = ledger.amend(self.savepoint, self.ledger, self.amended, REGISTRY, SECRET)
        entries = list(read_entries(self.amended))
        self.erasures = [each for each in entries if _erases(each)]
        return [each for each in entries if each not in self.erasures]

    def left_out(self) -> list[str]:
        return [str(aside) for aside in self.done.left_out.first]

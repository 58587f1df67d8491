"""Residency: a signal on a BSN goes to the household where the register says its resident lives."""

from __future__ import annotations

from typing import Any

from risk.records import Address, UnresolvedSignal
from risk.refusal import Refused
from risk.residency import Resolved, register, resolve
from schemas.registry import Registry
from schemas.topics import HOUSEHOLD_EVENTS, RESIDENTS, UNRESOLVED_SIGNALS
from schemas.wire import Codec
from streams.app import CheckpointedApp
from streams.batch import Batch
from streams.stage import Stage

MOVED_OUT: dict[str, Any] = {"address": None}


def attach(app: CheckpointedApp, stage: Stage, registry: Registry, secret: bytes) -> None:
    """Attach the agent to `app`. `secret` makes household keys."""
    residences = Codec("Residence", RESIDENTS, registry)
    unresolved = Codec("UnresolvedSignal", UNRESOLVED_SIGNALS, registry)
    events = Codec("HouseholdEvent", HOUSEHOLD_EVENTS, registry)

    def residence(data: bytes | None) -> dict[str, Any]:
        return MOVED_OUT if data is None else residences.decode(data)

    def send(batch: Batch, resolved: Resolved) -> None:
        event = resolved.event
        data = events.encode(event.to_record())
        batch.emit(HOUSEHOLD_EVENTS, event.household.encode(), data, resolved.timestamp_ms)

    @app.agent(app.batches(stage), name=stage.name)
    async def residency(batches: Any) -> None:
        async for batch in batches:
            table = batch.table
            if batch.topic == RESIDENTS:
                for record, value in batch.decoded(residence):
                    address = value["address"] and Address.from_record(value["address"])
                    row, found = register(table.get(record.key()), address, secret)
                    table.put(record.key(), row)
                    for resolved in found:
                        send(batch, resolved)
            else:
                for record, value in batch.decoded(unresolved.decode):
                    one = _resolved(batch, record, UnresolvedSignal.from_record(value), secret)
                    if one is not None:
                        send(batch, one)


def _resolved(batch: Batch, record: Any, signal: UnresolvedSignal, secret: bytes) -> Resolved | None:
    """Resolve `signal`; where it must wait, or may not, see to that and give None."""
    key = record.key()
    try:
        row, one = resolve(batch.table.get(key), signal, record.timestamp()[1], secret)
    except Refused as refusal:
        batch.reject(record, refusal.reason, str(refusal))
        return None
    if one is None:
        batch.table.put(key, row)
    return one

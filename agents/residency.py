"""Residency: a signal on a BSN goes to the household where the register says its resident lives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from eropaf.agents.codecs import household_events
from eropaf.agents.feedback import Feedback
from eropaf.risk.records import Address, UnresolvedSignal
from eropaf.risk.refusal import Refused
from eropaf.risk.residency import Entry, Resolved, register, resolve
from eropaf.streams.runtime.app import CheckpointedApp
from eropaf.streams.runtime.batch import Batch
from eropaf.streams.runtime.record import event_id
from eropaf.streams.runtime.stage import Stage
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, RESIDENTS, UNRESOLVED_SIGNALS
from eropaf_client.schemas.wire import Codec

MOVED_OUT: dict[str, Any] = {"address": None, "minor_children": None}


def attach(
    app: CheckpointedApp, stage: Stage, registry: Registry, creditors: Iterable[str], secret: bytes
) -> None:
    """Attach the agent to `app`. `creditors` are answered; `secret` makes household keys."""
    residency_of = _Residency(registry, creditors, secret)

    @app.agent(app.batches(stage), name=stage.name)
    async def residency(batches: Any) -> None:
        async for batch in batches:
            if batch.topic == RESIDENTS:
                residency_of.entries(batch)
            else:
                residency_of.signals(batch)


class _Residency:
    """Brings signals and the register together, a batch at a time."""

    def __init__(self, registry: Registry, creditors: Iterable[str], secret: bytes) -> None:
        self._residences = Codec("Residence", RESIDENTS, registry)
        self._unresolved = Codec("UnresolvedSignal", UNRESOLVED_SIGNALS, registry)
        self._events = household_events(registry)
        self._feedback = Feedback(registry, creditors)
        self._secret = secret

    def entries(self, batch: Batch) -> None:
        """Take in entries of the register."""
        for record, value in batch.decoded(self._residence):
            address = value["address"] and Address.from_record(value["address"])
            key, stored_at = record.key() or b"", record.timestamp()[1]
            entry = Entry(
                key.decode(errors="replace"), event_id(record), stored_at, address,
                value["minor_children"] or False,
            )  # fmt: skip
            entered = register(batch.table.get(key), entry, self._secret)
            if entered.row is None:
                batch.table.delete(key)
            else:
                batch.table.put(key, entered.row)
            for resolved in entered.resolved:
                self._send(batch, resolved)
            for answered, answer in entered.answers:
                self._feedback.tell(batch, answer, answered, stored_at, stored_at)

    def signals(self, batch: Batch) -> None:
        """Send signals to where their residents live, or let them wait."""
        for record, value in batch.decoded(self._unresolved.decode):
            key = record.key() or b""
            before = batch.table.get(key)
            signal = UnresolvedSignal.from_record(value)
            try:
                row, resolved = resolve(before, signal, record.timestamp()[1], self._secret)
            except Refused as refusal:
                batch.reject(record, refusal.reason, str(refusal))
                continue
            if row is not before:
                batch.table.put(key, row)
            if resolved is not None:
                self._send(batch, resolved)

    def _residence(self, data: bytes | None) -> dict[str, Any]:
        return MOVED_OUT if data is None else self._residences.decode(data)

    def _send(self, batch: Batch, resolved: Resolved) -> None:
        event = resolved.event
        data = self._events.encode(event)
        batch.emit(HOUSEHOLD_EVENTS, event.household.encode(), data, resolved.timestamp_ms)

"""Residency: a signal with a BSN goes to the household where the register says the resident lives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from eropaf.agents.codecs import household_events, resident_events
from eropaf.agents.feedback import Feedback
from eropaf.agents.policy import KEY
from eropaf.agents.slips import Slips
from eropaf.risk.events import ResidencyTick
from eropaf.risk.feedback import Answer
from eropaf.risk.records import Address, UnresolvedSignal
from eropaf.risk.refusal import Refused
from eropaf.risk.residency import Entry, Registered, Resolved, let_go, register, resolve
from eropaf.risk.rows import ResidentRow
from eropaf.risk.unregistered import barred, said
from eropaf.streams.runtime.app import CheckpointedApp
from eropaf.streams.runtime.batch import Batch
from eropaf.streams.runtime.dead_letter import OF_A_VALUE
from eropaf.streams.runtime.record import event_id, stored_at
from eropaf.streams.runtime.stage import Stage
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import (
    HOUSEHOLD_EVENTS,
    RESIDENCY_TICKS,
    RESIDENT_EVENTS,
    RESIDENTS,
    UNRESOLVED_SIGNALS,
)
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
            elif batch.topic == RESIDENCY_TICKS:
                residency_of.ticks(batch)
            elif batch.topic == RESIDENT_EVENTS:
                residency_of.said(batch)
            else:
                residency_of.signals(batch)


class _Residency:
    """Joins signals with the register, a batch at a time."""

    def __init__(self, registry: Registry, creditors: Iterable[str], secret: bytes) -> None:
        self._residences = Codec("Residence", RESIDENTS, registry)
        self._unresolved = Codec("UnresolvedSignal", UNRESOLVED_SIGNALS, registry)
        self._ticks = Codec("ResidencyTick", RESIDENCY_TICKS, registry)
        self._said = resident_events(registry)
        self._events = household_events(registry)
        self._feedback = Feedback(registry, creditors)
        self._slips = Slips(creditors)
        self._secret = secret

    def entries(self, batch: Batch) -> None:
        """Take in entries of the register."""
        for record, value in batch.decoded(self._residence):
            begun, stamp = len(batch.outputs), record.timestamp()[1]
            try:
                address = value["address"] and Address.from_record(value["address"])
                key = record.key() or b""
                entry = Entry(
                    key.decode(errors="replace"), event_id(record), stored_at(record), address,
                    value["minor_children"] or False,
                )  # fmt: skip
                self._keep(batch, key, register(batch.table.get(key), entry, self._secret), stamp)
            except OF_A_VALUE as error:
                batch.fail(record, error, begun)

    def signals(self, batch: Batch) -> None:
        """Send signals to their residents' households, or keep them waiting."""
        for record, value in batch.decoded(self._unresolved.decode):
            key, begun = record.key() or b"", len(batch.outputs)
            try:
                before, signal = batch.table.get(key), UnresolvedSignal.from_record(value)
                answers = barred(before, signal)
                if answers is not None:
                    self._tell(batch, [(signal.event_id, each) for each in answers], record.timestamp()[1])
                    continue
                row, resolved = resolve(before, signal, record.timestamp()[1], self._secret)
                if resolved is not None:
                    self._send(batch, resolved)
            except Refused as refusal:
                batch.reject(record, refusal.reason, str(refusal))
            except OF_A_VALUE as error:
                batch.fail(record, error, begun)
            else:
                if row is not before:
                    batch.table.put(key, row)

    def said(self, batch: Batch) -> None:
        """Take in what residents said whom the register did not know."""
        for record, event in batch.decoded(self._said.decode):
            key, begun = record.key() or b"", len(batch.outputs)
            try:
                after = said(batch.table.get(key), event, self._secret)
                self._keep(batch, key, after, record.timestamp()[1])
            except Refused as refusal:
                batch.reject(record, refusal.reason, str(refusal))
            except OF_A_VALUE as error:
                batch.fail(record, error, begun)

    def ticks(self, batch: Batch) -> None:
        """Give up what has waited or been known long enough, one slice of residents after the other."""
        for record, value in batch.decoded(self._ticks.decode):
            told, stamp = ResidencyTick.from_record(value), record.timestamp()[1]
            begins, ends = told.tick.reach
            failed: Exception | None = None
            for key in batch.table.between(begins.encode(), ends.encode()):
                begun, before = len(batch.outputs), cast("ResidentRow", batch.table.get(key))
                try:
                    after = let_go(before, told)
                    if after.row is not before:
                        self._keep(batch, key, after, stamp)
                except OF_A_VALUE as error:
                    del batch.outputs[begun:]
                    failed = error
            if failed is not None:
                batch.fail(record, failed, len(batch.outputs))
            follows = told.follow(len(batch.table))
            if follows is not None:
                data = self._ticks.encode(follows.to_record())
                batch.emit(RESIDENCY_TICKS, KEY, data, stamp, batch.partition)

    def _keep(self, batch: Batch, key: bytes, registered: Registered, stamp: int) -> None:
        for resolved in registered.resolved:
            self._send(batch, resolved)
        self._tell(batch, registered.answers, stamp)
        # Nothing can fail any more, see `Batch.fail`.
        if registered.row is None:
            batch.table.delete(key)
        else:
            batch.table.put(key, registered.row)

    def _tell(self, batch: Batch, answers: Sequence[tuple[str, Answer]], stamp: int) -> None:
        """Tell creditors what became of their signals: nothing is kept of them here, nor of their slips."""
        for answered, answer in answers:
            self._feedback.tell(batch, answer, answered, stamp, stamp)
        self._slips.end(batch, [(each.creditor, each.contract) for _, each in answers], stamp)

    def _residence(self, data: bytes | None) -> dict[str, Any]:
        return MOVED_OUT if data is None else self._residences.decode(data)

    def _send(self, batch: Batch, resolved: Resolved) -> None:
        event = resolved.event
        data = self._events.encode(event)
        batch.emit(HOUSEHOLD_EVENTS, event.household.encode(), data, resolved.timestamp_ms)

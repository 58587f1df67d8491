"""Ranking: tells outreach of a household the moment it crosses a threshold, either way."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any, Literal

from eropaf.agents import metrics
from eropaf.agents.codecs import household_risks
from eropaf.agents.policy import KEY, Policies
from eropaf.risk.calendar import holidays_of
from eropaf.risk.policy import Policy
from eropaf.risk.ranking import rank
from eropaf.risk.refusal import Refused
from eropaf.risk.told import HouseholdRisk
from eropaf.streams.runtime.app import CheckpointedApp
from eropaf.streams.runtime.batch import Batch
from eropaf.streams.runtime.dead_letter import OF_A_VALUE
from eropaf.streams.runtime.invariants import in_sequence
from eropaf.streams.runtime.record import Record
from eropaf.streams.runtime.stage import Stage
from eropaf_client.schemas.epoch import EPOCH
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import PRIORITIES
from eropaf_client.schemas.wire import Codec


def attach(app: CheckpointedApp, stage: Stage, registry: Registry, policy: Policy) -> None:
    """Attach the agent to `app`. `policy` holds until another is activated."""
    risks = household_risks(registry)
    tell = _Tell(registry)
    policies = Policies(policy)
    # Their library takes up to a second to import: now, not while the first household and all others wait.
    holidays_of(EPOCH.year)

    def risk_in(data: bytes | None) -> HouseholdRisk | Literal["forgotten"]:
        return "forgotten" if data is None else risks.decode(data)

    @app.agent(app.batches(stage), name=stage.name)
    async def ranking(batches: Any) -> None:
        async for batch in batches:
            table = batch.table
            holds = policies.of(table)
            tell.begin()
            for record, risk in batch.decoded(risk_in):
                begun = len(batch.outputs)
                try:
                    if risk == "forgotten":
                        tell.forgotten(batch, record)
                    elif risk.policy is not None:
                        activated = policies.activated(table, risk.policy)
                        if activated is not None:
                            table.put(KEY, activated)
                            holds = policies.of(table)
                    else:
                        tell.ranked(batch, record, risk, holds)
                except Refused as refusal:
                    batch.reject(record, refusal.reason, str(refusal))
                except OF_A_VALUE as error:
                    batch.fail(record, error, begun)
            tell.count()


class _Tell:
    """Tells outreach what follows from a risk, and counts it a batch at a time."""

    def __init__(self, registry: Registry) -> None:
        self._updates = Codec("PriorityUpdate", PRIORITIES, registry)
        self.begin()

    def begin(self) -> None:
        """Begin a batch."""
        self._now_ms = time.time() * 1000
        self._told = Counter[tuple[str, str]]()

    def forgotten(self, batch: Batch, record: Record) -> None:
        """Take a forgotten household off every list, if its last risk did not.

        That one may have been set aside, or be gone from the log; a row that stays would take what
        comes of the household later for older.
        """
        key = record.key() or b""
        if batch.table.get(key) is not None:
            batch.emit(PRIORITIES, key, None, record.timestamp()[1])
            batch.table.delete(key)

    def ranked(self, batch: Batch, record: Record, risk: HouseholdRisk, policy: Policy) -> None:
        """Rank a household by its newest risk: write what crossed a threshold, and keep the row."""
        table, key, stored_at = batch.table, record.key() or b"", record.timestamp()[1]
        row = table.get(key)
        ranked = rank(row, risk, policy)
        update = ranked.update
        if update is not None:
            in_sequence("update", 0 if row is None else row.sequence, update.sequence)
            batch.emit(PRIORITIES, key, self._updates.encode(update.to_record()), stored_at)
            self._told[update.band, update.change] += 1
            metrics.EVENT_TO_UPDATE.observe((self._now_ms - stored_at) / 1000, batch.exemplar)
        # Nothing can fail any more, see `Batch.fail`.
        if ranked.row is None:
            batch.emit(PRIORITIES, key, None, stored_at)
            table.delete(key)
        elif ranked.row is not row:
            table.put(key, ranked.row)

    def count(self) -> None:
        """Count what the batch told, in the metrics."""
        for (band, change), count in self._told.items():
            metrics.UPDATES.labels(band=band, change=change).inc(count)

"""Ranking: tells outreach of a household the moment it crosses a threshold, either way."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from eropaf.agents import metrics
from eropaf.agents.codecs import household_risks
from eropaf.agents.policy import Policies
from eropaf.risk.events import PolicyActivated
from eropaf.risk.policy import Policy
from eropaf.risk.ranking import rank
from eropaf.risk.refusal import Refused
from eropaf.risk.told import HouseholdRisk
from eropaf.streams.runtime.app import CheckpointedApp
from eropaf.streams.runtime.batch import Batch
from eropaf.streams.runtime.invariants import in_sequence
from eropaf.streams.runtime.record import Record
from eropaf.streams.runtime.stage import Stage
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import PRIORITIES
from eropaf_client.schemas.wire import Codec


def attach(app: CheckpointedApp, stage: Stage, registry: Registry, policy: Policy) -> None:
    """Attach the agent to `app`. `policy` holds until another is activated."""
    risks = household_risks(registry)
    updates = Codec("PriorityUpdate", PRIORITIES, registry)
    policies = Policies(policy)

    def risk_in(data: bytes | None) -> HouseholdRisk | None:
        # The tombstone of a household that is forgotten; its last risk said so.
        return None if data is None else risks.decode(data)

    @app.agent(app.batches(stage), name=stage.name)
    async def ranking(batches: Any) -> None:
        async for batch in batches:
            table = batch.table
            holds = policies.of(table)
            now_ms = time.time() * 1000
            told = Counter[tuple[str, str]]()
            for record, risk in batch.decoded(risk_in):
                key, stored_at = record.key(), record.timestamp()[1]
                if risk.policy is not None:
                    holds = _activated(policies, batch, record, risk.policy)
                    continue
                row = table.get(key)
                ranked = rank(row, risk, holds)
                update = ranked.update
                if update is not None:
                    in_sequence("update", 0 if row is None else row.sequence, update.sequence)
                    batch.emit(PRIORITIES, key, updates.encode(update.to_record()), stored_at)
                    told[update.band, update.change] += 1
                    metrics.EVENT_TO_UPDATE.observe((now_ms - stored_at) / 1000, batch.exemplar)
                if ranked.row is None:
                    table.delete(key)
                    batch.emit(PRIORITIES, key, None, stored_at)
                elif ranked.row is not row:
                    table.put(key, ranked.row)
            for (band, change), count in told.items():
                metrics.UPDATES.labels(band=band, change=change).inc(count)


def _activated(policies: Policies, batch: Batch, record: Record, activation: PolicyActivated) -> Policy:
    """Return the policy that holds from here on: the one before, where this one cannot be read."""
    try:
        policies.activate(batch.table, activation)
    except Refused as refusal:
        batch.reject(record, refusal.reason, str(refusal))
    return policies.of(batch.table)

"""Ranking: tells outreach of a household the moment it crosses a threshold, either way."""

from __future__ import annotations

import time
from typing import Any

from agents import metrics
from risk.policy import Policy
from risk.ranking import rank
from risk.records import HouseholdRisk
from schemas.registry import Registry
from schemas.topics import HOUSEHOLD_RISK, PRIORITIES
from schemas.wire import Codec
from streams.app import CheckpointedApp
from streams.stage import Stage


def attach(app: CheckpointedApp, stage: Stage, registry: Registry, policy: Policy) -> None:
    """Attach the agent to `app`."""
    decode = Codec("HouseholdRisk", HOUSEHOLD_RISK, registry).decode
    updates = Codec("PriorityUpdate", PRIORITIES, registry)

    @app.agent(app.batches(stage), name=stage.name)
    async def ranking(batches: Any) -> None:
        async for batch in batches:
            table = batch.table
            now_ms = time.time() * 1000
            for record, value in batch.decoded(decode):
                key = record.key()
                row = table.get(key)
                ranked = rank(row, HouseholdRisk.from_record(value), policy)
                if ranked.row is not row:
                    table.put(key, ranked.row)
                update = ranked.update
                if update is not None:
                    batch.emit(PRIORITIES, key, updates.encode(update.to_record()), record.timestamp()[1])
                    metrics.UPDATES.labels(band=update.band, change=update.change).inc()
                    metrics.EVENT_TO_UPDATE.observe((now_ms - record.timestamp()[1]) / 1000)

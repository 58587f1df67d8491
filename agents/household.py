"""Household: folds each event into its household's row, and tells the risk that results."""

from __future__ import annotations

from typing import Any

from risk.household import fold
from risk.policy import Policy
from risk.records import HouseholdEvent
from risk.refusal import Refused
from schemas.registry import Registry
from schemas.topics import HOUSEHOLD_EVENTS, HOUSEHOLD_RISK
from schemas.wire import Codec
from streams.app import CheckpointedApp
from streams.stage import Stage


def attach(app: CheckpointedApp, stage: Stage, registry: Registry, policy: Policy) -> None:
    """Attach the agent to `app`."""
    decode = Codec("HouseholdEvent", HOUSEHOLD_EVENTS, registry).decode
    risks = Codec("HouseholdRisk", HOUSEHOLD_RISK, registry)

    @app.agent(app.batches(stage), name=stage.name)
    async def household(batches: Any) -> None:
        async for batch in batches:
            table = batch.table
            for record, value in batch.decoded(decode):
                key = record.key()
                row = table.get(key)
                try:
                    folded = fold(row, HouseholdEvent.from_record(value), policy)
                except Refused as refusal:
                    batch.reject(record, refusal.reason, str(refusal))
                    continue
                if folded.row is not row:
                    table.put(key, folded.row)
                if folded.risk is not None:
                    batch.emit(
                        HOUSEHOLD_RISK, key, risks.encode(folded.risk.to_record()), record.timestamp()[1]
                    )

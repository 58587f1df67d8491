"""Outcomes: what outreach found becomes household events, or is set aside with the reason."""

from __future__ import annotations

from typing import Any

from eropaf.agents.codecs import household_events
from eropaf.risk.outreach import events_of
from eropaf.risk.refusal import Refused
from eropaf.streams.runtime.app import CheckpointedApp
from eropaf.streams.runtime.dead_letter import OF_A_VALUE
from eropaf.streams.runtime.record import event_id, stored_at
from eropaf.streams.runtime.stage import Stage
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, OUTCOMES
from eropaf_client.schemas.wire import Codec


def attach(app: CheckpointedApp, stage: Stage, registry: Registry) -> None:
    """Attach the agent to `app`."""
    decode = Codec("OutreachOutcome", OUTCOMES, registry).decode
    events = household_events(registry)

    @app.agent(app.batches(stage), name=stage.name)
    async def outcomes(batches: Any) -> None:
        async for batch in batches:
            for record, value in batch.decoded(decode):
                received_at, begun = stored_at(record), len(batch.outputs)
                try:
                    for event in events_of(value, event_id(record), received_at):
                        data = events.encode(event)
                        batch.emit(HOUSEHOLD_EVENTS, event.household.encode(), data, received_at)
                except Refused as refusal:
                    batch.reject(record, refusal.reason, str(refusal))
                except OF_A_VALUE as error:
                    batch.fail(record, error, begun)

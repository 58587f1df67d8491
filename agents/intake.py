"""Intake: what a creditor signals becomes a household event, or is set aside with the reason."""

from __future__ import annotations

from typing import Any

from eropaf.agents.codecs import household_events
from eropaf.agents.feedback import Feedback
from eropaf.risk.bsn import BsnRules
from eropaf.risk.intake import ForHousehold, answer_to, take_in
from eropaf.risk.refusal import Refused
from eropaf.streams.runtime.app import CheckpointedApp
from eropaf.streams.runtime.dead_letter import OF_A_VALUE
from eropaf.streams.runtime.record import event_id, stored_at
from eropaf.streams.runtime.stage import Stage
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, UNRESOLVED_SIGNALS, creditor
from eropaf_client.schemas.wire import Codec


def attach(app: CheckpointedApp, stage: Stage, registry: Registry, secret: bytes, numbers: BsnRules) -> None:
    """Attach the agent to `app`. `secret` makes keys; `numbers` says whose BSN is accepted."""
    decode = {topic: Codec("ArrearsSignal", topic, registry).decode for topic in stage.inputs}
    events = household_events(registry)
    feedback = Feedback(registry, map(creditor, stage.inputs))
    unresolved = Codec("UnresolvedSignal", UNRESOLVED_SIGNALS, registry)

    @app.agent(app.batches(stage), name=stage.name)
    async def intake(batches: Any) -> None:
        async for batch in batches:
            said_by = creditor(batch.topic)
            for record, value in batch.decoded(decode[batch.topic]):
                begun = len(batch.outputs)
                try:
                    taken = take_in(
                        value,
                        creditor=said_by,
                        event_id=event_id(record),
                        received_at=stored_at(record),
                        secret=secret,
                        numbers=numbers,
                    )
                    if isinstance(taken, ForHousehold):
                        event = taken.event
                        data = events.encode(event)
                        batch.emit(HOUSEHOLD_EVENTS, event.household.encode(), data, record.timestamp()[1])
                    else:
                        signal = taken.signal
                        data = unresolved.encode(signal.to_record())
                        batch.emit(UNRESOLVED_SIGNALS, signal.resident.encode(), data, record.timestamp()[1])
                except Refused as refusal:
                    batch.reject(record, refusal.reason, str(refusal))
                    try:
                        answer = answer_to(value, said_by, refusal.reason)
                        if answer is not None:
                            stamp = record.timestamp()[1]
                            feedback.tell(batch, answer, event_id(record), stored_at(record), stamp)
                    except OF_A_VALUE as error:
                        batch.fail(record, error, begun)
                except OF_A_VALUE as error:
                    batch.fail(record, error, begun)

"""Publish from an asyncio program, with a trace of your own on each record."""

# Needs a running Eropaf: EROPAF_BOOTSTRAP, and workers (`eropaf run`).
import asyncio
import os
from datetime import datetime, timezone

from eropaf_client.async_publisher import AsyncArrearsPublisher
from eropaf_client.records import ArrearsSignal, PartnerType, Resident, SignalKind
from eropaf_client.tracing import new_traceparent

signal = ArrearsSignal(
    signal_id="async-1",
    contract="async-1",
    kind=SignalKind.REPORTED,
    partner_type=PartnerType.ENERGY,
    amount_cents=54_000,
    reported_at=datetime(2026, 3, 2, 12, tzinfo=timezone.utc),
    version=1,
    resident=Resident(postcode="1021 AC", house_number="1"),
)


async def main() -> None:
    async with AsyncArrearsPublisher(os.environ["EROPAF_BOOTSTRAP"], "energy", new_traceparent) as publisher:
        stored = await publisher.report(signal)
        print("stored on", stored.topic)


asyncio.run(main())

# Prints:
# stored on arrears.energy

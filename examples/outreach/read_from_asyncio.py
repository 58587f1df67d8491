"""Read updates in an asyncio program: what a cancelled task had in hand comes again."""

# Needs a running Eropaf: EROPAF_BOOTSTRAP, and workers (`eropaf run`).
import asyncio
import os
from datetime import datetime, timezone

from eropaf_client.async_subscriber import AsyncPrioritySubscriber
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.records import ArrearsSignal, PartnerType, Resident, SignalKind

CLUSTER = os.environ["EROPAF_BOOTSTRAP"]
signal = ArrearsSignal(
    signal_id="asyncio-1",
    contract="asyncio",
    kind=SignalKind.REPORTED,
    partner_type=PartnerType.RENT,
    amount_cents=110_000,
    monthly_bill_cents=55_000,
    reported_at=datetime(2026, 3, 2, 12, tzinfo=timezone.utc),
    version=1,
    resident=Resident(postcode="1035 AA", house_number="1"),
)


async def main() -> None:
    async with AsyncPrioritySubscriber(CLUSTER) as subscriber:
        async for received in subscriber:
            if received.update is not None and received.update.area == "1035":
                print(received.update.band.value, received.update.action)
                return


with ArrearsPublisher(CLUSTER, "rent") as publisher:
    publisher.report(signal)
asyncio.run(main())

# Prints:
# MEDIUM PHONE

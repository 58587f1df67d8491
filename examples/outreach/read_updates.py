"""Read updates: each once, in order per household; a journal on disk remembers how far you came."""

# Needs a running Eropaf: EROPAF_BOOTSTRAP, and workers (`eropaf run`).
import os
from datetime import datetime, timezone
from pathlib import Path

from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.records import ArrearsSignal, PartnerType, Resident, SignalKind
from eropaf_client.subscriber import PrioritySubscriber

CLUSTER = os.environ["EROPAF_BOOTSTRAP"]
signal = ArrearsSignal(
    signal_id="read-1",
    contract="read",
    kind=SignalKind.REPORTED,
    partner_type=PartnerType.RENT,
    amount_cents=110_000,
    monthly_bill_cents=55_000,
    reported_at=datetime(2026, 3, 2, 12, tzinfo=timezone.utc),
    version=1,
    resident=Resident(postcode="1031 AA", house_number="1"),
)

with ArrearsPublisher(CLUSTER, "rent") as publisher:  # as a creditor does
    publisher.report(signal)
with PrioritySubscriber(CLUSTER, journal=Path("updates.db")) as subscriber:
    for received in subscriber:
        update = received.update
        if update is not None and update.area == "1031":
            print(update.postcode, update.house_number, update.band.value, update.respond_by)
            break  # a tool goes on

# Prints:
# 1031AA 1 MEDIUM 2026-03-30

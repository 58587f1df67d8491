"""Publish through an outbox: kill the program at any line, run it again, and each signal is stored once."""

# Needs a running Eropaf: EROPAF_BOOTSTRAP, and workers (`eropaf run`).
import os
from datetime import datetime, timezone
from pathlib import Path

from eropaf_client.outbox_publisher import OutboxPublisher
from eropaf_client.records import ArrearsSignal, PartnerType, Resident, SignalKind

signals = [
    ArrearsSignal(
        signal_id=f"killed-{number}",
        contract=f"killed-{number}",
        kind=SignalKind.REPORTED,
        partner_type=PartnerType.RENT,
        amount_cents=110_000,
        reported_at=datetime(2026, 3, 2, 12, tzinfo=timezone.utc),
        version=1,
        resident=Resident(postcode="1021 AA", house_number=str(number)),
    )
    for number in (1, 2, 3)
]

for _ in range(2):  # the second time, after whatever ended the first
    with OutboxPublisher(os.environ["EROPAF_BOOTSTRAP"], "rent", Path("outbox.db")) as publisher:
        print("new:", publisher.report_all(signals))

# Prints:
# new: 3
# new: 0

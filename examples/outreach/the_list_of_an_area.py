"""Show the ranked list of one area as it is, then each change of it as it comes."""

# Needs a running Eropaf: EROPAF_BOOTSTRAP, and workers (`eropaf run`).
import os
from dataclasses import replace
from datetime import datetime, timezone

from eropaf_client.live_list import Moved, Snapshot
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.records import ArrearsSignal, PartnerType, Resident, SignalKind
from eropaf_client.subscriber import PrioritySubscriber

CLUSTER = os.environ["EROPAF_BOOTSTRAP"]
signal = ArrearsSignal(
    signal_id="area-1",
    contract="area",
    kind=SignalKind.REPORTED,
    partner_type=PartnerType.RENT,
    amount_cents=110_000,
    monthly_bill_cents=55_000,
    reported_at=datetime(2026, 3, 2, 12, tzinfo=timezone.utc),
    version=1,
    resident=Resident(postcode="1033 AA", house_number="1"),
)
paid = replace(signal, signal_id="area-2", kind=SignalKind.PAID, amount_cents=0, version=2)

with ArrearsPublisher(CLUSTER, "rent") as publisher, PrioritySubscriber(CLUSTER) as subscriber:
    changes = subscriber.live_list(area="1033")
    snapshot = next(changes)
    print("list:", snapshot.rows if isinstance(snapshot, Snapshot) else snapshot)
    for each in (signal, paid):
        publisher.report(each)
        moved = next(changes)
        assert isinstance(moved, Moved)
        print(moved.was, "->", moved.now, moved.update and moved.update.change.value)

# Prints:
# list: []
# None -> 0 RAISED
# 0 -> None CLOSED

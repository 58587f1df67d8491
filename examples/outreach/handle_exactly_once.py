"""Handle each update once: what the handler writes in the journal's database is saved with the position."""

# Needs a running Eropaf: EROPAF_BOOTSTRAP, and workers (`eropaf run`).
import os
from datetime import datetime, timezone
from pathlib import Path

from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.records import ArrearsSignal, PartnerType, PriorityUpdate, Resident, SignalKind
from eropaf_client.subscriber import PrioritySubscriber

CLUSTER = os.environ["EROPAF_BOOTSTRAP"]
signal = ArrearsSignal(
    signal_id="once-1",
    contract="once",
    kind=SignalKind.REPORTED,
    partner_type=PartnerType.RENT,
    amount_cents=220_000,
    reported_at=datetime(2026, 3, 2, 12, tzinfo=timezone.utc),
    version=1,
    resident=Resident(postcode="1032 AA", house_number="1"),
)
with ArrearsPublisher(CLUSTER, "rent") as publisher:
    publisher.report(signal)
with PrioritySubscriber(CLUSTER, journal=Path("visits.db")) as subscriber:
    db = subscriber.journal.db  # type: ignore[union-attr]  # it has one
    db.execute("CREATE TABLE IF NOT EXISTS visit (household TEXT PRIMARY KEY, area TEXT, band TEXT)")

    def handle(update: PriorityUpdate) -> None:
        db.execute("REPLACE INTO visit VALUES (?, ?, ?)", (update.household, update.area, update.band.value))

    def forget(household: str) -> None:
        db.execute("DELETE FROM visit WHERE household = ?", (household,))

    ours = "SELECT area, band FROM visit WHERE area = '1032'"
    subscriber.handle(handle, forget=forget, stopped=lambda: bool(list(db.execute(ours))))
    print(list(db.execute(ours)), len(subscriber.parked()), "parked")

# Prints:
# [('1032', 'HIGH')] 0 parked

"""Check a signal before it is sent: every fault at once, each naming its field and never its content."""

from datetime import datetime

from eropaf_client.records import ArrearsSignal, PartnerType, Resident, SignalKind
from eropaf_client.validation import faults

signal = ArrearsSignal(
    signal_id="S-1",
    contract=" ",
    kind=SignalKind.REPORTED,
    partner_type=PartnerType.RENT,
    amount_cents=-110_000,
    reported_at=datetime(2026, 3, 2, 12),
    version=1,
    resident=Resident(postcode="1011 SS", house_number="12"),
)

for fault in faults(signal):
    print(f"{fault.code}: {fault}")

# Prints:
# empty: contract: must not be empty
# impossible-amount: amount_cents: must be zero or more, and at most a hundred million euros
# no-zone: reported_at: must say its time zone
# impossible-postcode: resident.postcode: must be four digits and two letters as PostNL gives out

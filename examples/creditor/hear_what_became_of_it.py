"""Hear what became of a signal: one that breaks a duty of your own is answered at once, with its code."""

# Needs a running Eropaf: EROPAF_BOOTSTRAP, and workers (`eropaf run`).
import os
from datetime import datetime, timezone

from eropaf_client.feedback import FeedbackReader
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.records import ArrearsSignal, ConsentOffer, OwnEffort, PartnerType, Resident, SignalKind

CLUSTER = os.environ["EROPAF_BOOTSTRAP"]
signal = ArrearsSignal(
    signal_id="heard-1",
    contract="heard",
    kind=SignalKind.REPORTED,
    partner_type=PartnerType.RENT,
    amount_cents=110_000,
    reported_at=datetime(2026, 3, 2, 12, tzinfo=timezone.utc),
    version=1,
    resident=Resident(postcode="1021 AD", house_number="1"),
    own_effort=OwnEffort(
        personal_contact=True, debt_help_pointed_at=True, written_reminders=0, offer=ConsentOffer.NO_ANSWER
    ),
)

with ArrearsPublisher(CLUSTER, "rent") as publisher:
    publisher.report(signal)
with FeedbackReader(CLUSTER, "rent") as reader:
    answer = next(each for each in reader if each.signal_id == "heard-1")
    print(answer.status.value, answer.reason)

# Prints:
# NOT_PICKED_UP_UNJUSTIFIED no-written-reminder

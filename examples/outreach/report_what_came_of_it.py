"""Report what came of an offer: the creditor hears, and its household leaves the list while help runs."""

# Needs a running Eropaf: EROPAF_BOOTSTRAP, and workers (`eropaf run`).
import os
from datetime import datetime, timezone

from eropaf_client.feedback import FeedbackReader
from eropaf_client.outcomes import EndResult, OutreachOutcome
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.records import ArrearsSignal, PartnerType, Resident, SignalKind
from eropaf_client.subscriber import PrioritySubscriber

CLUSTER, NOW = os.environ["EROPAF_BOOTSTRAP"], datetime(2026, 3, 4, 9, tzinfo=timezone.utc)
signal = ArrearsSignal(
    signal_id="came-1",
    contract="came",
    kind=SignalKind.REPORTED,
    partner_type=PartnerType.RENT,
    amount_cents=110_000,
    monthly_bill_cents=55_000,
    reported_at=datetime(2026, 3, 2, 12, tzinfo=timezone.utc),
    version=1,
    resident=Resident(postcode="1034 AA", house_number="1"),
)
with ArrearsPublisher(CLUSTER, "rent") as publisher:
    publisher.report(signal)

with PrioritySubscriber(CLUSTER) as subscriber, FeedbackReader(CLUSTER, "rent") as reader:
    updates = (each.update for each in subscriber if each.update and each.update.area == "1034")
    first = next(updates)
    subscriber.report_outcome(OutreachOutcome("came-1", first.household, NOW, result=EndResult.HELP))
    second = next(updates)
    print(first.band.value, "->", second.band.value, second.change.value)
    answer = next(each for each in reader if each.signal_id == "came-1")
    print(answer.status.value, answer.collection.value, answer.pause_until)

# Prints:
# MEDIUM -> NONE PAUSED
# PICKED_UP PAUSE 2026-04-03

"""Correct what was published: with a higher version; other content under the same one is refused."""

# Needs a running Eropaf: EROPAF_BOOTSTRAP, and workers (`eropaf run`).
import os
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from eropaf_client.errors import InvalidSignal
from eropaf_client.outbox_publisher import OutboxPublisher
from eropaf_client.records import ArrearsSignal, PartnerType, Resident, SignalKind

signal = ArrearsSignal(
    signal_id="corrected-1",
    contract="corrected",
    kind=SignalKind.REPORTED,
    partner_type=PartnerType.RENT,
    amount_cents=110_000,
    reported_at=datetime(2026, 3, 2, 12, tzinfo=timezone.utc),
    version=1,
    resident=Resident(postcode="1021 AB", house_number="1"),
)

with OutboxPublisher(os.environ["EROPAF_BOOTSTRAP"], "rent", Path("outbox.db")) as publisher:
    publisher.report(signal)
    try:
        publisher.report(replace(signal, amount_cents=90_000))
    except InvalidSignal as error:
        print(*str(error).split("; "), sep="\n")
    corrected = replace(
        signal, signal_id="corrected-2", kind=SignalKind.CHANGED, amount_cents=90_000, version=2
    )
    print("new:", publisher.report_all([corrected]))

# Prints:
# version: signal corrected-1 was reported under version 1 with other content
# a correction needs a higher version
# new: 1

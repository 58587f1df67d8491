"""Take in one record as the intake agent does: an event of a household, or a refusal with its reason."""

from datetime import UTC, datetime

from eropaf.risk.intake import ForHousehold, take_in
from eropaf.risk.refusal import Refused
from eropaf_client.records import ArrearsSignal, PartnerType, Resident, SignalKind

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def of(resident: Resident) -> str:
    signal = ArrearsSignal("S-1", "C-1", SignalKind.REPORTED, PartnerType.RENT, 90_000, NOON, 1, resident)
    stored_at = round(NOON.timestamp() * 1000)
    try:
        taken = take_in(
            signal.to_record(), creditor="rent", event_id="e-1", received_at=stored_at, secret=b"a secret"
        )
    except Refused as refusal:
        return f"refused: {refusal.reason}"
    return taken.event.household if isinstance(taken, ForHousehold) else taken.signal.resident


print(of(Resident(postcode="1011 ab", house_number="12 huis")))
print(of(Resident(postcode="1011AB", house_number="12", addition="HS")))
print(of(Resident(bsn="123456782")))
print(of(Resident()))

# Prints:
# e34d4290396d6c5afed19018879d5f2e
# e34d4290396d6c5afed19018879d5f2e
# refused: bsn-without-ground
# refused: resident-missing

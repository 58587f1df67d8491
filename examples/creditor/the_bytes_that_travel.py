"""Look at the bytes that travel, for a client in another language: a zero, the schema's id, the Avro body."""

from datetime import datetime, timezone

from eropaf_client.records import ArrearsSignal, PartnerType, Resident, SignalKind
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import arrears
from eropaf_client.schemas.wire import Codec

signal = ArrearsSignal(
    signal_id="S-1",
    contract="C-1",
    kind=SignalKind.REPORTED,
    partner_type=PartnerType.RENT,
    amount_cents=165_000,
    reported_at=datetime(2026, 3, 2, 12, tzinfo=timezone.utc),
    version=1,
    resident=Resident(postcode="1011 AB", house_number="7"),
)
codec = Codec("ArrearsSignal", arrears("rent"), LocalRegistry())

value = codec.encode(signal.to_record())
print(codec.topic, len(value), "bytes, of schema", int.from_bytes(value[1:5], "big"))
print(value[:9].hex(" "))
print(codec.decode(value)["amount_cents"])

# Prints:
# arrears.rent 44 bytes, of schema 103
# 00 00 00 00 67 06 53 2d 31
# 165000

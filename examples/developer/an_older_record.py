"""Read what an older version wrote: every published schema is read as the newest, with its defaults."""

import io
import struct

import fastavro

from eropaf_client.schemas import catalogue
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.wire import Codec

update = {
    "update_id": "u-1", "household": "a" * 32, "sequence": 1, "area": "1011", "urgency": 4_000,
    "address": {"postcode": "1011AB", "house_number": 12, "addition": ""}, "band": "MEDIUM",
    "respond_by": 20_542, "change": "RAISED", "policy_version": "p-1", "event_at": 1_772_452_800_000,
}  # fmt: skip
oldest, newest = catalogue.versions("PriorityUpdate")[0], catalogue.latest("PriorityUpdate")

body = io.BytesIO()
fastavro.schemaless_writer(body, fastavro.parse_schema(catalogue.plain(oldest)), update)
value = struct.pack(">bI", 0, oldest.local_id) + body.getvalue()

read = Codec("PriorityUpdate", "outreach.priorities", LocalRegistry()).decode(value)
print(f"written as version {oldest.version}, read as version {newest.version}")
print({name: read[name] for name in sorted(set(read) - set(update))})

# Prints:
# written as version 1, read as version 3
# {'action': None, 'overruled': False, 'respond_by_norm': None}

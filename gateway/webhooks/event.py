"""An update as a CloudEvent by the NL GOV profile (1.1), and its signature by Standard Webhooks.

Structured mode in JSON. An event has the fields of the feed and no other: no reason.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from eropaf.gateway.feed import update_json
from eropaf.gateway.signal_json import instant
from eropaf_client.inbox import Received

MEDIA_TYPE = "application/cloudevents+json; charset=UTF-8"
# By data source, not by organisation: those change their names.
CHANGED = "nl.vroegsignalering.prioriteit-gewijzigd"
FORGOTTEN = "nl.vroegsignalering.huishouden-vergeten"


class Event(NamedTuple):
    """What one post says: the same bytes however often it is tried."""

    id: str
    body: bytes

    def __repr__(self) -> str:
        # Without the body: it says where somebody lives.
        return f"Event({self.id!r})"


def event_of(received: Received, source: str) -> Event:
    """Return the event of an update, or of the erasure of a household.

    Its id persists: an update's own, or where an erasure stands in its topic.
    """
    update = received.update
    if update is None:
        identity = f"{received.household}-{received.partition}-{received.offset}"
        said: dict[str, Any] = {"type": FORGOTTEN, "time": instant(received.origin_at_ms)}
    else:
        identity = update.update_id
        said = {
            "type": CHANGED,
            "time": update.event_at.isoformat().replace("+00:00", "Z"),
            "datacontenttype": "application/json",
            "data": update_json(update),
        }
    content = {"specversion": "1.0", "id": identity, "source": source, "subject": received.household, **said}
    return Event(identity, json.dumps(content, separators=(",", ":")).encode())


def signed(event: Event, secrets: Sequence[bytes], at_s: int) -> dict[str, str]:
    """Return the headers by which a receiver knows that an event is ours, and that it is of now.

    `at_s` is when it is sent (s since 1970). Of several secrets, while one takes over, each signs.
    """
    content = b".".join((event.id.encode(), str(at_s).encode(), event.body))
    signatures = [base64.b64encode(hmac.digest(each, content, hashlib.sha256)).decode() for each in secrets]
    return {
        "webhook-id": event.id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": " ".join(f"v1,{each}" for each in signatures),
    }

"""Accepted help as a CloudEvent, for a case system that does not speak ZGW: signed, as webhooks are."""

from __future__ import annotations

import json
from typing import Any

from eropaf.gateway.cases.accepted import Acceptance
from eropaf.gateway.cases.zaken import Opened, Standing
from eropaf.gateway.webhooks.event import Event
from eropaf.gateway.webhooks.post import Post, Tried

ACCEPTED = "nl.vroegsignalering.hulp-aanvaard"


class Hook:
    """Tells one receiver; `source` says whose events these are (a URN)."""

    def __init__(self, post: Post, source: str) -> None:
        self._post, self._source = post, source

    def open(self, acceptance: Acceptance) -> Opened:
        """Tell it of one acceptance. It has no address at which to ask later."""
        return Opened(self._post(event_of(acceptance, self._source)))

    def standing(self, number: str, url: str) -> Standing | Tried:
        """Raise: whoever is told by webhook has no case that could be asked for."""
        raise NotImplementedError


def event_of(acceptance: Acceptance, source: str) -> Event:
    """Return the event of an acceptance: the same id and bytes however often it is told."""
    address = acceptance.address
    content: dict[str, Any] = {
        "specversion": "1.0",
        "id": acceptance.number,
        "source": source,
        "subject": acceptance.number,
        "type": ACCEPTED,
        "time": acceptance.at.isoformat().replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "data": {
            "number": acceptance.number,
            "address": {
                "postcode": address.postcode,
                "house_number": address.house_number,
                "addition": address.addition,
            },
        },
    }
    return Event(acceptance.number, json.dumps(content, separators=(",", ":")).encode())

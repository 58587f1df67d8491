"""Another municipality's gateway: one signal posted, and what its answer means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from eropaf.gateway.signal_json import content_of
from eropaf.gateway.webhooks.post import OF_THE_EVENT, Result, Tried
from eropaf.lookup.service import Away, Service, left_alone_s
from eropaf_client.schemas.limits import LONGEST_TEXT


class OtherGateway:
    """One gateway. Used by one thread."""

    def __init__(self, address: str, service: Service) -> None:
        self._address, self._service = f"{address.rstrip('/')}/v1/signals", service

    def __call__(self, signal: bytes, event_id: str) -> Tried:
        """Post a signal. Whatever happens is said, not raised.

        Its record's name is the idempotency key: what is posted once more is stored once.
        """
        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Idempotency-Key": event_id,
        }
        try:
            answered = self._service.post(self._address, headers, signal)
        except Away as away:
            return Tried(Result.AWAY, str(away), away.after_s)
        if answered.status == HTTPStatus.ACCEPTED:
            return Tried(Result.TOLD, str(answered.status))
        result = Result.REFUSED if answered.status in OF_THE_EVENT else Result.AWAY
        return Tried(result, str(answered.status), left_alone_s(answered))

    def close(self) -> None:
        """Close its connection."""
        self._service.close()


def for_another(record: Mapping[str, Any], creditor: str) -> bytes | None:
    """Return a creditor's record as the other gateway takes it, or None where its names grow too long.

    There we are the creditor: whose contract it is stands in front of its reference, so that references of
    two creditors stay two.
    """
    content = content_of(record)
    for name in ("signal_id", "contract"):
        content[name] = f"{creditor}/{content[name]}"
        if len(content[name]) > LONGEST_TEXT:
            return None
    return json.dumps(content, separators=(",", ":")).encode()

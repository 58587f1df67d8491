"""Contract names for signals of the national model, which has none.

Its IDs belong to one delivery: arrears reported again a month later have a new one. What stays the same is
    who does not pay, which kind of bill, and since when.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from typing import Any

from eropaf_client.schemas.addresses import number_of, postcode_of, whole_addition_of

SHOWN = 24


class Contracts:
    """Tells which signals of one delivery are about the same arrears."""

    def __init__(self, secret: bytes | None) -> None:
        self._secret = secret
        self._first: dict[str, str] = {}
        self._on: dict[tuple[str, datetime], int] = {}

    def of(self, signal_id: str, value: dict[str, Any], reported_at: datetime) -> str:
        """Return the contract of the signal `value`: one for the same client, kind of partner and begin date.

        Several with one begin date are several contracts, told apart by their order. The name reveals nothing
        about the client. A name derived from a BSN could be reversed by trying them all: without a secret the
        first ID in the delivery is used instead, so that arrears on a BSN in two files become two contracts.
        """
        client = value["client"]
        about = "|".join((value["signaalpartner"]["type"], value.get("ontstaansdatum", ""), _who(client)))
        nth = self._on[about, reported_at] = self._on.get((about, reported_at), 0) + 1
        name = f"{about}|{nth}"
        if self._secret is not None:
            return hmac.new(self._secret, f"ddas:{name}".encode(), hashlib.sha256).hexdigest()[:SHOWN]
        if "burgerservicenummer" in client:
            return self._first.setdefault(name, signal_id)
        return hashlib.sha256(f"ddas:{name}".encode()).hexdigest()[:SHOWN]


def _who(client: dict[str, Any]) -> str:
    """Return the client's one spelling. An invalid address has none: its signal is refused."""
    if "burgerservicenummer" in client:
        return str(client["burgerservicenummer"])
    number, behind = number_of(client["huisnummer"]) or (0, "")
    addition = whole_addition_of(behind, client.get("huisnummertoevoeging"))
    return f"{postcode_of(client['postcode'])}:{number}:{addition}"

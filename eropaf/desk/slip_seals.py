"""What a sealed contact slip holds, for whoever has a private key."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from nacl.exceptions import CryptoError
from nacl.exceptions import ValueError as CryptoValueError
from nacl.public import PrivateKey, SealedBox

from eropaf_client.contact_slips import Contact, faults


def opened_contact(slip: dict[str, Any], private_keys: Iterable[str]) -> Contact | None:
    """Return the contact that a ContactSlip holds; None: sealed to no such key, or no contact.

    A creditor seals what it likes, so what comes out is looked at as what went in is.
    """
    for key in private_keys:
        try:
            said = json.loads(SealedBox(PrivateKey(bytes.fromhex(key))).decrypt(slip["sealed"]))
            contact = Contact(**said)
        except (CryptoError, CryptoValueError, ValueError, TypeError, RecursionError):
            continue
        return None if any(faults(contact)) else contact
    return None

"""Keys that identify a household or a resident without revealing who it is."""

from __future__ import annotations

import hashlib
import hmac

from eropaf.risk.records import Address
from eropaf.risk.refusal import Reason, Refused
from eropaf_client.schemas.limits import BSN

# 128 bits (RFC 2104 section 5 allows half of the digest): 32 hexadecimal digits.
KEY_BYTES = 16


def household_key(address: Address, secret: bytes) -> str:
    """Return the key of the household at `address`, which is the unit of early signalling.

    Source: Divosa Monitor Vroegsignalering 2023, ch. 5: signals are matched on the address.
    """
    return _key(f"address:{address.postcode}:{address.house_number}:{address.addition}", secret)


def resident_key(bsn: str, secret: bytes) -> str:
    """Return the key of the resident with this citizen service number.

    Only nine digits are required here; `risk/bsn.py` says who may send one, and which.

    Raises:
        Refused: not nine digits.

    """
    if BSN.fullmatch(bsn) is None:
        raise Refused(Reason.IMPOSSIBLE_BSN, "resident.bsn is not nine digits")
    return _key(f"bsn:{bsn}", secret)


def _key(text: str, secret: bytes) -> str:
    return hmac.digest(secret, text.encode(), hashlib.sha256)[:KEY_BYTES].hex()

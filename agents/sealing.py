"""Seals explanations: a worker can write them, and only the auditors can read them.

Libsodium's own boxes. A worker draws a data key when it starts, seals it to the auditors' public
key, and encrypts each explanation with it: quick, and gone with the process. The seals are the one
thing in the flow that is not the same in a replay; what is inside is.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import SecretBox
from nacl.utils import random

from eropaf.risk.explanation import Explained


class CannotOpen(Exception):
    """The private key does not fit the explanation."""


class Sealer:
    """Seals to one public key of the auditors, given as 64 hexadecimal digits."""

    def __init__(self, public_key: str) -> None:
        key = bytes.fromhex(public_key)
        data_key = random(SecretBox.KEY_SIZE)
        self._box = SecretBox(data_key)
        self._sealed_key = bytes(SealedBox(PublicKey(key)).encrypt(data_key))
        self._key_id = key_id(key)

    def seal(self, explained: Explained) -> dict[str, Any]:
        """Give the Avro value of the Explanation."""
        risk = explained.risk
        return {
            "household": risk.household,
            "sequence": risk.sequence,
            "policy_version": risk.policy_version,
            "at": risk.at,
            "key_id": self._key_id,
            "sealed_key": self._sealed_key,
            "sealed": bytes(self._box.encrypt(explained.facts())),
        }


def opened(explanation: dict[str, Any], private_key: str) -> dict[str, Any]:
    """Open an Explanation with the auditors' private key, 64 hexadecimal digits; give its facts.

    Raises:
        CannotOpen: it was sealed to another key, or changed since.

    """
    private = PrivateKey(bytes.fromhex(private_key))
    try:
        data_key = SealedBox(private).decrypt(explanation["sealed_key"])
        facts: dict[str, Any] = json.loads(SecretBox(data_key).decrypt(explanation["sealed"]))
    except CryptoError:
        own = key_id(bytes(private.public_key))
        raise CannotOpen(
            f"sealed to key {explanation['key_id']}, and the private key given is of {own}"
        ) from None
    return facts


def key_id(public_key: bytes) -> str:
    """Name a public key."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def new_keys() -> tuple[str, str]:
    """Draw a pair: the public key for the workers, the private key for the auditors."""
    private = PrivateKey.generate()
    return bytes(private.public_key).hex(), bytes(private).hex()

"""Seals explanations: a worker can write them, and only the auditors can read them.

Libsodium boxes. A worker generates a data key at its start, seals it to the auditors' public key, and
encrypts each explanation with it: fast, and gone with the process. The seals are the one thing in the flow
that differs in a replay; their content does not.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

from nacl.exceptions import CryptoError
from nacl.exceptions import ValueError as CryptoValueError
from nacl.public import PrivateKey, PublicKey, SealedBox
from nacl.secret import SecretBox
from nacl.utils import random

from eropaf.risk.explanation import Explained

KEY_ID = re.compile("[0-9a-f]{16}")


class CannotOpen(Exception):
    """The private key does not fit the explanation."""


class Sealer:
    """Seals to one of the auditors' public keys, given as 64 hexadecimal digits."""

    def __init__(self, public_key: str) -> None:
        key = bytes.fromhex(public_key)
        self.key_id = key_id(key)
        """Names the key that it seals to."""
        data_key = random(SecretBox.KEY_SIZE)
        self._box = SecretBox(data_key)
        self._sealed_key = bytes(SealedBox(PublicKey(key)).encrypt(data_key))

    def seal(self, explained: Explained) -> dict[str, Any]:
        """Return the Avro value of the Explanation."""
        risk = explained.risk
        return {
            "household": risk.household,
            "sequence": risk.sequence,
            "policy_version": risk.policy_version,
            "at": risk.at,
            **self._sealed(explained.facts()),
        }

    def reseal(self, explanation: dict[str, Any], keys: PrivateKeys) -> dict[str, Any]:
        """Reseal to our key an Explanation that is sealed to another.

        Raises:
            CannotOpen: it was sealed to none of `keys`, or altered since.

        """
        return explanation | self._sealed(keys.opened(explanation))

    def _sealed(self, facts: bytes) -> dict[str, Any]:
        return {
            "key_id": self.key_id,
            "sealed_key": self._sealed_key,
            "sealed": bytes(self._box.encrypt(facts)),
        }


class PrivateKeys:
    """The auditors' private keys: the current one, and older ones still in use."""

    def __init__(self, keys: Iterable[str]) -> None:
        """Take each key as 64 hexadecimal digits."""
        private = [PrivateKey(bytes.fromhex(key)) for key in keys]
        self._by_id = {key_id(bytes(key.public_key)): key for key in private}

    def opened(self, explanation: dict[str, Any]) -> bytes:
        """Open an Explanation; return its facts as JSON.

        Raises:
            CannotOpen: it was sealed to another key, or altered since.

        """
        sealed_to = explanation["key_id"]
        try:
            data_key = SealedBox(self._by_id[sealed_to]).decrypt(explanation["sealed_key"])
            return SecretBox(data_key).decrypt(explanation["sealed"])
        except (KeyError, CryptoError, CryptoValueError):
            # In an explanation that is not ours, the key's id is arbitrary text.
            named = sealed_to if KEY_ID.fullmatch(sealed_to) else "that is none of ours"
            raise CannotOpen(
                f"sealed to key {named}, or altered since; the private keys given belong to "
                f"{', '.join(self._by_id)}"
            ) from None


def opened(explanation: dict[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    """Open an Explanation with the auditors' private keys, 64 hexadecimal digits each; return its facts.

    Raises:
        CannotOpen: it was sealed to another key, or altered since.

    """
    facts: dict[str, Any] = json.loads(PrivateKeys(keys).opened(explanation))
    return facts


def key_id(public_key: bytes) -> str:
    """Return a public key's id."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def new_keys() -> tuple[str, str]:
    """Generate a key pair: the public key for the workers, the private key for the auditors."""
    private = PrivateKey.generate()
    return bytes(private.public_key).hex(), bytes(private).hex()

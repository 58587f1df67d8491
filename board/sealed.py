"""Seals small values that others store for us: a log-in under way, a refresh token."""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Sealed:
    """Seals with a key derived from `secret`, a different one for each `use`."""

    def __init__(self, secret: str, use: str) -> None:
        key = HKDF(SHA256(), 32, salt=None, info=f"eropaf board {use}".encode()).derive(secret.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def seal(self, value: Any) -> str:
        """Return `value`, anything that JSON can hold, as text that nobody else can read or alter."""
        return self._fernet.encrypt(json.dumps(value).encode()).decode("ascii")

    def opened(self, text: str, within_s: int | None = None) -> Any:
        """Return the sealed value; None if not sealed by us, or more than `within_s` ago."""
        try:
            return json.loads(self._fernet.decrypt(text.encode(), within_s))
        except InvalidToken:
            return None

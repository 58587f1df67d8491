"""Passwords of local accounts: argon2id, and the same time whether or not there is such an account."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from eropaf.board.store import Account

HASHER = PasswordHasher()
SHORTEST = 12


def hashed(password: str) -> str:
    """Give what is kept of `password`."""
    return HASHER.hash(password)


class Passwords:
    """Checks passwords, one at a time: each takes 64 MiB, on purpose."""

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Lock()
        self._nobodys = hashed("nobody has this one")

    async def right(self, account: Account | None, password: str) -> bool:
        """Say whether `password` is that of `account`."""
        kept = account.password if account else self._nobodys
        async with self._one_at_a_time:
            matches = await asyncio.to_thread(_verify, kept, password)
        return matches and account is not None


def _verify(kept: str, password: str) -> bool:
    try:
        return HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False

"""Passwords of local accounts: argon2id, in constant time whether or not the account exists."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from starlette.exceptions import HTTPException

from eropaf.board.store import Account

HASHER = PasswordHasher()
SHORTEST = 12
# One takes a tenth of a second: who waits behind this many would wait too long, and is told so at once.
MOST_LOGINS_WAITING = 20


def hashed(password: str) -> str:
    """Return the hash of `password`."""
    return HASHER.hash(password)


class Passwords:
    """Checks passwords, at most two at a time: each check takes 64 MiB, on purpose.

    People on known devices have their own queue, which strangers' attempts cannot lengthen.
    """

    def __init__(self) -> None:
        self._known, self._strangers = _Queue(), _Queue()
        self._nobodys = hashed("nobody has this one")

    async def right(self, account: Account | None, password: str, known: bool) -> bool:
        """Return whether `password` is that of `account`; `known`: from a known device.

        Raises:
            HTTPException: 503, too many are waiting.
        """
        kept = account.password if account else self._nobodys
        matches = await (self._known if known else self._strangers).verify(kept, password)
        return matches and account is not None


class _Queue:
    """One at a time, on its own thread, so that calls waiting for Kafka lock nobody out."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "password")
        self._one_at_a_time = asyncio.Lock()
        self._waiting = 0

    async def verify(self, kept: str, password: str) -> bool:
        if self._waiting >= MOST_LOGINS_WAITING:
            raise HTTPException(503, "busy", headers={"Retry-After": "5"})
        self._waiting += 1
        try:
            async with self._one_at_a_time:
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._thread, _verify, kept, password)
        finally:
            self._waiting -= 1


def _verify(kept: str, password: str) -> bool:
    try:
        return HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False

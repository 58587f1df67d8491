"""Pseudonyms in the processing log, its own: nobody can join it to what tools and creditors know."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from eropaf.gateway.logboek.activities import CONTRACT, HOUSEHOLD
from eropaf_client.schemas.topics import feedback

# Of a household that was reported more is told within the batch; a megabyte or two.
REMEMBERED = 4_096


class Subjects:
    """Makes the pseudonyms of `secret`, which the log's keeper does not have."""

    LENGTH = 32

    def __init__(self, secret: bytes) -> None:
        key = hashlib.sha256(secret).digest()
        # Begun once: each digest goes on from a copy.
        self._begun = {
            kind: hashlib.blake2b(key=key, person=kind.encode(), digest_size=self.LENGTH // 2)
            for kind in (HOUSEHOLD, CONTRACT)
        }
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._made)

    def of(self, kind: str, topic: str, key: bytes) -> tuple[bytes, int]:
        """Return the pseudonym of whom a record's key is of, also as a number.

        `topic` says of which creditor a contract is.
        """
        if kind == HOUSEHOLD:
            return self._remembered(kind, key)
        return self._remembered(kind, topic.partition(".")[2].encode() + b"\0" + key)

    def household(self, household: str) -> str:
        """Return a household's pseudonym."""
        return self.of(HOUSEHOLD, "", household.encode())[0].decode()

    def contract(self, creditor: str, contract: bytes) -> str:
        """Return the pseudonym of a creditor's contract."""
        return self.of(CONTRACT, feedback(creditor), contract)[0].decode()

    def _made(self, kind: str, whose: bytes) -> tuple[bytes, int]:
        digest = self._begun[kind].copy()
        digest.update(whose)
        made = digest.digest()
        return made.hex().encode(), int.from_bytes(made, "big")

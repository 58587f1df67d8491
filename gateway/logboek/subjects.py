"""Pseudonyms in the processing log, its own: nobody can join it to what tools and creditors know."""

from __future__ import annotations

import hashlib

from eropaf.gateway.logboek.activities import CONTRACT, HOUSEHOLD
from eropaf_client.schemas.topics import feedback


class Subjects:
    """Makes the pseudonyms of `secret`, which the log's keeper does not have."""

    LENGTH = 32

    def __init__(self, secret: bytes) -> None:
        self._secret = hashlib.sha256(secret).digest()

    def of(self, kind: str, topic: str, key: bytes) -> bytes:
        """Return the pseudonym of whom a record's key is of; `topic` says of which creditor a contract is."""
        whose = key if kind == HOUSEHOLD else topic.partition(".")[2].encode() + b"\0" + key
        made = hashlib.blake2b(whose, key=self._secret, person=kind.encode(), digest_size=self.LENGTH // 2)
        return made.hexdigest().encode()

    def household(self, household: str) -> str:
        """Return a household's pseudonym."""
        return self.of(HOUSEHOLD, "", household.encode()).decode()

    def contract(self, creditor: str, contract: bytes) -> str:
        """Return the pseudonym of a creditor's contract."""
        return self.of(CONTRACT, feedback(creditor), contract).decode()

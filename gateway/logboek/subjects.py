"""Pseudonyms in the processing log, its own: nobody can join it to what tools and creditors know."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from eropaf.gateway.logboek.activities import CONTRACT, HOUSEHOLD
from eropaf_client.schemas.topics import feedback


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

    def of(self, kind: str, topic: str) -> Callable[[bytes], bytes]:
        """Return what makes a pseudonym of a key in `topic`, as bytes: half as many as are written.

        The topic says of which creditor a contract is.
        """
        begun = self._begun[kind].copy()
        if kind == CONTRACT:
            begun.update(topic.partition(".")[2].encode() + b"\0")
        copy = begun.copy

        def made(key: bytes) -> bytes:
            digest = copy()
            digest.update(key)
            return digest.digest()

        return made

    def household(self, household: str) -> str:
        """Return a household's pseudonym."""
        return self.of(HOUSEHOLD, "")(household.encode()).hex()

    def contract(self, creditor: str, contract: bytes) -> str:
        """Return the pseudonym of a creditor's contract."""
        return self.of(CONTRACT, feedback(creditor))(contract).hex()

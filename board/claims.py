"""Who goes to which household: claims are events, and the first one wins."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from eropaf.board.records import Claim
from eropaf_client.cluster import Cluster
from eropaf_client.errors import NotAcknowledged
from eropaf_client.schemas.topics import CLAIMS
from eropaf_client.sending import Acknowledged, Sender


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a household, and since when (milliseconds since 1970 UTC)."""

    id: str
    name: str
    since: int


class Claims:
    """The holders, as the topic's order makes them.

    A claim counts only where its `before` is who holds the household at that place of the topic.
    Every reader comes to the same answer, also one that starts later.
    """

    def __init__(self) -> None:
        self._holders: dict[str, Holder] = {}
        self._let_go: dict[str, Holder] = {}  # who held a household that nobody holds, until when

    def holder(self, household: str) -> Holder | None:
        """Return who holds `household`."""
        return self._holders.get(household)

    def held(self) -> Mapping[str, Holder]:
        """Return every household that is held."""
        return self._holders

    def let_go(self, holder: str) -> Iterator[tuple[str, int]]:
        """Yield what `holder` was the last to hold, and when they let go (milliseconds since 1970 UTC)."""
        for household, last in self._let_go.items():
            if last.id == holder:
                yield household, last.since

    def apply(self, claim: Claim) -> bool:
        """Take one claim in; say whether it counts."""
        holder = self._holders.get(claim.household)
        if claim.before != (holder.id if holder else None):
            return False
        if claim.holder is None:
            self._holders.pop(claim.household, None)
            if holder:
                self._let_go[claim.household] = Holder(holder.id, holder.name, claim.at)
        else:
            self._let_go.pop(claim.household, None)
            self._holders[claim.household] = Holder(claim.holder, claim.holder_name, claim.at)
        return True


class ClaimSender:
    """Publishes claims. Whether one counted is for `Claims` to say once it is read back."""

    def __init__(self, cluster: Cluster) -> None:
        self._sender = Sender(cluster, CLAIMS, "OutreachClaim")

    def send(self, household: str, before: Holder | None, holder: tuple[str, str] | None) -> Acknowledged:
        """Publish that `holder` (id and name; None: nobody) has it after `before`.

        Raises:
            NotAcknowledged: no answer in time; it may or may not be stored.
        """
        value = self._sender.encode(
            {
                "claim_id": str(uuid.uuid4()),
                "household": household,
                "before": before.id if before else None,
                "holder": holder[0] if holder else None,
                "holder_name": holder[1] if holder else None,
                "at": int(time.time() * 1000),
            }
        )
        sent = self._sender.store(household, value)
        if sent.at is None:
            raise NotAcknowledged(f"the claim was not acknowledged ({sent.error})")
        return sent.at

    def close(self) -> None:
        """Wait for what is on its way."""
        self._sender.close()

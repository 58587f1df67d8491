"""Who goes to which household: claims are events, and the first one wins."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from eropaf.board.kept import EVENTS_KEPT_MS, now_ms
from eropaf.board.records import Claim
from eropaf_client.cluster import Cluster
from eropaf_client.errors import NotAcknowledged
from eropaf_client.schemas.topics import CLAIMS
from eropaf_client.sending import Acknowledged, Sender

# How long a hand-over can be taken back: enough for the page that says so to come on a slow line.
TAKEN_BACK_WITHIN_MS = 60_000


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a household, since when, who handed it over, and since when they are checked in there.

    `told` is when that was last said, by which it ends. All are in milliseconds since 1970 UTC.
    """

    id: str
    name: str
    since: int
    before: tuple[str, str] | None = None  # id and name
    at_the_door_since: int | None = None
    told: int = 0


class Claims:
    """The holders, determined by the topic's order.

    A claim counts only if its `before` is the household's holder at that offset. It ends after 62 days, when
    the topic may have deleted it: if no younger claim is known, `before` must be older, and the claim counts.
    So every reader reaches the same answer, even one that starts later.
    """

    def __init__(self, now: Callable[[], int] = now_ms) -> None:
        self._now = now
        self._holders: dict[str, Holder] = {}
        self._let_go: dict[str, Holder] = {}  # who held a household that nobody holds, until `told`

    def holder(self, household: str) -> Holder | None:
        """Return who holds `household`."""
        return _young(self._holders.get(household), self._now())

    def returns_to(self, household: str) -> tuple[str, str] | None:
        """Return the id and name of the holder before a recent hand-over of `household`."""
        holder = self.holder(household)
        if holder is None or self._now() - holder.since > TAKEN_BACK_WITHIN_MS:
            return None
        return holder.before

    def held(self) -> Mapping[str, Holder]:
        """Return every held household."""
        now = self._now()
        return {each: holder for each, holder in self._holders.items() if _young(holder, now)}

    def let_go(self, holder: str) -> Iterator[tuple[str, int]]:
        """Yield the households last held by `holder`, and when each was released (ms since 1970)."""
        now = self._now()
        for household, last in self._let_go.items():
            if last.id == holder and _young(last, now):
                yield household, last.told

    def held_last(self, household: str, who: str) -> Holder | None:
        """Return who holds a household; where nobody does, who held it last if that is `who`."""
        last = _young(self._let_go.get(household), self._now())
        return self.holder(household) or (last if last is not None and last.id == who else None)

    def forget_old(self) -> None:
        """Forget the claims that have ended."""
        now = self._now()
        for claims in (self._holders, self._let_go):
            for household in [each for each, holder in claims.items() if not _young(holder, now)]:
                del claims[household]

    def apply(self, claim: Claim) -> bool:
        """Apply one claim; return whether it counts."""
        # A claim that says it is of a later day than it is would end those of others.
        at = min(claim.at, self._now())
        holder = _young(self._holders.get(claim.household), at)
        let_go = _young(self._let_go.get(claim.household), at)
        if (holder or let_go) and claim.before != (holder.id if holder else None):
            return False
        if claim.holder is None:
            self._holders.pop(claim.household, None)
            if claim.before is not None:  # also where what they held it by is deleted
                last = holder or Holder(claim.before, "", claim.at)
                self._let_go[claim.household] = replace(last, at_the_door_since=None, told=claim.at)
        else:
            self._let_go.pop(claim.household, None)
            self._holders[claim.household] = _held(holder, claim, at)
        return True


def _held(holder: Holder | None, claim: Claim, at: int) -> Holder:
    """Return who holds a household by a claim that counts, read at a time."""
    assert claim.holder is not None  # noqa: S101  # else it is let go
    door = claim.at_the_door_since and min(claim.at_the_door_since, at)
    if holder is not None and holder.id == claim.holder:
        # Checked in or out: who goes there, and since when, stays. What was handed over is theirs now.
        return replace(holder, before=None, at_the_door_since=door, told=claim.at)
    before = (holder.id, holder.name) if holder else None
    return Holder(claim.holder, claim.holder_name, claim.at, before, door)


def _young(holder: Holder | None, at: int) -> Holder | None:
    """Return the holder if the claim is still valid at a time; otherwise None."""
    return holder if holder is not None and at < max(holder.since, holder.told) + EVENTS_KEPT_MS else None


class ClaimSender:
    """Publishes claims. `Claims` decides whether one counted once it is read back."""

    def __init__(self, cluster: Cluster) -> None:
        self._sender = Sender(cluster, CLAIMS, "OutreachClaim")

    def send(
        self,
        household: str,
        before: Holder | None,
        holder: tuple[str, str] | None,
        at_the_door_since: int | None = None,
    ) -> Acknowledged:
        """Publish that it passes from `before` to `holder` (id and name; None: nobody).

        From somebody to themselves it says that they check in there, at a moment, or (None) out.

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
                "at": now_ms(),
                "at_the_door_since": at_the_door_since,
            }
        )
        sent = self._sender.store(household, value)
        if sent.at is None:
            raise NotAcknowledged(f"the claim was not acknowledged ({sent.error})")
        return sent.at

    def close(self) -> None:
        """Wait for records in flight."""
        self._sender.close()

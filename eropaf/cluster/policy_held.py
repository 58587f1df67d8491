"""The policy in force: the last one activated, or the settings' if none ever was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from eropaf.cluster.readable import records, say
from eropaf.risk.events import PolicyActivated
from eropaf.risk.policy import Policy
from eropaf.risk.policy_file import PolicyError, PolicyFile
from eropaf.settings import Settings
from eropaf.settings.policy import policy_text
from eropaf_client.schemas.aside import Asides
from eropaf_client.schemas.topics import POLICY


@dataclass(frozen=True, slots=True)
class Held:
    """The policy in force, and the one in the settings."""

    policy: PolicyFile
    since: datetime | None
    """When it was activated (UTC); None: never, it is the settings' own, with which every partition began."""
    named: PolicyFile
    """What EROPAF_POLICY names. It counts for nothing once another was activated."""
    unreadable: str | None = None
    """The version that was activated last, where this Eropaf cannot read it: `policy` is `named` then."""

    @property
    def differs(self) -> bool:
        """Whether the settings name a policy other than the one in force."""
        return self.policy != self.named

    @property
    def warning(self) -> str | None:
        """A warning if the settings do not name the policy in force; otherwise None."""
        if self.unreadable is not None:
            return (
                f"{self.unreadable}, which was activated, cannot be read by this version of Eropaf: what "
                "EROPAF_POLICY names holds. Check its file with `eropaf policy check`, and activate it under "
                "a new version"
            )
        if not self.differs:
            return None
        if self.policy.version == self.named.version:
            return (
                f"EROPAF_POLICY names a policy that is called {self.named.version} too and has other "
                "numbers. They count for nothing: one version has one text for ever"
            )
        return (
            f"EROPAF_POLICY names {self.named.version}, which does not hold: since a policy was activated, "
            "only `eropaf policy activate` changes it. Let EROPAF_POLICY name the same one"
        )


def held(settings: Settings) -> Held:
    """Read the policy in force."""
    return of(activations(settings), PolicyFile.parse(policy_text(settings.policy)))


def in_force(settings: Settings) -> Policy:
    """Read the numbers, the municipality and the time zone of the policy in force.

    Whoever judges by a policy outside of the flow asks for it here: EROPAF_POLICY says only what was in force
    before the first activation.

    Raises:
        BrokerUnreachable, NotPermitted, TopicMissing: nobody says which it is.
    """
    return Policy.of(held(settings).policy)


def of(activated: Iterable[PolicyActivated], named: PolicyFile) -> Held:
    """Return the policy in force, given these activations and the settings' policy `named`."""
    newest = max(activated, key=lambda each: each.at, default=None)
    if newest is None:
        return Held(named, None, named)
    try:
        policy = PolicyFile.parse(newest.text)
    except PolicyError:
        return Held(named, None, named, newest.version)
    return Held(policy, datetime.fromtimestamp(newest.at / 1000, UTC), named)


def activations(settings: Settings) -> list[PolicyActivated]:
    """Read every stored activation: the newest of each version."""
    asides = Asides()
    read = records(settings, POLICY, "PolicyActivated", asides, PolicyActivated.from_record)
    found = [activated for _, activated in read if activated is not None]
    say(asides)
    return found

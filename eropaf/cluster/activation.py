"""Puts a policy in force: in every partition at once, under a version that no other text has."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import resources

from eropaf.agents.append import Appender
from eropaf.agents.clock import ticks
from eropaf.cluster.appending import appender, new_id, now_ms
from eropaf.cluster.policy_held import activations
from eropaf.risk.events import EpochDay, PolicyActivated
from eropaf.risk.policy_file import PolicyFile
from eropaf.risk.records import HouseholdEvent
from eropaf.risk.zone import civil_zone
from eropaf.settings import Settings
from eropaf.settings.policy import policy_text
from eropaf.streams.runtime.record import Output
from eropaf_client.errors import ClientError
from eropaf_client.schemas.limits import EARLIEST_DAY
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import EVERY, POLICY
from eropaf_client.schemas.wire import Codec

# A day before every other that a household takes.
LONG_PAST = EARLIEST_DAY


class VersionTaken(ClientError):
    """Another text was already activated under this version."""


def put_in_force(settings: Settings, text: str, policy: PolicyFile) -> int:
    """Put `policy`, whose file holds `text`, in force; return in how many partitions. Idempotent.

    Raises:
        VersionTaken: its version is another text's.
        BrokerUnreachable, NotPermitted, TopicMissing: nothing was activated.

    """
    registry = settings.registry()
    before, now = activations(settings), now_ms()
    refuse_another_text(settings, before, policy.version, text)
    opened = appender(settings)
    activated = PolicyActivated(policy.version, text, moment_behind(before, now))
    # Where no clock runs, no time passes either.
    today = civil_zone(policy.time_zone).day_of(now) if settings.clock == "wall" else LONG_PAST
    opened.write(_activation(opened, registry, activated, today))
    return opened.partitions


def _activation(
    opened: Appender, registry: Registry, activated: PolicyActivated, today: EpochDay
) -> list[Output]:
    text = Codec("PolicyActivated", POLICY, registry).encode(activated.to_record())
    event = HouseholdEvent(EVERY, new_id("policy"), activated.at, policy=activated)
    everywhere = [opened.event(event, activated.at, partition) for partition in range(opened.partitions)]
    # Who is not heard of again is looked at too: a slice at a time, so that nobody waits for all.
    return [
        Output(POLICY, activated.version.encode(), text, activated.at),
        *everywhere,
        *ticks(opened, today),
    ]


def moment_behind(before: Iterable[PolicyActivated], now: int) -> int:
    """Return a moment behind every activation: workers take none that is older than what is in force.

    The clock of whoever activated before may have been ahead of this one.
    """
    return max([now, *[one.at + 1 for one in before]])


def refuse_another_text(
    settings: Settings, before: Iterable[PolicyActivated], version: str, text: str
) -> None:
    """Refuse a text whose version belongs to another: the settings', a shipped or an activated one.

    Raises:
        VersionTaken: another text has this version.

    """
    # What every partition began with has its version too, though it was never activated.
    own = policy_text(settings.policy)
    known = [(PolicyFile.parse(own).version, own, "stands in EROPAF_POLICY")]
    known += [(PolicyFile.parse(each).version, each, "is shipped") for each in _shipped()]
    known += [(one.version, one.text, "was activated before") for one in before]
    for taken, stands, where in known:
        if taken == version and stands != text:
            raise VersionTaken(
                f"another text {where} as {version}. A version's text never changes: give this one a new "
                "version"
            )


def _shipped() -> list[str]:
    folder = resources.files("eropaf.risk") / "policies"
    return [file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".toml")]

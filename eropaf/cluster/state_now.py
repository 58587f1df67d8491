"""How the deployment stands now, and what in it needs a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from typing import Any

from eropaf.agents.topology import stages
from eropaf.cluster.clock_told import told_last
from eropaf.cluster.dead_letters import open_letters
from eropaf.cluster.policy_held import Held, held
from eropaf.settings import Settings
from eropaf.streams.operate.group import Group, described
from eropaf.streams.operate.topics import admin
from eropaf_client.files.understood import counted


@dataclass(frozen=True, slots=True)
class StateNow:
    """What an operator asks first, of one moment."""

    version: str
    bootstrap: str
    group: Group
    policy: Held
    rejected: Mapping[str, int]
    """Rejected records that are open, by reason."""
    told_on: date | None
    """The newest day that was told within the last 26 hours; None where none was."""

    def needs(self) -> list[str]:
        """Return what needs a person, a sentence each; empty where nothing does."""
        found = []
        if not self.group.members:
            found.append("no worker runs: start one (`eropaf run`)")
        unread = sum(stage.unread for stage in self.group.stages)
        if self.group.members and unread:
            found.append(
                f"{counted(unread, 'partition')} read by no worker. While workers join or leave that lasts "
                "some seconds; look again"
            )
        found += [
            f"records {loss} were deleted before they were read, and nobody reads on there: see "
            "docs/runbooks/EropafRecordsLost.md"
            for stage in self.group.stages
            for loss in stage.lost
        ]
        if self.rejected:
            waiting = counted(sum(self.rejected.values()), "rejected record")
            found.append(f"{waiting} to be dealt with: `eropaf rejected list`")
        if self.group.members and self.told_on is None:
            found.append(
                "no day was told since yesterday, so no deadline comes near: let EROPAF_CLOCK be `wall` on "
                "the workers, or run `eropaf tick` each day (docs/runbooks/EropafClockStopped.md)"
            )
        if self.policy.warning:
            found.append(self.policy.warning)
        return found


def state_now(settings: Settings) -> StateNow:
    """Ask the cluster how the deployment stands.

    Raises:
        BrokerUnreachable: nobody answers.

    """
    flow = stages(settings.group, settings.creditors, settings.registry())
    kafka = admin(settings.bootstrap, settings.kafka_client)
    group = described(kafka, settings.bootstrap, settings.kafka_client, settings.group, flow.all())
    reasons = Counter(letter.reason for letter in open_letters(settings).index() if letter.open)
    return StateNow(
        version=version("eropaf"),
        bootstrap=settings.bootstrap,
        group=group,
        policy=held(settings),
        rejected=dict(reasons.most_common()),
        told_on=told_last(settings, kafka),
    )


def as_json(now: StateNow) -> dict[str, Any]:
    """Return it for a program to read."""
    since = now.policy.since
    return {
        "version": now.version,
        "bootstrap": now.bootstrap,
        "group": now.group.state,
        "workers": [
            {"name": each.name, "host": each.host, "partitions": each.partitions}
            for each in now.group.members
        ],
        "stages": [
            {
                "stage": each.stage,
                "waiting": each.records,
                "unread_partitions": each.unread,
                "lost": [str(loss) for loss in each.lost],
            }
            for each in now.group.stages
        ],
        "policy": {
            "holds": now.policy.policy.version,
            "since": None if since is None else since.isoformat(timespec="seconds"),
            "settings_name": now.policy.named.version,
        },
        "rejected_open": dict(now.rejected),
        "clock_told": None if now.told_on is None else now.told_on.isoformat(),
        "needs_a_person": now.needs(),
    }


def in_lines(now: StateNow) -> list[str]:
    """Return it for a person to read, on one screen."""
    since = now.policy.since
    holds = "from the start" if since is None else f"since {since:%Y-%m-%d %H:%M} UTC"
    rejected = ", ".join(f"{count} {reason}" for reason, count in now.rejected.items()) or "none open"
    return [
        f"Eropaf {now.version} at {now.bootstrap}, group {now.group.state}",
        *(
            f"worker    {each.name} on {each.host}: {counted(each.partitions, 'partition')}"
            for each in now.group.members
        ),
        *(f"waiting   {each.stage}: {counted(each.records, 'record')}" for each in now.group.stages),
        f"policy    {now.policy.policy.version}, {holds}",
        f"rejected  {rejected}",
        f"clock     {now.told_on or 'no day'} was told last",
    ]

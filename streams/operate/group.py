"""A group of workers as the cluster describes it: who is there, what each reads, and what waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass

from confluent_kafka import Consumer
from confluent_kafka.admin import AdminClient, ConsumerGroupDescription

from eropaf.streams.operate import reading
from eropaf.streams.operate.answers import ANSWER_WITHIN_S, answer
from eropaf.streams.runtime.loss import Loss
from eropaf.streams.runtime.stage import Stage
from eropaf.streams.topic_partition import TP


@dataclass(frozen=True, slots=True)
class Member:
    """One worker of the group, and how many input partitions it reads."""

    name: str
    host: str
    partitions: int


@dataclass(frozen=True, slots=True)
class Waits:
    """What waits to be read by one stage, and how many of its input partitions no worker reads."""

    stage: str
    records: int
    unread: int
    lost: tuple[Loss, ...] = ()
    """What was deleted before it was read."""


@dataclass(frozen=True, slots=True)
class Group:
    """The group at one moment."""

    state: str
    members: tuple[Member, ...]
    stages: tuple[Waits, ...]


def described(
    kafka: AdminClient, bootstrap: str, client: Mapping[str, str], group: str, stages: Iterable[Stage]
) -> Group:
    """Describe `group` and what each of `stages` has before it. Blocking; joins nothing.

    Needs the right to describe the group and the topics that it reads, and no more.
    """
    found = reading.patiently(lambda: _description(kafka, group))
    taken = {
        TP(tp.topic, tp.partition) for member in found.members for tp in member.assignment.topic_partitions
    }
    members = [
        Member(each.client_id, each.host.lstrip("/"), len(each.assignment.topic_partitions))
        for each in found.members
    ]
    inputs = {
        stage.name: [tp for topic in stage.inputs for tp in reading.partitions(kafka, topic)]
        for stage in stages
    }
    every = [tp for tps in inputs.values() for tp in tps]
    read_until = noted(bootstrap, client, group, every)
    begun, ends = reading.beginnings(kafka, every), reading.ends(kafka, every)
    return Group(
        str(getattr(found.state, "name", found.state)).lower(),
        tuple(sorted(members, key=lambda member: (member.name, member.host))),
        tuple(
            Waits(
                name,
                sum(max(0, ends[tp] - max(read_until[tp], begun[tp])) for tp in tps),
                len(set(tps) - taken),
                tuple(Loss(*tp, read_until[tp], begun[tp] - 1) for tp in tps if read_until[tp] < begun[tp]),
            )
            for name, tps in inputs.items()
        ),
    )


def outsider(bootstrap: str, client: Mapping[str, str], group: str) -> Consumer:
    """Return what asks for and notes the offsets of `group`, and never joins it.

    It waits for pending transactions over them.
    """
    settings = {"bootstrap.servers": bootstrap, "group.id": group, "isolation.level": "read_committed"}
    return Consumer({**client, **settings, "log_level": 0})


def _description(kafka: AdminClient, group: str) -> ConsumerGroupDescription:
    asked = kafka.describe_consumer_groups([group], request_timeout=ANSWER_WITHIN_S)[group]
    description: ConsumerGroupDescription = answer(asked, ANSWER_WITHIN_S)
    return description


def noted(bootstrap: str, client: Mapping[str, str], group: str, tps: list[TP]) -> dict[TP, int]:
    """Return up to where the group has noted that it read each partition; 0 where it has noted nothing.

    Raises:
        NotAllowed: this user may not see the group.

    """
    with closing(outsider(bootstrap, client, group)) as asking:
        return {tp: max(0, offset) for tp, offset in reading.committed(asking, tps).items()}

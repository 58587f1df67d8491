"""A group of workers as the cluster describes it: who is there, what each reads, and what waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from confluent_kafka import Consumer
from confluent_kafka.admin import AdminClient, ConsumerGroupDescription
from faust.types import TP

from eropaf.streams.operate import reading
from eropaf.streams.runtime.stage import Stage

ANSWER_WITHIN_S = 10.0


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
    lag = _lag(kafka, bootstrap, client, group, [tp for tps in inputs.values() for tp in tps])
    return Group(
        str(getattr(found.state, "name", found.state)).lower(),
        tuple(sorted(members, key=lambda member: (member.name, member.host))),
        tuple(Waits(name, sum(lag[tp] for tp in tps), len(set(tps) - taken)) for name, tps in inputs.items()),
    )


def _description(kafka: AdminClient, group: str) -> ConsumerGroupDescription:
    answer = kafka.describe_consumer_groups([group], request_timeout=ANSWER_WITHIN_S)[group]
    description: ConsumerGroupDescription = answer.result(timeout=ANSWER_WITHIN_S)
    return description


def _lag(
    kafka: AdminClient, bootstrap: str, client: Mapping[str, str], group: str, tps: list[TP]
) -> Counter[TP]:
    """Return how many records stand after each committed offset; all that is held, where there is none."""
    settings = {"bootstrap.servers": bootstrap, "group.id": group, "log_level": 0}
    asking = Consumer({**client, **settings})  # never joins
    try:
        offsets = reading.committed(asking, tps)
    finally:
        asking.close()
    begun = reading.beginnings(kafka, [tp for tp, offset in offsets.items() if offset < 0])
    ends = reading.ends(kafka, tps)
    return Counter({tp: max(0, ends[tp] - begun.get(tp, offsets[tp])) for tp in tps})

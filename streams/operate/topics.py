"""Topics as they must be: created explicitly, and checked if they already exist."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from eropaf.streams.errors import BrokerUnreachable, TopicMismatch, TopicMissing, TopicSettingsDiffer, refused
from eropaf.streams.operate.answers import answer
from eropaf.streams.operate.batches import batches

# Before a command does anything, so that a mistyped address is reported soon.
BROKER_REACHED_WITHIN_S = 8.0
# For hundreds of topics at once: a busy broker takes a while to create and announce them.
MANY_WITHIN_S = 60.0

PARTITIONS = "partitions"


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: its number of partitions, and the settings that matter to us."""

    name: str
    partitions: int
    config: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """One setting of a topic that is not as required; the number of partitions counts as one."""

    topic: str
    setting: str
    has: str | None
    must_have: str

    @property
    def may_change(self) -> bool:
        """Whether it can be corrected while the topic holds records, without losing any or their order."""
        return self.setting not in (PARTITIONS, "cleanup.policy")

    def entry(self) -> ConfigEntry:
        """Return the change as Kafka's client has it."""
        return ConfigEntry(self.setting, self.must_have, incremental_operation=AlterConfigOpType.SET)

    def __str__(self) -> str:
        if self.setting == PARTITIONS:
            return f"{self.topic} has {self.has} partitions, must have {self.must_have}"
        return f"{self.topic} has {self.setting}={self.has}, must have {self.setting}={self.must_have}"


def admin(bootstrap: str, client: Mapping[str, str]) -> AdminClient:
    """Connect to a cluster.

    Raises:
        BrokerUnreachable: no answer within eight seconds.

    """
    # librdkafka's log lines about refused connections would only repeat our error.
    kafka = AdminClient({**client, "bootstrap.servers": bootstrap, "log_level": 0})
    try:
        kafka.list_topics(timeout=BROKER_REACHED_WITHIN_S)
    except KafkaException as error:
        raise BrokerUnreachable(
            f"no Kafka broker answered at {bootstrap} within {BROKER_REACHED_WITHIN_S:.0f} s "
            f"({error.args[0].str()})"
        ) from None
    return kafka


def ensure(kafka: AdminClient, topics: Iterable[Topic], replication: int = -1) -> list[str]:
    """Create the missing topics; return their names. Check the others.

    `replication` -1: the broker's default.

    Raises:
        TopicMismatch: some topic exists with other settings; the message names every difference.
        NotAllowed: this user may not create a topic, or describe its settings.

    """
    wanted = {topic.name: topic for topic in topics}
    existing = kafka.list_topics(timeout=MANY_WITHIN_S).topics
    missing = [topic for name, topic in wanted.items() if name not in existing]
    for batch in batches(missing, lambda topic: 1 + topic.partitions + len(topic.config)):
        made = kafka.create_topics(
            [NewTopic(t.name, t.partitions, replication, config=dict(t.config)) for t in batch]
        )
        for name, future in made.items():
            _finish_creation(future, name)
    _wait_until_known(kafka, wanted)
    check(kafka, wanted.values())
    return [topic.name for topic in missing]


def check(kafka: AdminClient, topics: Iterable[Topic]) -> None:
    """Check that each topic exists with the required settings.

    Raises:
        TopicMissing: some topic does not exist.
        TopicMismatch: some topic has other settings; `TopicSettingsDiffer` if `mend` can correct them.

    """
    wanted = {topic.name: topic for topic in topics}
    existing = kafka.list_topics(timeout=MANY_WITHIN_S).topics
    absent = sorted(name for name in wanted if name not in existing)
    if absent:
        raise TopicMissing(f"no topic {', '.join(absent)}")
    found = _differences(kafka, wanted)
    if found:
        raise _mismatch(found)


def mend(kafka: AdminClient, topics: Iterable[Topic]) -> list[Difference]:
    """Correct the settings of each existing topic; return what was changed, once it is in effect.

    Raises:
        TopicMismatch: some difference cannot be corrected; nothing was changed.
        NotAllowed: this user may not change a topic.

    """
    existing = kafka.list_topics(timeout=MANY_WITHIN_S).topics
    wanted = {topic.name: topic for topic in topics if topic.name in existing}
    found = _differences(kafka, wanted) if wanted else []
    if not all(one.may_change for one in found):
        raise _mismatch(found)
    if not found:
        return []
    changes = [
        ConfigResource(ResourceType.TOPIC, name, incremental_configs=[one.entry() for one in of_topic])
        for name, of_topic in groupby(found, key=attrgetter("topic"))
    ]
    for batch in batches(changes, lambda change: len(change.incremental_configs)):
        for resource, future in kafka.incremental_alter_configs(batch).items():
            try:
                answer(future, MANY_WITHIN_S)
            except KafkaException as error:
                raise refused(error.args[0], "ALTER_CONFIGS of", resource.name) from None
    # The broker that answers learns of it slightly later than the controller.
    deadline = time.monotonic() + MANY_WITHIN_S
    while _differences(kafka, wanted) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def _mismatch(found: Sequence[Difference]) -> TopicMismatch:
    kind = TopicSettingsDiffer if all(one.may_change for one in found) else TopicMismatch
    return kind("topics exist with other settings: " + "; ".join(map(str, found)))


def _differences(kafka: AdminClient, wanted: Mapping[str, Topic]) -> list[Difference]:
    """Return what differs, by topic; each of `wanted` exists."""
    existing = kafka.list_topics(timeout=MANY_WITHIN_S).topics
    held = _settings(kafka, sorted(wanted))
    found = []
    for name, topic in sorted(wanted.items()):
        has = {**held[name], PARTITIONS: str(len(existing[name].partitions))}
        must = {PARTITIONS: str(topic.partitions), **topic.config}
        found += [
            Difference(name, key, has.get(key), value) for key, value in must.items() if has.get(key) != value
        ]
    return found


def compacted(kafka: AdminClient, names: Iterable[str]) -> set[str]:
    """Return the compacted topics among `names`."""
    settings = _settings(kafka, sorted(names))
    return {name for name, held in settings.items() if "compact" in held["cleanup.policy"]}


def oldest_taken(kafka: AdminClient, names: Iterable[str], now_ms: int) -> dict[str, int]:
    """Return the oldest timestamp that each topic accepts, in milliseconds since 1970 UTC; 0: any."""
    settings = _settings(kafka, sorted(names))
    return {
        name: max(0, now_ms - int(held["message.timestamp.before.max.ms"])) for name, held in settings.items()
    }


def _finish_creation(future: Future[None], name: str) -> None:
    try:
        answer(future, MANY_WITHIN_S)
    except KafkaException as error:
        # Another worker was first; whether it created the same topic is checked next.
        if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise refused(error.args[0], "CREATE", name) from None


def _wait_until_known(kafka: AdminClient, names: Iterable[str]) -> None:
    """Return once the broker knows all of `names`, or has learned of no more of them for a minute.

    The controller, which created them, tells it a little later.
    """
    unheard, deadline = set(names), time.monotonic() + MANY_WITHIN_S
    while still := unheard - kafka.list_topics(timeout=MANY_WITHIN_S).topics.keys():
        if still != unheard:
            unheard, deadline = still, time.monotonic() + MANY_WITHIN_S
        if time.monotonic() > deadline:
            return
        time.sleep(0.05)


def _settings(kafka: AdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    answers = kafka.describe_configs([ConfigResource(ResourceType.TOPIC, name) for name in names])
    return {resource.name: _told(future, resource.name) for resource, future in answers.items()}


def _told(future: Future[dict[str, ConfigEntry]], name: str) -> dict[str, str]:
    try:
        return {key: str(entry.value) for key, entry in answer(future, MANY_WITHIN_S).items()}
    except KafkaException as error:
        raise refused(error.args[0], "DESCRIBE_CONFIGS of", name) from None

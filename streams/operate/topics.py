"""Topics as they must be: made explicitly, and checked when they exist already."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, ConfigEntry, ConfigResource, NewTopic, ResourceType

from eropaf.streams.errors import BrokerUnreachable, TopicMismatch, TopicMissing, refused

ANSWER_WITHIN_S = 8.0

DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: how many partitions, and the settings that matter to us."""

    name: str
    partitions: int
    config: Mapping[str, str] = field(default_factory=dict)


def admin(bootstrap: str, client: Mapping[str, str]) -> AdminClient:
    """Connect to a cluster.

    Raises:
        BrokerUnreachable: no answer within eight seconds.

    """
    # librdkafka's own lines about refused connections would only repeat our error.
    kafka = AdminClient({**client, "bootstrap.servers": bootstrap, "log_level": 0})
    try:
        kafka.list_topics(timeout=ANSWER_WITHIN_S)
    except KafkaException as error:
        raise BrokerUnreachable(
            f"no Kafka broker answered at {bootstrap} within {ANSWER_WITHIN_S:.0f} s "
            f"({error.args[0].str()}). Is it running (`eropaf kafka status`), and is EROPAF_BOOTSTRAP right?"
        ) from None
    return kafka


def ensure(kafka: AdminClient, topics: Iterable[Topic], replication: int = -1) -> list[str]:
    """Make the topics that are missing; give their names. Check the others.

    `replication` -1 takes the broker's default.

    Raises:
        TopicMismatch: some topic exists with other settings; the message names every difference.
        NotAllowed: this user may not make a topic, or see how one is kept.

    """
    wanted = {topic.name: topic for topic in topics}
    existing = kafka.list_topics(timeout=ANSWER_WITHIN_S).topics
    missing = [topic for name, topic in wanted.items() if name not in existing]
    made = (
        kafka.create_topics(
            [NewTopic(t.name, t.partitions, replication, config=dict(t.config)) for t in missing]
        )
        if missing
        else {}
    )
    for name, future in made.items():
        _finish_creation(future, name)
    _wait_until_known(kafka, wanted)
    check(kafka, wanted.values())
    return [topic.name for topic in missing]


def check(kafka: AdminClient, topics: Iterable[Topic]) -> None:
    """Check that each topic is there as it must be.

    Raises:
        TopicMissing: some topic does not exist.
        TopicMismatch: some topic has other settings.

    """
    wanted = {topic.name: topic for topic in topics}
    existing = kafka.list_topics(timeout=ANSWER_WITHIN_S).topics
    absent = sorted(name for name in wanted if name not in existing)
    if absent:
        raise TopicMissing(f"no topic {', '.join(absent)}. Make them with `eropaf topics create`")
    differences = [
        f"{name} has {len(existing[name].partitions)} partitions, must have {topic.partitions}"
        for name, topic in sorted(wanted.items())
        if len(existing[name].partitions) != topic.partitions
    ]
    settings = _settings(kafka, sorted(wanted))
    differences += [
        f"{name} has {key}={settings[name].get(key)}, must have {key}={value}"
        for name, topic in sorted(wanted.items())
        for key, value in topic.config.items()
        if settings[name].get(key) != value
    ]
    if differences:
        raise TopicMismatch(
            "topics exist with other settings: " + "; ".join(differences) + ". "
            "Change the topics (kafka-configs), or the partitions setting, and start again"
        )


def compacted(kafka: AdminClient, names: Iterable[str]) -> set[str]:
    """Give those of `names` of which only the last record of a key is kept."""
    settings = _settings(kafka, sorted(names))
    return {name for name, held in settings.items() if "compact" in held["cleanup.policy"]}


def _finish_creation(future: Future[None], name: str) -> None:
    try:
        future.result(timeout=ANSWER_WITHIN_S)
    except KafkaException as error:
        # Another worker was first; whether it made the same topic is checked next.
        if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise refused(error.args[0], "CREATE", name) from None


def _wait_until_known(kafka: AdminClient, names: Iterable[str]) -> None:
    """Return when the broker that answers has heard of `names`: the controller tells it a little later."""
    deadline = time.monotonic() + ANSWER_WITHIN_S
    while set(names) - kafka.list_topics(timeout=ANSWER_WITHIN_S).topics.keys():
        if time.monotonic() > deadline:
            return
        time.sleep(0.05)


def _settings(kafka: AdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    answers = kafka.describe_configs([ConfigResource(ResourceType.TOPIC, name) for name in names])
    return {resource.name: _told(future, resource.name) for resource, future in answers.items()}


def _told(future: Future[dict[str, ConfigEntry]], name: str) -> dict[str, str]:
    try:
        return {key: str(entry.value) for key, entry in future.result(timeout=ANSWER_WITHIN_S).items()}
    except KafkaException as error:
        raise refused(error.args[0], "DESCRIBE_CONFIGS of", name) from None

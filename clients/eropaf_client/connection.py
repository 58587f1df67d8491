"""A reader of topics, and the first contact with a cluster: in time, or an error that says why."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Mapping
from concurrent import futures
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient

from eropaf_client.errors import (
    BrokerUnreachable,
    ClientBroken,
    ClientError,
    NotAuthenticated,
    NotPermitted,
    TopicMissing,
)
from eropaf_client.ledger import Identity

LOG = logging.getLogger("eropaf_client")

LAG_WITHIN_S = 2.0
READ_AT_ONCE = 1000
# A leader is elected in less; meanwhile a topic is there, and cannot be used.
ASK_AGAIN_S = 0.2

REFUSED_AT_THE_DOOR = (KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED, KafkaError._SSL)
NOT_PERMITTED = (
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
)
NO_TOPIC = (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC, KafkaError._UNKNOWN_PARTITION)


@dataclass(frozen=True)
class Timing:
    """How long a client waits. One for each client; what is not said is as here."""

    answer_within_s: float = 8.0
    """For a broker's answer, at the start and where a topic is read to its end."""

    acknowledged_within_s: float = 30.0
    """For a record to be stored, all retries within it."""

    linger_ms: int = 5
    """For more records that go to the broker together."""


USUAL = Timing()


class Troubles:
    """What a Kafka client said that went wrong beside a call: told to the log, and the newest kept."""

    def __init__(self, config: Mapping[str, Any] | None) -> None:
        self._also = (config or {}).get("error_cb")
        self.newest = ""
        self.refused = ""

    def __call__(self, error: KafkaError) -> None:
        """Take one in; librdkafka calls this from within `poll`."""
        self.newest = error.str()
        if error.code() in REFUSED_AT_THE_DOOR:
            self.refused = error.str()
        LOG.warning("kafka client: %s", error.str())
        if self._also is not None:
            self._also(error)

    def check(self, bootstrap: str) -> None:
        """Raise what cannot get better by waiting.

        Raises:
            NotAuthenticated: a broker does not accept who we say we are.
        """
        if self.refused:
            said, self.refused = self.refused, ""
            raise NotAuthenticated(
                f"{bootstrap} did not accept this client ({said}). Check name, secret and certificate"
            )


def reader(
    bootstrap: str,
    purpose: str,
    config: Mapping[str, Any] | None,
    wait_ms: int = 50,
    troubles: Troubles | None = None,
) -> Consumer:
    """Make a reader of what was saved for good, whose partitions are taken by hand.

    It has a group of its own name, begun with `purpose`, and never joins it. A broker tells it of the end
    of a partition once it has waited `wait_ms` for more. Where a position is no longer held, it goes on
    with the oldest that is.
    """
    return Consumer(
        {
            **(config or {}),
            "bootstrap.servers": bootstrap,
            "group.id": f"{purpose}-{uuid.uuid4()}",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
            "fetch.wait.max.ms": wait_ms,
            "log_level": 0,
            "error_cb": troubles or Troubles(config),
        }
    )


def check(
    client: Any, bootstrap: str, topic: str, timing: Timing = USUAL, troubles: Troubles | None = None
) -> int:
    """Ask the cluster for `topic`; return its number of partitions.

    Raises:
        BrokerUnreachable: no answer in time.
        NotAuthenticated, NotPermitted: the answer was no.
        TopicMissing: there is no such topic, or it may not be seen.
    """
    ends = time.monotonic() + timing.answer_within_s
    while True:
        try:
            found = client.list_topics(topic, timeout=max(0.1, ends - time.monotonic())).topics[topic]
        except KafkaException as error:
            client.poll(0)  # what was said beside it is told by this
            if troubles is not None:
                troubles.check(bootstrap)
            raise unreachable(bootstrap, error, timing) from None
        if found.error is None:
            return len(found.partitions)
        if found.error.code() != KafkaError.LEADER_NOT_AVAILABLE:
            raise told(found.error, bootstrap, topic)
        if time.monotonic() >= ends:
            raise BrokerUnreachable(
                f"{topic} at {bootstrap} has no leader. Is a broker down? Try again when it is back"
            )
        time.sleep(ASK_AGAIN_S)


def identity(
    bootstrap: str, topic: str, config: Mapping[str, Any] | None, timing: Timing = USUAL
) -> Identity:
    """Ask the cluster for its own id and that of `topic`.

    Raises:
        BrokerUnreachable, NotAuthenticated, NotPermitted, TopicMissing: as `check`.
    """
    troubles = Troubles(config)
    own: dict[str, Any] = {
        **(config or {}),
        "bootstrap.servers": bootstrap,
        "log_level": 0,
        "error_cb": troubles,
    }
    admin = AdminClient(own)
    check(admin, bootstrap, topic, timing, troubles)
    try:
        cluster = admin.list_topics(topic, timeout=timing.answer_within_s).cluster_id
        asked = admin.describe_topics(TopicCollection([topic]), request_timeout=timing.answer_within_s)
        described = asked[topic].result(timing.answer_within_s)
    except KafkaException as error:
        raise unreachable(bootstrap, error, timing) from None
    except futures.TimeoutError:
        raise BrokerUnreachable(
            f"{bootstrap} did not say within {timing.answer_within_s:g} s which topic {topic} is. Try again"
        ) from None
    return Identity(str(cluster), str(described.topic_id))


def unreachable(bootstrap: str, error: KafkaException, timing: Timing) -> ClientError:
    """Say that nobody answered, or what the answer was."""
    cause: KafkaError = error.args[0]
    if cause.code() in (*NOT_PERMITTED, *NO_TOPIC, *REFUSED_AT_THE_DOOR):
        return told(cause, bootstrap)
    return BrokerUnreachable(
        f"no Kafka broker answered at {bootstrap} within {timing.answer_within_s:g} s "
        f"({cause.str()}). Check the address, and that the broker is running"
    )


def told(error: KafkaError, bootstrap: str, topic: str = "") -> ClientError:
    """Say in our words what a broker or the Kafka client said."""
    said, what = error.str(), topic or "this"
    if error.code() in NOT_PERMITTED:
        return NotPermitted(
            f"{what} is not permitted at {bootstrap} ({said}). Ask for the right there: "
            "docs/reference/acls.md"
        )
    if error.code() in REFUSED_AT_THE_DOOR:
        return NotAuthenticated(
            f"{bootstrap} did not accept this client ({said}). Check name, secret and certificate"
        )
    if error.code() in NO_TOPIC:
        return TopicMissing(
            f"no topic {topic} at {bootstrap} ({said}). Is the creditor known there "
            "(EROPAF_CREDITORS), and were the topics made (`eropaf topics create`)?"
        )
    return ClientBroken(f"the Kafka client cannot go on ({said}). Make a new one")


def arrived(consumer: Consumer, wait_s: float) -> list[Message]:
    """Return what has come, ends of partitions too; wait at most `wait_s` for the first, and for no more."""
    messages = consumer.consume(1, timeout=wait_s)
    return messages + consumer.consume(READ_AT_ONCE - 1, timeout=0) if messages else messages


def behind(client: Any, places: Mapping[tuple[str, int], int]) -> int | None:
    """Return how many records lie between `places`, the offsets to be read next, and the ends.

    None where no broker answers.
    """
    count = 0
    for (topic, partition), offset in places.items():
        try:
            low, high = client.get_watermark_offsets(TopicPartition(topic, partition), timeout=LAG_WITHIN_S)
        except KafkaException:
            return None
        count += max(0, high - max(low, offset))
    return count

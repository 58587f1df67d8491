"""The first contact with a cluster, and a reader of its topics, with bounded waits and clear errors."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Mapping
from concurrent import futures
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient

from eropaf_client.cluster import Cluster
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
# For the next record; after that a reader checks whether to stop.
POLL_WAIT_S = 1.0
MESSAGES_AT_ONCE = 1000
# Electing a leader takes less; until then a topic exists but cannot be used.
ASK_AGAIN_S = 0.2

REFUSED_AT_THE_DOOR = (KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED, KafkaError._SSL)
NOT_PERMITTED = (
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
)
NO_TOPIC = (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC, KafkaError._UNKNOWN_PARTITION)
# Waiting does not help.
HOPELESS = (*NOT_PERMITTED, *NO_TOPIC, *REFUSED_AT_THE_DOOR)


class Troubles:
    """Errors that a Kafka client reports outside a call: logged, and a refusal is kept."""

    def __init__(self, cluster: Cluster) -> None:
        self._at = cluster.bootstrap
        self._also = cluster.config.get("error_cb")
        self._refused = ""

    def __call__(self, error: KafkaError) -> None:
        """Handle one error; librdkafka calls this from within `poll`."""
        if error.code() in REFUSED_AT_THE_DOOR:
            self._refused = error.str()
        LOG.warning("kafka client: %s", error.str())
        if self._also is not None:
            try:
                self._also(error)
            except Exception:  # the user's callback; it must not end the polling thread
                LOG.exception("error_cb failed")

    def check(self) -> None:
        """Raise an error that waiting will not resolve.

        Raises:
            NotAuthenticated: authentication failed.
        """
        if self._refused:
            said, self._refused = self._refused, ""
            raise not_accepted(self._at, said)


def options(cluster: Cluster, troubles: Troubles, **own: Any) -> dict[str, Any]:
    """Return a Kafka client's settings: the user's, overridden by ours and by `own` (`_` for each dot)."""
    named = {name.replace("_", "."): value for name, value in own.items()}
    ours = {"bootstrap.servers": cluster.bootstrap, "log_level": 0, "error_cb": troubles}
    return {**cluster.config, **ours, **named}


def reader(cluster: Cluster, purpose: str, troubles: Troubles, wait_ms: int = 50) -> Consumer:
    """Return a read-committed consumer with manually assigned partitions.

    Its group name starts with `purpose`, and it never joins that group. A broker reports the end of a
    partition after waiting `wait_ms` for more. If a position no longer exists, it continues at the oldest one
    that does.
    """
    return Consumer(
        options(
            cluster,
            troubles,
            group_id=f"{purpose}-{uuid.uuid4()}",
            enable_auto_commit=False,
            isolation_level="read_committed",
            enable_partition_eof=True,
            auto_offset_reset="earliest",
            fetch_wait_max_ms=wait_ms,
        )
    )


def check(client: Any, cluster: Cluster, topic: str, troubles: Troubles) -> int:
    """Look up `topic`; return its number of partitions.

    Raises:
        BrokerUnreachable: no answer in time.
        NotAuthenticated, NotPermitted: the cluster refused.
        TopicMissing: the topic does not exist, or this principal may not see it.
    """
    ends = time.monotonic() + cluster.timing.answer_within_s
    while True:
        try:
            found = client.list_topics(topic, timeout=max(0.1, ends - time.monotonic())).topics[topic]
        except KafkaException as error:
            client.poll(0)  # it covers what the client reported alongside
            troubles.check()
            raise unreachable(cluster, error) from None
        if found.error is None:
            return len(found.partitions)
        if found.error.code() != KafkaError.LEADER_NOT_AVAILABLE:
            raise told(found.error, cluster, topic)
        if time.monotonic() >= ends:
            raise BrokerUnreachable(
                f"{topic} at {cluster.bootstrap} has no leader. Is a broker down? Try again when it is back"
            )
        time.sleep(ASK_AGAIN_S)


def identity(cluster: Cluster, topic: str) -> Identity:
    """Return the id of the cluster and of `topic`.

    Raises:
        BrokerUnreachable, NotAuthenticated, NotPermitted, TopicMissing: as `check`.
    """
    troubles, within_s = Troubles(cluster), cluster.timing.answer_within_s
    admin = AdminClient(options(cluster, troubles))
    check(admin, cluster, topic, troubles)
    try:
        found = admin.list_topics(topic, timeout=within_s).cluster_id
        asked = admin.describe_topics(TopicCollection([topic]), request_timeout=within_s)
        described = asked[topic].result(within_s)
    except KafkaException as error:
        raise unreachable(cluster, error) from None
    except futures.TimeoutError:
        raise BrokerUnreachable(
            f"{cluster.bootstrap} did not identify topic {topic} within {within_s:g} s. Try again"
        ) from None
    return Identity(str(found), str(described.topic_id))


def unreachable(cluster: Cluster, error: KafkaException) -> ClientError:
    """Return the error for a cluster that did not answer, or that refused."""
    cause: KafkaError = error.args[0]
    if cause.code() in HOPELESS:
        return told(cause, cluster)
    return BrokerUnreachable(
        f"no Kafka broker answered at {cluster.bootstrap} within {cluster.timing.answer_within_s:g} s "
        f"({cause.str()}). Check the address, and that the broker is running"
    )


def told(error: KafkaError, cluster: Cluster, topic: str = "") -> ClientError:
    """Return our error for one of the broker's or the Kafka client's."""
    said, what, at = error.str(), topic or "this", cluster.bootstrap
    if error.code() in NOT_PERMITTED:
        return NotPermitted(
            f"{what} is not permitted at {at} ({said}). Ask for the right there: docs/reference/acls.md"
        )
    if error.code() in REFUSED_AT_THE_DOOR:
        return not_accepted(at, said)
    if error.code() in NO_TOPIC:
        return TopicMissing(
            f"no topic {topic} at {at} ({said}). Is the creditor known there "
            "(EROPAF_CREDITORS), and were the topics made (`eropaf topics create`)?"
        )
    return ClientBroken(f"the Kafka client cannot go on ({said}). Make a new one")


def not_accepted(bootstrap: str, said: str) -> NotAuthenticated:
    """Return the error for failed authentication."""
    return NotAuthenticated(
        f"{bootstrap} did not accept this client ({said}). Check name, secret and certificate"
    )


def arrived(consumer: Consumer, wait_s: float) -> list[Message]:
    """Return the messages and partition ends that have arrived; wait up to `wait_s`, for the first only."""
    messages = consumer.consume(1, timeout=wait_s)
    return messages + consumer.consume(MESSAGES_AT_ONCE - 1, timeout=0) if messages else messages


def behind(client: Any, next_offsets: Mapping[tuple[str, int], int]) -> int | None:
    """Return the number of records between `next_offsets`, the next to read, and the ends.

    None if no broker answers.
    """
    count = 0
    for (topic, partition), offset in next_offsets.items():
        try:
            low, high = client.get_watermark_offsets(TopicPartition(topic, partition), timeout=LAG_WITHIN_S)
        except KafkaException:
            return None
        count += max(0, high - max(low, offset))
    return count

"""Reads committed records of topics, from given offsets to their current end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

from confluent_kafka import Consumer, IsolationLevel, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from eropaf.streams.errors import BrokerUnreachable, TopicMissing, is_transient, refused
from eropaf.streams.operate.answers import ANSWER_WITHIN_S, answer
from eropaf.streams.topic_partition import TP

Answer = TypeVar("Answer")

RECORDS_AT_ONCE = 1000
ARRIVAL_WAIT_S = 0.2
COORDINATED_WITHIN_S = 5.0
SETTLED_WITHIN_S = 60.0
# Errors that say nothing about a partition: the client reconnects by itself, and a reader with manually
# assigned partitions needs no coordinator.
PASSED_OVER = frozenset({KafkaError._ALL_BROKERS_DOWN, KafkaError.GROUP_AUTHORIZATION_FAILED})


def partitions(kafka: AdminClient, topic: str) -> list[TP]:
    """Return the partitions of `topic`.

    Raises:
        TopicMissing: it does not exist.
        NotAllowed: this user may not see it.

    """

    def ask() -> Any:
        found = kafka.list_topics(topic, timeout=ANSWER_WITHIN_S).topics[topic]
        if found.error is not None:
            raise refused(found.error, "DESCRIBE", topic)
        return found

    try:
        found = patiently(ask)
    except KafkaException as error:
        if error.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise
        raise TopicMissing(f"no topic {topic}") from None
    return [TP(topic, partition) for partition in sorted(found.partitions)]


def counts(tps: Iterable[TP]) -> dict[str, int]:
    """Count the partitions of each topic."""
    return dict(Counter(tp.topic for tp in tps))


def ends(
    kafka: AdminClient, tps: Iterable[TP], isolation: IsolationLevel = IsolationLevel.READ_COMMITTED
) -> dict[TP, int]:
    """Return the offset after the last record of each partition."""
    return offsets(lambda: kafka, tps, OffsetSpec.latest(), isolation)  # type: ignore[no-untyped-call]


def beginnings(kafka: AdminClient, tps: Iterable[TP]) -> dict[TP, int]:
    """Return the offset of the first record that each partition still holds."""
    return offsets(lambda: kafka, tps, OffsetSpec.earliest(), IsolationLevel.READ_COMMITTED)  # type: ignore[no-untyped-call]


def offsets(
    kafka: Callable[[], AdminClient], tps: Iterable[TP], which: OffsetSpec, isolation: IsolationLevel
) -> dict[TP, int]:
    """Return an offset of each partition; `kafka` makes a new client for each attempt.

    Raises:
        NotAllowed: this user may not see one of the topics.

    """
    asked = {TopicPartition(*tp): which for tp in tps}
    if not asked:
        return {}

    def ask() -> dict[TP, int]:
        client = kafka()  # keep a reference: a client without one is collected before it has its answer
        answers = client.list_offsets(asked, isolation_level=isolation)
        return {TP(tp.topic, tp.partition): _offset(each, str(tp.topic)) for tp, each in answers.items()}

    return patiently(ask)


def read(
    bootstrap: str,
    client: Mapping[str, str],
    starts: Mapping[TP, int],
    until: Mapping[TP, int],
    isolation: IsolationLevel = IsolationLevel.READ_COMMITTED,
) -> Iterator[Message]:
    """Yield every committed record from `starts` up to, not including, `until`, in order per partition.

    With READ_UNCOMMITTED also those of open and aborted transactions.

    Raises:
        NotAllowed: this user may not read one of the topics.
        BrokerUnreachable: nothing arrived for a minute: a partition has no leader, or no broker answers.

    """
    left = {tp for tp, start in starts.items() if start < until[tp]}
    if not left:
        return
    consumer = Consumer(_settings(bootstrap, client, isolation))
    assign(consumer, {tp: starts[tp] for tp in left})
    silent_s = 0.0
    try:
        while left:
            began = time.monotonic()
            records = arrived(consumer, RECORDS_AT_ONCE, ARRIVAL_WAIT_S)
            silent_s = 0.0 if records else silent_s + time.monotonic() - began
            if silent_s > SETTLED_WITHIN_S:
                raise _silence(bootstrap, left)
            for record in records:
                tp, offset = TP(str(record.topic()), int(record.partition() or 0)), int(record.offset() or 0)
                error = record.error()
                if error is not None and error.code() in PASSED_OVER:
                    continue
                if error is not None and error.code() != KafkaError._PARTITION_EOF:
                    raise refused(error, "READ", tp.topic)
                if error is None and offset < until[tp]:
                    yield record
                if offset >= until[tp] - (error is None):
                    left.discard(tp)
    finally:
        consumer.close()


def arrived(consumer: Consumer, most: int, wait_s: float) -> list[Message]:
    """Return up to `most` records and errors that have arrived; wait up to `wait_s`, for the first only."""
    records = consumer.consume(1, timeout=wait_s)
    return records + consumer.consume(most - 1, timeout=0) if records else records


def assign(consumer: Consumer, starts: Mapping[TP, int]) -> None:
    """Assign `consumer` each partition from its start, beside what it has.

    Looks up the leaders first: for a topic new to the client it would do so only once a second.
    """
    for topic in {tp.topic for tp in starts}:
        patiently(partial(consumer.list_topics, topic, ANSWER_WITHIN_S))
    consumer.incremental_assign([TopicPartition(*tp, start) for tp, start in starts.items()])


def patiently(ask: Callable[[], Answer]) -> Answer:
    """Retry until a leader or coordinator that is moving, loading or new can answer."""
    deadline = time.monotonic() + SETTLED_WITHIN_S
    while True:
        try:
            return ask()
        except KafkaException as error:
            if not is_transient(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def committed(asking: Consumer, tps: Iterable[TP]) -> dict[TP, int]:
    """Return the committed offsets of the group that `asking` names, below zero where it has none.

    A read-committed consumer waits for pending transactions first. `asking` has no partitions assigned.

    Raises:
        NotAllowed: this user may not see the group, or one of the topics.

    """
    asked = [TopicPartition(*tp) for tp in tps]

    def ask() -> Any:
        try:
            return asking.committed(asked, timeout=COORDINATED_WITHIN_S)
        except KafkaException:
            # The client keeps looking for the group's coordinator, and reports the reason separately.
            for told in asking.consume(RECORDS_AT_ONCE, timeout=0):
                error = told.error()
                if error is not None and error.code() == KafkaError.GROUP_AUTHORIZATION_FAILED:
                    raise refused(error, "DESCRIBE", "whose offsets are asked for") from None
            raise

    found = patiently(ask)
    for tp in found:
        # Otherwise it would appear to have no offset.
        if tp.error is not None:
            raise refused(tp.error, "DESCRIBE", tp.topic)
    return {TP(tp.topic, tp.partition): int(tp.offset) for tp in found}


def _offset(asked: Future[Any], topic: str) -> int:
    try:
        return int(answer(asked, ANSWER_WITHIN_S).offset)
    except KafkaException as error:
        raise refused(error.args[0], "DESCRIBE", topic) from None


def _silence(bootstrap: str, left: Iterable[TP]) -> BrokerUnreachable:
    partitions = ", ".join(f"{topic}-{partition}" for topic, partition in sorted(left))
    return BrokerUnreachable(
        f"{bootstrap} gave nothing of {partitions} for {SETTLED_WITHIN_S:.0f} s: no broker answers, or "
        "none leads them"
    )


def _settings(bootstrap: str, client: Mapping[str, str], isolation: IsolationLevel) -> dict[str, Any]:
    return {
        **client,
        "bootstrap.servers": bootstrap,
        "group.id": "eropaf-reading",  # never joined: partitions are assigned manually
        "enable.auto.commit": False,
        "isolation.level": isolation.name.lower(),
        "auto.offset.reset": "earliest",
        "enable.partition.eof": True,
        "queued.max.messages.kbytes": 16_384,
        "fetch.wait.max.ms": 50,
        "log.connection.close": False,
    }

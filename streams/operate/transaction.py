"""What transactions of an operator's commands do: abort at once where one fails, and keep workers out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from confluent_kafka import Consumer, KafkaException, TopicPartition

from eropaf.streams.runtime.transactional import TransactionalClient
from eropaf.streams.topic_partition import TP

# For each step of a transaction; one that waits for an open transaction to be aborted takes longest.
STEP_WITHIN_S = 30.0


@contextmanager
def aborted_on_error(client: TransactionalClient, within_s: float) -> Iterator[None]:
    """Abort the transaction of `client` where what is done under it raises, also on Ctrl-C.

    One that is left open holds everybody who reads committed records back until its time-out. Where
    it cannot be aborted, the next producer of the same transactional id does that.
    """
    try:
        yield
    except BaseException:
        client.doubt()
        with suppress(KafkaException):
            client.kafka.abort_transaction(within_s)
        raise


def note(client: TransactionalClient, group: Consumer, offsets: Mapping[TP, int]) -> None:
    """Note in the open transaction of `client` that `group`, an outsider's, read up to `offsets`.

    Until the transaction ends no worker opens one of these partitions: it waits for offsets without a pending
    transaction. What is noted last holds. A broker takes it while workers run, too.

    Raises:
        KafkaException: the broker refused.

    """
    noted = [TopicPartition(*tp, offset) for tp, offset in offsets.items()]
    client.kafka.send_offsets_to_transaction(noted, group.consumer_group_metadata(), STEP_WITHIN_S)

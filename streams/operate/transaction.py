"""What every transaction of an operator's command does where it fails: it is aborted, at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from confluent_kafka import KafkaException

from eropaf.streams.runtime.transactional import TransactionalClient

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

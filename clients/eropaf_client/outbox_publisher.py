"""For creditors whose process may be killed at any line: first to disk, then stored exactly once."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from eropaf_client.cluster import Where, cluster
from eropaf_client.delivery import TOGETHER, Delivery
from eropaf_client.kafka_post import KafkaPost
from eropaf_client.lifetime import Closing, Lifetime
from eropaf_client.outbox import Kept, Outbox, canonical
from eropaf_client.publisher import encoded
from eropaf_client.records import ArrearsSignal
from eropaf_client.schemas.topics import arrears
from eropaf_client.schemas.wire import Codec
from eropaf_client.tracing import MakeTraceparent


class OutboxPublisher(Closing):
    """Publishes one creditor's signals through an outbox on disk.

        with OutboxPublisher("kafka:9092", "rent", Path("outbox.db")) as publisher:
            publisher.report(signal)

    A signal is on disk before it is sent. The broker stores signals and the outbox's position in one
    transaction, so a process that is killed at any line finds out at its next start which signals the broker
    has: none is lost, and none is stored twice. Reporting a signal again with the same id and version does
    nothing; with different content it is an error.

    Any thread may call it; each call returns once its signals are stored. Not usable across a fork.

    Besides its topic, the principal needs the transactional id and the consumer group `outbox-<creditor>-*`.
    The group is never joined: it only stores the position.

    Raises:
        BrokerUnreachable, NotAuthenticated, NotPermitted, TopicMissing: at the start, in time.
        OutboxInUse: another process has the file open.
        LedgerMoved: the file was used with another cluster, or another topic of that name.
        LedgerMismatch: the file is an older copy of itself; the broker is ahead of it.
    """

    def __init__(
        self, where: Where, creditor: str, outbox: Path, traceparent: MakeTraceparent | None = None
    ) -> None:
        at, self.topic = cluster(where), arrears(creditor)
        self._life = Lifetime(f"the publisher on {self.topic}")
        self._test_numbers = at.test_numbers
        self._encode = Codec("ArrearsSignal", self.topic, at.registry).encode
        self._outbox = Outbox(outbox)
        try:
            self._post = KafkaPost(at, self.topic, f"outbox-{creditor}-{self._outbox.id}", traceparent)
            try:
                self._delivery = Delivery(self._outbox, self._post)
                self._delivery.begin()
            except BaseException:
                self._post.close()
                raise
        except BaseException:
            self._outbox.close()
            raise

    def close(self) -> None:
        """Close the file; signals waiting in it are sent at the next start. Idempotent."""
        if self._life.ends():
            self._post.close()
            self._outbox.close()

    @property
    def waiting(self) -> int:
        """The number of signals on disk that the broker does not have yet."""
        return len(self._outbox)

    def check(self, signal: ArrearsSignal) -> None:
        """Check whether `report` would accept the signal, storing and sending nothing.

        Raises:
            InvalidSignal: it would not; `field` names what is wrong.
        """
        self._outbox.check(self._kept(signal))

    def report(self, signal: ArrearsSignal) -> None:
        """Write one signal to disk, then send everything pending; return once the broker has it.

        Raises:
            InvalidSignal: it was not stored on disk; `field` names what is wrong.
            NotAcknowledged: it is on disk, and is sent with the next `report` or `deliver`.
        """
        self.report_all([signal])

    def report_all(self, signals: Iterable[ArrearsSignal]) -> int:
        """Write many signals to disk and send them; return how many were new, once the broker has all.

        Raises:
            InvalidSignal: correct the one named and report all again; those already stored are recognised.
            NotAcknowledged: nothing is lost; report all again: those already stored are recognised.
        """
        ready = map(self._kept, signals)
        new = 0
        while batch := list(islice(ready, TOGETHER)):
            new += self._outbox.put(batch)
            self.deliver()
        return new

    def deliver(self) -> int:
        """Send everything pending on disk; return the number, once the broker has them.

        Raises:
            NotAcknowledged: no answer in time; nothing is lost: call it again.
            OutboxInUse: a copy of this outbox is in use elsewhere.
        """
        self._life.check()
        return self._delivery.deliver()

    def _kept(self, signal: ArrearsSignal) -> Kept:
        record, value = encoded(signal, self._encode, self._test_numbers)
        return Kept(signal.signal_id, signal.version, signal.contract, value, canonical(record))

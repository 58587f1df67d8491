"""For creditors whose process may be killed at any line: on disk first, then stored once."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from eropaf_client.cluster import Where, cluster
from eropaf_client.delivery import TOGETHER, Delivery
from eropaf_client.kafka_post import KafkaPost
from eropaf_client.lifetime import Closing, Lifetime
from eropaf_client.outbox import Kept, Outbox
from eropaf_client.publisher import encoded
from eropaf_client.records import ArrearsSignal
from eropaf_client.schemas.topics import arrears
from eropaf_client.schemas.wire import Codec
from eropaf_client.tracing import MakeTraceparent


class OutboxPublisher(Closing):
    """Publishes one creditor's signals through an outbox on disk.

        with OutboxPublisher("kafka:9092", "rent", Path("outbox.db")) as publisher:
            publisher.report(signal)

    A signal is on disk before it is sent. Signals and the outbox's position are stored by the broker
    in one transaction, so a process that is killed at any line finds, when it starts again, which
    signals the broker has: none is lost, and none is stored twice. A signal reported again under
    the same id and version is known and does nothing; with other content it is a fault.

    Any thread may call it, and each call returns when what it reported is stored. Not across a fork.

    The principal needs the transactional id and the consumer group `outbox-<creditor>-*` besides
    its topic. The group is never joined: it keeps the position.

    Raises:
        BrokerUnreachable, NotAuthenticated, NotPermitted, TopicMissing: at the start, in time.
        OutboxInUse: another process has the file.
        LedgerMoved: the file was used with another cluster, or another topic of that name.
        LedgerMismatch: the file is an older copy of itself; the broker is ahead of it.
    """

    def __init__(
        self, where: Where, creditor: str, outbox: Path, traceparent: MakeTraceparent | None = None
    ) -> None:
        at, self.topic = cluster(where), arrears(creditor)
        self._life = Lifetime(f"the publisher on {self.topic}")
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
        """Let go of the file; what waits in it goes with the next start. Twice is harmless."""
        if self._life.ends():
            self._post.close()
            self._outbox.close()

    @property
    def waiting(self) -> int:
        """How many signals are on disk and not yet stored by the broker."""
        return len(self._outbox)

    def check(self, signal: ArrearsSignal) -> None:
        """Find out whether `report` would take the signal; keep and send nothing.

        Raises:
            InvalidSignal: it would not; `field` names what is wrong.
        """
        self._outbox.check(self._kept(signal))

    def report(self, signal: ArrearsSignal) -> None:
        """Keep one signal on disk, then send what waits; return when the broker has it.

        Raises:
            InvalidSignal: it was not kept; `field` names what is wrong.
            NotAcknowledged: it is on disk, and goes with the next `report` or `deliver`.
        """
        self.report_all([signal])

    def report_all(self, signals: Iterable[ArrearsSignal]) -> int:
        """Keep and send many signals; return how many were new when the broker has all.

        Raises:
            InvalidSignal: mend the one named and report all again; what was kept already is known.
            NotAcknowledged: nothing is lost; report all again, what was kept already is known.
        """
        ready = map(self._kept, signals)
        new = 0
        while batch := list(islice(ready, TOGETHER)):
            new += self._outbox.put(batch)
            self.deliver()
        return new

    def deliver(self) -> int:
        """Send everything that waits on disk; return how many when the broker has them.

        Raises:
            NotAcknowledged: no answer in time; nothing is lost, call it again.
            OutboxInUse: a copy of this outbox is at work elsewhere.
        """
        self._life.check()
        return self._delivery.deliver()

    def _kept(self, signal: ArrearsSignal) -> Kept:
        value = encoded(signal, self._encode)
        return Kept(signal.signal_id, signal.version, signal.contract, value, signal.to_record())

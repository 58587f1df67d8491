"""For creditors: publish arrears, and know when they are stored."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any, Callable

from eropaf_client.cluster import Where, cluster
from eropaf_client.errors import Fault, InvalidSignal, NotAcknowledged
from eropaf_client.lifetime import Closing
from eropaf_client.records import ArrearsSignal
from eropaf_client.schemas.topics import arrears
from eropaf_client.sending import LARGEST_SIGNAL_BYTES, MOST_IN_FLIGHT, Acknowledged, InFlight, Sender
from eropaf_client.tracing import MakeTraceparent
from eropaf_client.validation import validate


class ArrearsPublisher(Closing):
    """Publishes one creditor's signals on its own topic.

        with ArrearsPublisher("kafka:9092", "rent") as publisher:
            publisher.report(signal)

    Events of one contract keep their order. Each is acknowledged only once all in-sync replicas have it, and
    is stored once, however often it was sent.

    With `traceparent` each record carries that W3C header. It is a function: `new_traceparent` from
    eropaf_client.tracing, or one that returns your current trace.

    Raises:
        BrokerUnreachable, NotAuthenticated, NotPermitted, TopicMissing: at the start, in time.
    """

    def __init__(self, where: Where, creditor: str, traceparent: MakeTraceparent | None = None) -> None:
        self.topic = arrears(creditor)
        self._sender = Sender(cluster(where), self.topic, "ArrearsSignal", traceparent)

    def close(self) -> None:
        """Wait for records in flight. Idempotent."""
        self._sender.close()

    def report(self, signal: ArrearsSignal) -> Acknowledged:
        """Publish one signal; return when it is stored.

        Raises:
            InvalidSignal: it was not sent; `field` names what is wrong.
            NotAcknowledged: no answer in time; publish it again.
        """
        stored: list[Acknowledged] = []
        self.report_all([signal], lambda _, at: stored.append(at))
        return stored[0]

    def report_all(
        self,
        signals: Iterable[ArrearsSignal],
        on_acknowledged: Callable[[ArrearsSignal, Acknowledged], object] = lambda signal, at: None,
    ) -> int:
        """Publish signals, many at a time; return their number when every one is stored.

        Raises:
            InvalidSignal: the one named was not sent; every one before it is stored.
            NotAcknowledged: every one before the one named is stored; publish again from there.
        """
        in_flight: deque[tuple[ArrearsSignal, InFlight]] = deque()
        count = 0
        try:
            for signal in signals:
                in_flight.append((signal, self._send(signal)))
                count += 1
                while len(in_flight) >= MOST_IN_FLIGHT or (in_flight and in_flight[0][1].answered):
                    self._settle(*in_flight.popleft(), on_acknowledged)
        except InvalidSignal:
            while in_flight:
                self._settle(*in_flight.popleft(), on_acknowledged)
            raise
        while in_flight:
            self._settle(*in_flight.popleft(), on_acknowledged)
        return count

    def _send(self, signal: ArrearsSignal) -> InFlight:
        sent = InFlight()
        _, value = encoded(signal, self._sender.encode, self._sender.test_numbers)
        self._sender.send(signal.contract, value, sent.answer)
        return sent

    def _settle(
        self,
        signal: ArrearsSignal,
        sent: InFlight,
        on_acknowledged: Callable[[ArrearsSignal, Acknowledged], object],
    ) -> None:
        on_acknowledged(signal, acknowledged(signal, self.topic, self._sender.settle(sent)))


def encoded(
    signal: ArrearsSignal, encode: Callable[[dict[str, Any]], bytes], test_numbers: bool = False
) -> tuple[dict[str, Any], bytes]:
    """Validate `signal`; return its record and its bytes.

    With `test_numbers` its BSN may be that of an example.

    Raises:
        InvalidSignal: `field` names what is wrong.
    """
    validate(signal, test_numbers)
    record = signal.to_record()
    value = encode(record)
    if len(value) > LARGEST_SIGNAL_BYTES:
        message = f"takes {len(value)} bytes, at most {LARGEST_SIGNAL_BYTES} are taken"
        raise InvalidSignal([Fault("signal", "too-large", message)])
    return record, value


def acknowledged(signal: ArrearsSignal, topic: str, sent: InFlight) -> Acknowledged:
    """Return where `signal` was stored.

    Raises:
        NotAcknowledged: the broker did not confirm it.
    """
    if sent.at is None:
        raise NotAcknowledged(
            f"signal {signal.signal_id} on {topic} was not acknowledged ({sent.error}). "
            "Publish it and everything after it again: publishing twice does no harm"
        )
    return sent.at

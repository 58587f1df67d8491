"""For creditors: publish arrears, and know that they are stored."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, Callable, NamedTuple

from confluent_kafka import Producer

from clients import connection
from clients.errors import InvalidSignal, NotAcknowledged
from clients.records import ArrearsSignal
from clients.validation import validate
from schemas.registry import LocalRegistry, Registry
from schemas.topics import arrears
from schemas.wire import Codec

ACKNOWLEDGED_WITHIN_S = 30.0
# Enough to fill batches; few enough that a million signals need steady memory.
MOST_IN_FLIGHT = 10_000
LARGEST_BYTES = 65_536


class Acknowledged(NamedTuple):
    """Where the broker stored an event."""

    topic: str
    partition: int
    offset: int


class ArrearsPublisher:
    """Publishes one creditor's signals on its own topic.

        with ArrearsPublisher("kafka:9092", "rent") as publisher:
            publisher.report(signal)

    Events of one contract keep their order; each is stored by all replicas that are in sync before
    it counts as acknowledged, and once however often it was sent on the way.

    Raises:
        BrokerUnreachable, TopicMissing: at the start, within ten seconds.
    """

    def __init__(
        self,
        bootstrap: str,
        creditor: str,
        registry: Registry | None = None,
        config: Mapping[str, Any] | None = None,
    ) -> None:
        self.topic = arrears(creditor)
        self._codec = Codec("ArrearsSignal", self.topic, registry or LocalRegistry())
        self._producer = Producer(
            {
                **(config or {}),
                "bootstrap.servers": bootstrap,
                "enable.idempotence": True,  # and with it acks=all
                "partitioner": "murmur2_random",  # Java's: every client puts a contract in one place
                "compression.type": "lz4",
                "linger.ms": 5,
                "message.timeout.ms": int(ACKNOWLEDGED_WITHIN_S * 1000),
                "log_level": 0,
            }
        )
        connection.check(self._producer, bootstrap, self.topic)

    def __enter__(self) -> ArrearsPublisher:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._producer.flush(ACKNOWLEDGED_WITHIN_S)

    def report(self, signal: ArrearsSignal) -> Acknowledged:
        """Publish one signal; return when it is stored.

        Raises:
            InvalidSignal: it was not sent; the message names the field.
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
            InvalidSignal: the one named was not sent; those before it were.
            NotAcknowledged: the one named was not acknowledged; publish from it on again.
        """
        in_flight: deque[_InFlight] = deque()
        count = 0
        for signal in signals:
            in_flight.append(self._send(signal))
            count += 1
            while len(in_flight) >= MOST_IN_FLIGHT or (in_flight and in_flight[0].answered):
                self._settle(in_flight.popleft(), on_acknowledged)
        while in_flight:
            self._settle(in_flight.popleft(), on_acknowledged)
        return count

    def _send(self, signal: ArrearsSignal) -> _InFlight:
        validate(signal)
        value = self._codec.encode(signal.to_record())
        if len(value) > LARGEST_BYTES:
            raise InvalidSignal(f"signal: {len(value)} bytes, at most {LARGEST_BYTES} are taken")
        sent = _InFlight(signal)
        while True:
            try:
                self._producer.produce(
                    self.topic, key=signal.contract.encode(), value=value, on_delivery=sent.answer
                )
            except BufferError:
                self._producer.poll(0.1)
            else:
                self._producer.poll(0)
                return sent

    def _settle(
        self, sent: _InFlight, on_acknowledged: Callable[[ArrearsSignal, Acknowledged], object]
    ) -> None:
        while not sent.answered:
            self._producer.poll(0.05)
        if sent.error is not None or sent.at is None:
            raise NotAcknowledged(
                f"signal {sent.signal.signal_id} on {self.topic} was not acknowledged ({sent.error}). "
                "Publish it, and what came after it, again: twice is harmless"
            )
        on_acknowledged(sent.signal, sent.at)


class _InFlight:
    """A signal on its way."""

    def __init__(self, signal: ArrearsSignal) -> None:
        self.signal = signal
        self.answered = False
        self.at: Acknowledged | None = None
        self.error: str | None = None

    def answer(self, error: Any, message: Any) -> None:
        self.answered = True
        if error is None:
            self.at = Acknowledged(message.topic(), message.partition(), message.offset())
        else:
            self.error = error.str()

"""How long an update takes while events come in at a steady rate that the engine can carry."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from bench.broker import Broker, Fed, Subscriber
from bench.engine import Engine, Running, Workshop
from bench.measure import Prepared, warm_up
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, PRIORITIES
from eropaf_client.schemas.wire import Codec

# Events are due in steps of this.
STEP_S = 0.005
QUIET_S = 3.0
# Connections warm up meanwhile.
NOT_COUNTED = 0.1
# A queue that grows shows in the last third of the time as more than this, beside the first.
GROWTH, GROWTH_MS = 1.5, 100.0


@dataclass(slots=True)
class Latency:
    """From the moment at which an event was to be sent to its update being read, in milliseconds.

    By the order of the events. What stands still delays the sender too, and that wait is in it.
    """

    rate: float
    samples: list[float] = field(default_factory=list)

    @property
    def grew(self) -> bool:
        """Whether a queue grew: this rate is more than the engine carries."""
        third = len(self.samples) // 3
        if not third:
            return True
        return median(self.samples[-third:]) > GROWTH * median(self.samples[:third]) + GROWTH_MS


def percentile(samples: Sequence[float], share: float) -> float:
    """Return what `share` of `samples` do not exceed."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def latency(
    engine: Engine, broker: Broker, workshop: Workshop, prepared: Prepared, rate: float, seconds: float
) -> Latency:
    """Feed `rate` events a second for `seconds` once `engine` is warm, and tell when each update is read."""
    subscriber = broker.subscribe(PRIORITIES)
    running = workshop.start(engine, broker.bootstrap, quick=True)
    try:
        warm = warm_up(running, broker, subscriber, prepared)
        events = prepared.from_on(warm, round(rate * seconds))
        return Latency(rate, _paced(broker, subscriber, running, events, rate))
    finally:
        running.end()
        subscriber.close()


def _paced(
    broker: Broker, subscriber: Subscriber, running: Running, events: Sequence[Fed], rate: float
) -> list[float]:
    updates = Codec("PriorityUpdate", PRIORITIES, LocalRegistry())
    producer = broker.producer(linger_ms=0)
    read: dict[int, float] = {}
    sent, started = 0, time.monotonic()
    quiet_since = started
    while sent < len(events) or time.monotonic() - quiet_since < QUIET_S:
        due = min(len(events), int((time.monotonic() - started) * rate))
        for each in events[sent:due]:
            producer.produce(HOUSEHOLD_EVENTS, key=each.key, value=each.value)
        if due > sent:
            quiet_since = time.monotonic()
        sent = due
        producer.poll(0)
        found = subscriber.read(STEP_S)
        now = time.monotonic()
        for message in found:
            read[updates.decode(message.value())["event_at"]] = now
            quiet_since = now
        running.check()
    first = round(len(events) * NOT_COUNTED)
    return [
        (read[each.at] - started - number / rate) * 1000
        for number, each in enumerate(events)
        if number >= first and each.at in read
    ]

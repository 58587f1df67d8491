"""What is measured of one engine, on a broker of its own, beside the check of what it made."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace

import psutil

from bench.broker import Broker, Fed, Subscriber
from bench.engine import Engine, Running, Workshop
from bench.job import PARTITIONS, Feed, Must, Rules, differences, encoder
from eropaf.risk.policy import Policy
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, HOUSEHOLD_RISK, PRIORITIES
from eropaf_client.schemas.wire import Codec
from tests.integration.processes import slowed

# Share of a feed that is worked off before the clock runs: engines compile, caches fill.
WARM_SHARE = 0.2
SLICE_S = 0.01
# Of an engine that runs a share of the time, one run and the rest after it.
TURN_S = 0.06
RESTORED_WITHIN_S = 180.0


class Prepared:
    """A feed as bytes, and what must come of it."""

    def __init__(self, feed: Feed, policy: Policy) -> None:
        self.feed = feed
        self.warm = round(feed.events * WARM_SHARE)
        rules, codec = Rules(policy), encoder()
        self.events: list[Fed] = []
        self.warm_updates = 0
        for event in feed.events_from():
            rules.take(event)
            self.events.append(Fed(event.household.encode(), codec.encode(event.to_record()), event.at))
            if len(self.events) == self.warm:
                self.warm_updates = rules.must.count(PRIORITIES)
        self.must: Must = rules.must
        self.updates = self.must.count(PRIORITIES)


@dataclass(slots=True)
class Throughput:
    """A backlog worked off: what one event cost. `wrong` says what the oracle found; empty: nothing.

    `restored` says whether it served every partition again after a restart, None where it was not tried.
    """

    events_per_s: float
    cpu_us: float
    broker_cpu_us: float
    rss_mib: float
    restore_s: float | None
    restored: bool | None
    wrong: list[str]


@dataclass(slots=True)
class Latency:
    """From an event's acknowledgement to its update being read, in milliseconds."""

    rate: float
    samples: list[float] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        """Return the latency that `share` of the updates do not exceed."""
        ordered = sorted(self.samples)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def throughput(
    engine: Engine, broker: Broker, workshop: Workshop, prepared: Prepared, with_restore: bool
) -> Throughput:
    """Let `engine` work off a backlog, once warm; then check everything it made, and restart it."""
    subscriber = broker.subscribe(PRIORITIES)
    broker.feed(prepared.events[: prepared.warm])
    running = workshop.start(engine, broker.bootstrap)
    try:
        subscriber.wait_for(prepared.warm_updates, running.check)
        measured = _backlog(running, engine.runs, broker, subscriber, prepared)
        _settle(broker, prepared.must.count(HOUSEHOLD_RISK), running)
        measured.wrong = differences(prepared.must, broker.read())
        running.end()
        if engine.restores and with_restore:
            running, measured.restore_s = _restore(engine, broker, workshop, prepared)
            measured.restored = measured.restore_s is not None
    finally:
        running.end()
        subscriber.close()
    return measured


def _let_run(running: Running, share: float) -> AbstractContextManager[None]:
    if share == 1:
        return nullcontext()
    return slowed(*running.tree(), runs_s=TURN_S * share, rests_s=TURN_S * (1 - share))


def _backlog(
    running: Running, share: float, broker: Broker, subscriber: Subscriber, prepared: Prepared
) -> Throughput:
    # Held while the backlog is put in, so that nobody's feeding competes with the work.
    running.pause()
    broker.feed(prepared.events[prepared.warm :])
    kafka = psutil.Process(broker.pid)
    before = (running.cpu_s(), _cpu_s(kafka), time.monotonic())
    running.resume()
    with _let_run(running, share):
        subscriber.wait_for(prepared.updates, running.check)
    seconds = time.monotonic() - before[2]
    events = len(prepared.events) - prepared.warm
    return Throughput(
        events / seconds,
        (running.cpu_s() - before[0]) * 1e6 / events,
        (_cpu_s(kafka) - before[1]) * 1e6 / events,
        running.peak_rss_mib(),
        None,
        None,
        [],
    )


def _settle(broker: Broker, risks: int, running: Running) -> None:
    """Wait for the risks that come after the last update."""
    subscriber = broker.subscribe(HOUSEHOLD_RISK)
    subscriber.wait_for(risks, running.check)
    subscriber.close()


def _restore(
    engine: Engine, broker: Broker, workshop: Workshop, prepared: Prepared
) -> tuple[Running, float | None]:
    """Start again with nothing on disk; return the seconds until every partition serves a new event.

    None where that did not happen in time.
    """
    more = replace(prepared.feed, events=prepared.feed.events + 50 * PARTITIONS)
    codec = encoder()
    events = list(more.events_from(prepared.feed.events))
    broker.feed(Fed(event.household.encode(), codec.encode(event.to_record()), event.at) for event in events)
    subscriber = broker.subscribe(HOUSEHOLD_RISK)
    risks = Codec("HouseholdRisk", HOUSEHOLD_RISK, LocalRegistry())
    waiting = {event.at for event in events}
    running = workshop.start(engine, broker.bootstrap)
    seconds = 0.0
    while waiting and seconds < RESTORED_WITHIN_S:
        running.check()
        waiting -= {risks.decode(message.value())["at"] for message in subscriber.read()}
        seconds = time.monotonic() - running.started
    subscriber.close()
    return running, None if waiting else seconds


def latency(
    engine: Engine, broker: Broker, workshop: Workshop, prepared: Prepared, rate: float, seconds: float
) -> Latency:
    """Feed `rate` events a second, and tell when the update of each is read."""
    events = prepared.events[prepared.warm :][: round(rate * seconds)]
    subscriber = broker.subscribe(PRIORITIES)
    broker.feed(prepared.events[: prepared.warm])
    running = workshop.start(engine, broker.bootstrap, quick=True)
    try:
        subscriber.wait_for(prepared.warm_updates, running.check)
        return _paced(broker, subscriber, running, events, rate)
    finally:
        running.end()
        subscriber.close()


def _paced(
    broker: Broker, subscriber: Subscriber, running: Running, events: Sequence[Fed], rate: float
) -> Latency:
    measured = Latency(rate)
    updates = Codec("PriorityUpdate", PRIORITIES, LocalRegistry())
    producer = broker.producer(linger_ms=0)
    acknowledged: dict[int, float] = {}
    read: dict[int, float] = {}

    def note(at: int) -> Callable[[object, object], None]:
        def delivered(error: object, message: object) -> None:
            acknowledged[at] = time.monotonic()

        return delivered

    sent, started = 0, time.monotonic()
    quiet_since = started
    while sent < len(events) or time.monotonic() - quiet_since < 3:
        due = min(len(events), int((time.monotonic() - started) * rate))
        for each in events[sent:due]:
            producer.produce(HOUSEHOLD_EVENTS, key=each.key, value=each.value, on_delivery=note(each.at))
        sent = due
        producer.poll(0)
        found = subscriber.read(SLICE_S / 2)
        now = time.monotonic()
        for message in found:
            read[updates.decode(message.value())["event_at"]] = now
            quiet_since = now
        running.check()
    # The first tenth warms connections up.
    from_at = events[len(events) // 10].at
    measured.samples = [
        (then - acknowledged[at]) * 1000 for at, then in read.items() if at in acknowledged and at >= from_at
    ]
    return measured


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)

"""What is measured of one engine, on a broker of its own, beside the check of what it made."""

from __future__ import annotations

import math
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace

import psutil

from bench.broker import Broker, Fed, Subscriber
from bench.engine import Engine, Running, Workshop, cpu_s
from bench.job import PARTITIONS, Feed, Must, Rules, differences, encoder
from eropaf.risk.policy import Policy
from eropaf.risk.records import HouseholdEvent
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import HOUSEHOLD_RISK, PRIORITIES
from eropaf_client.schemas.wire import Codec
from tests.integration.processes import slowed

# A feed is worked off by the slice before the clock runs, until a slice takes no less time than the one
# before: by then engines have compiled, and caches are full.
SLICES = 20
LEAST_WARM, MOST_WARM = 4, 10
STEADY_SHARE = 0.9
# Of an engine that runs a share of the time, one run and the rest after it.
TURN_S = 0.06
RESTORED_WITHIN_S = 180.0


class Prepared:
    """A feed as bytes, and what must come of it."""

    def __init__(self, feed: Feed, policy: Policy) -> None:
        self.feed = feed
        rules, self._codec = Rules(policy), encoder()
        self._events: list[Fed] = []
        self._updates: list[int] = []
        for event in feed.events_from():
            rules.take(event)
            self._events.append(self._fed(event))
            self._updates.append(rules.told)
        self.must: Must = rules.must

    def updates(self, events: int) -> int:
        """Return how many updates the first `events` make."""
        return self._updates[events - 1]

    def from_on(self, first: int, count: int) -> list[Fed]:
        """Return `count` events from the `first`, which is 0, on; beyond the feed too, as it would go on."""
        more = self.feed.events_from(len(self._events), first + count)
        self._events.extend(map(self._fed, more))
        return self._events[first : first + count]

    def _fed(self, event: HouseholdEvent) -> Fed:
        return Fed(event.household.encode(), self._codec.encode(event.to_record()), event.at)


@dataclass(slots=True)
class Throughput:
    """A backlog worked off: what one event cost. `wrong` says what the oracle found; empty: nothing.

    `warm` events were worked off before, and `seconds` is what the rest took. `restored` says whether it
    served every partition again after a restart, None where it was not tried.
    """

    events_per_s: float
    cpu_us: float
    broker_cpu_us: float
    rss_mib: float
    warm: int
    seconds: float
    restore_s: float | None = None
    restored: bool | None = None
    wrong: list[str] = field(default_factory=list)


def throughput(
    engine: Engine, broker: Broker, workshop: Workshop, prepared: Prepared, with_restore: bool
) -> Throughput:
    """Let `engine` work off a backlog, once warm; then check everything it made, and restart it."""
    subscriber = broker.subscribe(PRIORITIES)
    running = workshop.start(engine, broker.bootstrap)
    try:
        warm = warm_up(running, broker, subscriber, prepared)
        measured = _backlog(running, engine.runs, broker, subscriber, prepared, warm)
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


def warm_up(running: Running, broker: Broker, subscriber: Subscriber, prepared: Prepared) -> int:
    """Feed by the slice until `running` gets no faster; return how many events that were."""
    size, last = prepared.feed.events // SLICES, math.inf
    for number in range(MOST_WARM):
        began = time.monotonic()
        broker.feed(prepared.from_on(number * size, size))
        subscriber.wait_for(prepared.updates((number + 1) * size), running.check)
        took = time.monotonic() - began
        if number + 1 >= LEAST_WARM and took >= STEADY_SHARE * last:
            return (number + 1) * size
        last = took
    return MOST_WARM * size


def _let_run(running: Running, share: float) -> AbstractContextManager[None]:
    if share == 1:
        return nullcontext()
    return slowed(*running.tree(), runs_s=TURN_S * share, rests_s=TURN_S * (1 - share))


def _backlog(
    running: Running, share: float, broker: Broker, subscriber: Subscriber, prepared: Prepared, warm: int
) -> Throughput:
    # Held while the backlog is put in, so that nobody's feeding competes with the work.
    events = prepared.feed.events - warm
    running.pause()
    broker.feed(prepared.from_on(warm, events))
    kafka = psutil.Process(broker.pid)
    before = (running.cpu_s(), cpu_s(kafka), time.monotonic())
    running.resume()
    with _let_run(running, share):
        subscriber.wait_for(prepared.updates(prepared.feed.events), running.check)
    seconds = time.monotonic() - before[2]
    return Throughput(
        events / seconds,
        (running.cpu_s() - before[0]) * 1e6 / events,
        (cpu_s(kafka) - before[1]) * 1e6 / events,
        running.peak_rss_mib(),
        warm,
        seconds,
    )


def _settle(broker: Broker, risks: int, running: Running) -> None:
    """Wait for the risks that come after the last update."""
    subscriber = broker.subscribe(HOUSEHOLD_RISK)
    subscriber.wait_for(risks, running.check)
    subscriber.close()


def _restore(
    engine: Engine, broker: Broker, workshop: Workshop, prepared: Prepared
) -> tuple[Running, float | None]:
    """Start again; return the seconds until every partition serves a new event.

    None where that did not happen in time. Nothing is left on disk, but for an engine whose state is there.
    """
    more = replace(prepared.feed, events=prepared.feed.events + 50 * PARTITIONS)
    codec = encoder()
    events = list(more.events_from(prepared.feed.events))
    broker.feed(Fed(event.household.encode(), codec.encode(event.to_record()), event.at) for event in events)
    subscriber = broker.subscribe(HOUSEHOLD_RISK)
    risks = Codec("HouseholdRisk", HOUSEHOLD_RISK, LocalRegistry())
    waiting = {event.at for event in events}
    running = workshop.start(engine, broker.bootstrap, again=True)
    seconds = 0.0
    while waiting and seconds < RESTORED_WITHIN_S:
        running.check()
        waiting -= {risks.decode(message.value())["at"] for message in subscriber.read()}
        seconds = time.monotonic() - running.started
    subscriber.close()
    return running, None if waiting else seconds

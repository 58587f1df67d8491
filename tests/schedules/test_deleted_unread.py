"""What is deleted before it is read stops its partition until somebody accepts it; what was read does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from eropaf.streams.runtime.ends import SAVED_AFTER_S
from eropaf.streams.runtime.loss import Loss
from eropaf.streams.topic_partition import TP
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS
from tests.model.log import Data
from tests.schedules.run import GROUP, Schedule, simulated

SOON_S = 20.0


@pytest.fixture
def schedule() -> Iterator[Schedule]:
    """A flow of one worker that has read all there is, in its own time; nothing befalls it."""
    schedule = Schedule(1, strikes=[])
    with simulated(schedule.world):
        schedule.start("one")
        for tp, data in schedule.fed:
            schedule.feed(tp, data)
        assert schedule.world.run(schedule.rests, SOON_S)
        yield schedule


def restarted(schedule: Schedule, **settings: object) -> None:
    """End the worker, and start one with `settings`."""
    schedule.plans = [replace(each, **settings) for each in schedule.plans]  # type: ignore[arg-type]
    schedule.workers["one"].drain()
    assert schedule.world.run(lambda: "one" not in schedule.workers, SOON_S)
    assert schedule.world.run(lambda: all_opened(schedule), SOON_S)


def all_opened(schedule: Schedule) -> bool:
    """Return whether a worker runs that has opened all that it can."""
    machine = schedule.workers["one"].machine if "one" in schedule.workers else None
    return machine is not None and machine.running and machine.health(None).ready and bool(machine.assigned)


def losses(schedule: Schedule) -> list[Loss]:
    """Return what the worker says is lost."""
    machine = schedule.workers["one"].machine
    assert machine is not None
    return sorted(loss for each in machine._opening.lost.values() for loss in each)


def emptied(schedule: Schedule) -> None:
    """Let retention delete everything that stages read, the marks of transactions too."""
    for stage in schedule.plan.flow.all():
        for tp, log in schedule.broker.logs.items():
            if tp.topic in stage.inputs:
                log.cut(log.ends)


def test_what_was_read_to_its_end_may_be_deleted_with_the_marks_behind_it(schedule: Schedule) -> None:
    events = [log for tp, log in schedule.broker.logs.items() if tp.topic == HOUSEHOLD_EVENTS]
    assert any(log.history and log.history[-1].offset + 1 < log.ends for log in events), "marks stand there"
    schedule.world.let_pass(SAVED_AFTER_S + 1)

    emptied(schedule)
    restarted(schedule)

    assert losses(schedule) == []


def test_a_worker_that_ends_well_notes_the_ends_at_once(schedule: Schedule) -> None:
    schedule.workers["one"].drain()
    schedule.world.run(lambda: "one" not in schedule.workers, SOON_S)

    emptied(schedule)
    assert schedule.world.run(lambda: all_opened(schedule), SOON_S)

    assert losses(schedule) == []


def test_a_partition_with_something_deleted_unread_waits_until_that_is_accepted(
    schedule: Schedule,
) -> None:
    tp = next(tp for tp, _ in schedule.fed)
    schedule.workers["one"].drain()
    schedule.world.run(lambda: "one" not in schedule.workers, SOON_S)
    log, noted = schedule.broker.logs[tp], schedule.broker.group(GROUP).offsets[tp]
    for _ in range(3):
        log.append([Data(b"poison", b"never read", 1, None)])
    log.cut(log.ends)
    log.append([Data(b"poison", b"to be read", 1, None)])

    assert schedule.world.run(lambda: all_opened(schedule), SOON_S)
    schedule.world.let_pass(2.0)
    loss = Loss(tp.topic, tp.partition, noted, log.begins - 1)
    assert losses(schedule) == [loss]
    assert schedule.broker.group(GROUP).offsets[tp] == noted, "nobody reads on there"
    others = TP(tp.topic, (tp.partition + 1) % 3)
    schedule.feed(others, Data(b"poison", b"read meanwhile", 1, None))
    assert schedule.world.run(reads(schedule, others), SOON_S), "the others go on"

    restarted(schedule, accepted_losses=(loss,))

    assert losses(schedule) == []
    assert schedule.world.run(reads(schedule, tp), SOON_S)


def reads(schedule: Schedule, tp: TP) -> Callable[[], bool]:
    """Return what says whether the group has read `tp` to its end."""
    log = schedule.broker.logs[tp]
    return lambda: schedule.broker.group(GROUP).offsets.get(tp, 0) >= log.ends

"""The machine of a worker, stepped by hand."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Thread
from types import MappingProxyType
from typing import Any

import pytest
from prometheus_client import REGISTRY

from eropaf.streams.config import StreamsConfig
from eropaf.streams.errors import CheckpointAborted, InvariantBroken, MayNotJoin
from eropaf.streams.runtime import machine as module
from eropaf.streams.runtime.batch import Batch
from eropaf.streams.runtime.ends import SAVED_AFTER_S
from eropaf.streams.runtime.loss import Loss
from eropaf.streams.runtime.machine import Machine
from eropaf.streams.runtime.presence import HURRIED_FOR_S
from eropaf.streams.runtime.stage import Stage, TableSpec
from eropaf.streams.topic_partition import TP
from tests.stepped import Alone, ByHand, Group, Nothing, Stopped, Told, Written, stop, worked_off

ROWS = TableSpec("rows", encode=bytes, decode=bytes)
FIRST, SECOND = Stage("first", ("numbers",)), Stage("second", ("counts",), ROWS)
NUMBERS, COUNTS = TP("numbers", 0), TP("counts", 0)
CONFIG = StreamsConfig("nowhere", "group", "one", poll_records=10)


class Stepped:
    """A worker with two stages, in which only what the test lets happen does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, lost: tuple[Loss, ...] = ()) -> None:
        self.now = 100.0
        monkeypatch.setattr(module.time, "monotonic", lambda: self.now)
        self.lanes = ByHand()
        self.writers = {"first": Written(), "second": Written()}
        self.alone = Alone()
        self.machine = Machine(
            CONFIG,
            (FIRST, SECOND),
            lambda stage: None,  # type: ignore[arg-type,return-value]  # no record of these is decoded
            None,
            self.lanes,
            member=self._join,
            restorer=Nothing(lost),  # type: ignore[arg-type]
            writer=self.writers.__getitem__,
            presence=self.alone,
            stop=stop,
        )
        self.machine.start()
        for lane in ("save first", "save second", "restore", "presence"):
            self.lanes.do(lane)
        self.tick()

    def _join(self, *callbacks: Any) -> Group:
        self.group = Group(*callbacks)
        return self.group

    def tick(self, seconds: float = 0.0) -> list[Batch]:
        self.now += seconds
        return self.machine.tick(self.now)

    def polled(self, *records: Told, ends: Mapping[TP, int] = MappingProxyType({})) -> list[Batch]:
        """Let the poll that is under way give `records`, and end there; return what is handed out."""
        self.group.coming, self.group.ends = list(records), dict(ends)
        self.lanes.do("poll")
        return self.tick()

    def opened(self, *tps: TP) -> Stepped:
        """Let the group give `tps`, and their rows come back."""
        self.machine.taken(list(tps))
        self.tick()
        self.lanes.do("restore")
        self.polled()
        self.polled()
        return self

    def told(self) -> None:
        """Let so much time pass that the metrics are true again."""
        for _ in range(2):
            self.tick(module.LAG_EVERY_S + 1)
            self.polled()

    def gives_back(self, *tps: TP) -> Thread:
        """Let the group take `tps` back, as from inside a poll."""
        thread = Thread(target=self.machine.revoked, args=(list(tps),), daemon=True)
        thread.start()
        while self.machine._inbox.empty():
            pass
        return thread


@pytest.fixture
def stepped(monkeypatch: pytest.MonkeyPatch) -> Stepped:
    return Stepped(monkeypatch)


def places(batches: list[Batch]) -> list[tuple[str, int, int]]:
    return [(batch.topic, batch.records[0].offset(), batch.next_offset) for batch in batches]


def test_a_partition_is_read_only_once_its_rows_are_back(stepped: Stepped) -> None:
    stepped.machine.taken([COUNTS])
    stepped.tick()
    assert stepped.polled(Told(COUNTS, 0)) == []

    stepped.lanes.do("restore")
    assert stepped.polled(Told(COUNTS, 0)) == [], "polled before it was open"
    assert stepped.polled() == []

    assert stepped.group.orders[-1].starts == {COUNTS: 0}
    assert places(stepped.polled(Told(COUNTS, 0), Told(COUNTS, 1))) == [("counts", 0, 2)]


def test_the_next_poll_is_under_way_while_agents_work(stepped: Stepped) -> None:
    stepped.opened(NUMBERS)

    batches = stepped.polled(Told(NUMBERS, 0))

    assert stepped.lanes.waits("poll")
    stepped.polled(Told(NUMBERS, 1))
    assert not stepped.lanes.waits("poll"), "no third poll's records are held"
    worked_off(stepped.machine, batches)
    assert places(stepped.tick()) == [("numbers", 1, 2)]


def test_a_stage_whose_checkpoint_is_slow_is_held_and_the_others_go_on(stepped: Stepped) -> None:
    stepped.opened(NUMBERS, COUNTS)
    worked_off(stepped.machine, stepped.polled(Told(NUMBERS, 0), Told(COUNTS, 0)))
    stepped.tick()  # both stages begin to save, and only the second is answered
    stepped.lanes.do("save second")
    worked_off(stepped.machine, stepped.polled(Told(NUMBERS, 1), Told(COUNTS, 1)))
    stepped.tick(0.3)

    given = stepped.polled(Told(NUMBERS, 2), Told(COUNTS, 2))

    assert places(given) == [("counts", 2, 3)]
    assert stepped.lanes.waits("poll")
    stepped.lanes.do("poll")
    assert stepped.group.orders[-1].held == {NUMBERS}

    # For seconds, if need be.
    for offset in range(3, 30):
        worked_off(stepped.machine, given)
        stepped.tick(0.1)
        stepped.lanes.do("save second")
        given = stepped.tick() or stepped.polled(Told(COUNTS, offset))
        assert places(given) == [("counts", offset, offset + 1)]

    # Once it is saved, nothing was passed over.
    worked_off(stepped.machine, given)
    stepped.lanes.do("save first")
    given = stepped.tick()
    assert places(given) == [("numbers", 2, 3)]
    worked_off(stepped.machine, given)
    stepped.polled()
    stepped.polled()
    assert {NUMBERS} in [order.freed for order in stepped.group.orders]


def test_an_aborted_checkpoint_gets_the_next_polls_metadata_whatever_waits_for_it(
    stepped: Stepped,
) -> None:
    stepped.opened(NUMBERS)
    stepped.writers["first"].answers = [CheckpointAborted("stale"), None]
    worked_off(stepped.machine, stepped.polled(Told(NUMBERS, 0)))
    stepped.tick()
    before = stepped.group.metadata
    stepped.lanes.do("save first")

    stepped.machine.drain()
    stepped.tick()
    stepped.polled()
    if not stepped.lanes.waits("save first"):
        stepped.polled()
    stepped.lanes.do("save first")
    stepped.tick()

    (_, stale), (_, fresh) = stepped.writers["first"].got
    assert stale <= before < fresh
    assert not stepped.machine.unsaved


def test_what_is_revoked_is_given_up_when_all_of_it_is_saved(stepped: Stepped) -> None:
    stepped.opened(NUMBERS, COUNTS)
    batches = stepped.polled(Told(COUNTS, 0))
    giving = stepped.gives_back(COUNTS)

    stepped.tick()
    assert giving.is_alive(), "an agent has some of it in hand"
    worked_off(stepped.machine, batches)
    stepped.tick()
    assert giving.is_alive(), "it is not saved"
    stepped.lanes.do("save second")
    stepped.tick()

    giving.join(60)
    assert not giving.is_alive()
    assert stepped.machine.assigned == {NUMBERS}


def test_what_was_polled_before_a_revocation_is_left_to_whoever_has_it_now(stepped: Stepped) -> None:
    stepped.opened(NUMBERS, COUNTS)
    batches = stepped.polled(Told(NUMBERS, 0))
    stepped.polled(Told(COUNTS, 0))  # kept while the first batch is in hand
    giving = stepped.gives_back(COUNTS)
    worked_off(stepped.machine, batches)
    stepped.tick()
    stepped.lanes.do("save first")

    assert stepped.tick() == []
    giving.join(60)
    assert stepped.machine.tick(stepped.now) == []


def test_a_worker_that_drains_saves_leaves_and_ends(stepped: Stepped) -> None:
    stepped.opened(NUMBERS)
    batches = stepped.polled(Told(NUMBERS, 0))
    stepped.machine.drain()
    assert stepped.tick() == []

    worked_off(stepped.machine, batches)
    stepped.tick()
    stepped.lanes.do("save first")
    stepped.polled()
    stepped.lanes.do("poll")  # it leaves
    stepped.tick()

    assert stepped.group.left
    assert stepped.machine.ended


def test_a_worker_that_lost_its_partitions_ends_before_it_writes_more(stepped: Stepped) -> None:
    with pytest.raises(Stopped, match="gave this worker's partitions to others"):
        stepped.group.on_lost([NUMBERS])


@pytest.mark.parametrize("offsets", [(0,), (1, 3, 2), (1, 1)])
def test_a_partition_is_never_read_back(stepped: Stepped, offsets: tuple[int, ...]) -> None:
    stepped.opened(NUMBERS)
    worked_off(stepped.machine, stepped.polled(Told(NUMBERS, 0)))
    stepped.tick()

    with pytest.raises(InvariantBroken, match="numbers-0"):
        stepped.polled(*(Told(NUMBERS, offset) for offset in offsets))


def test_what_was_read_under_another_assignment_is_not_saved(stepped: Stepped) -> None:
    stepped.opened(COUNTS)
    (batch,) = stepped.polled(Told(COUNTS, 0))
    batch.term += 1
    worked_off(stepped.machine, [batch])

    with pytest.raises(InvariantBroken, match="assignment"):
        stepped.tick()


def noted(stepped: Stepped, stage: str) -> list[dict[TP, int]]:
    return [checkpoint.offsets for checkpoint, _ in stepped.writers[stage].got]


def test_an_end_that_was_read_to_is_noted_later_though_no_record_stands_there(
    stepped: Stepped,
) -> None:
    stepped.opened(NUMBERS)
    worked_off(stepped.machine, stepped.polled(Told(NUMBERS, 0), ends={NUMBERS: 3}))
    stepped.tick()
    stepped.lanes.do("save first")
    stepped.polled()
    assert noted(stepped, "first") == [{NUMBERS: 3}], "with the records before it, where it is known by then"

    stepped.polled(ends={NUMBERS: 5})
    stepped.tick()
    assert not stepped.lanes.waits("save first"), "each mark by itself would double the transactions"
    stepped.tick(SAVED_AFTER_S)
    stepped.lanes.do("save first")

    assert noted(stepped, "first") == [{NUMBERS: 3}, {NUMBERS: 5}]


def test_a_worker_that_drains_notes_the_ends_that_it_read_to(stepped: Stepped) -> None:
    stepped.opened(NUMBERS)
    stepped.polled(ends={NUMBERS: 2})

    stepped.machine.drain()
    stepped.tick()
    stepped.lanes.do("save first")

    assert noted(stepped, "first") == [{NUMBERS: 2}]


def test_an_end_is_not_noted_before_what_stands_before_it_is_worked_off(stepped: Stepped) -> None:
    stepped.opened(NUMBERS)
    batches = stepped.polled(Told(NUMBERS, 0))
    stepped.polled(Told(NUMBERS, 1), ends={NUMBERS: 2})  # kept, while the first is in hand

    worked_off(stepped.machine, batches)
    stepped.tick(SAVED_AFTER_S)
    stepped.lanes.do("save first")

    assert noted(stepped, "first") == [{NUMBERS: 1}]


def test_a_partition_of_which_records_are_lost_stands_still_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stepped = Stepped(monkeypatch, lost=(Loss("counts", 0, 3, 7),)).opened(NUMBERS, COUNTS)

    batches = stepped.polled(Told(NUMBERS, 0), Told(COUNTS, 8))

    assert places(batches) == [("numbers", 0, 1)]
    health = stepped.machine.health(None)
    assert health.ready
    assert str(health).startswith("1 partitions open, 1 not: records of them were deleted")
    assert stepped.machine.seen(broker_answers=True).restoring == 0, "the watchdog has nothing to wait for"
    worked_off(stepped.machine, batches)
    stepped.told()
    assert REGISTRY.get_sample_value("eropaf_lost_records", {"topic": "counts", "partition": "0"}) == 5

    giving = stepped.gives_back(COUNTS)
    stepped.tick()
    stepped.lanes.do("save first")
    stepped.tick()
    giving.join(60)
    stepped.told()
    assert REGISTRY.get_sample_value("eropaf_lost_records", {"topic": "counts", "partition": "0"}) is None


def test_after_another_worker_went_the_group_is_asked_at_once_and_not_for_ever(stepped: Stepped) -> None:
    stepped.opened(NUMBERS)
    assert not stepped.group.orders[-1].hurried

    stepped.alone.silent = frozenset({"two"})
    stepped.lanes.do("presence")
    stepped.alone.silent = frozenset()
    stepped.polled()
    stepped.polled()

    assert stepped.group.orders[-1].hurried
    stepped.lanes.do("fence first")
    assert stepped.alone.fenced == [("two", "first")]
    stepped.tick(HURRIED_FOR_S + 0.1)
    stepped.polled()
    stepped.polled()
    assert not stepped.group.orders[-1].hurried


def test_what_forbids_a_start_is_told_while_another_question_waits_for_its_answer() -> None:
    def forbidden() -> None:
        raise MayNotJoin("another secret made these keys")

    lanes = ByHand()
    machine = Machine(
        CONFIG,
        (FIRST,),
        lambda stage: None,  # type: ignore[arg-type,return-value]
        None,
        lanes,
        member=Group,
        restorer=Nothing(()),  # type: ignore[arg-type]
        writer=lambda stage: Written(),
        presence=Alone(),
        beforehand=forbidden,
        stop=stop,
    )
    machine.start()
    lanes.do("beforehand")

    with pytest.raises(MayNotJoin):
        machine.tick(0.0)

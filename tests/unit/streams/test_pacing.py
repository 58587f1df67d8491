"""Which partitions wait while much of one sender is worked off."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from eropaf.streams.runtime.pacing import MANY_AHEAD, MANY_OF_ONE, SEEN_AFTER_S, InTransit, held_back
from eropaf.streams.runtime.stage import Stage
from eropaf.streams.topic_partition import TP

FIRST = Stage("first", ("of-one", "of-another"))
SECOND = Stage("second", ("shared",))
THIRD = Stage("third", ("told",))
STAGES = (FIRST, SECOND, THIRD)
PARTITIONS = [TP(topic, number) for stage in STAGES for topic in stage.inputs for number in range(2)]

BURST, ORDINARY, SHARED = TP("of-one", 0), TP("of-another", 0), TP("shared", 0)


def test_what_is_far_behind_waits_while_a_later_stage_is_behind() -> None:
    assert held_back(STAGES, {BURST: 100_000, ORDINARY: 3, SHARED: MANY_AHEAD + 1}, {}) == {BURST}


def test_it_is_read_on_once_the_later_stages_keep_up() -> None:
    assert held_back(STAGES, {BURST: 100_000, ORDINARY: 3, SHARED: MANY_AHEAD}, {}) == set()


def test_what_waits_in_all_later_stages_counts_together() -> None:
    waiting = {BURST: 100_000, SHARED: MANY_AHEAD, TP("told", 1): 1}
    assert held_back(STAGES, waiting, {}) == {BURST}


def test_what_its_own_stage_has_waiting_holds_nothing_back() -> None:
    assert held_back(STAGES, {BURST: 100_000, ORDINARY: 100_000}, {}) == set()


waits = st.dictionaries(st.sampled_from(PARTITIONS), st.integers(0, 10_000))


@given(waits)
def test_the_last_stage_always_moves_so_that_what_waits_for_it_will_too(waiting: dict[TP, int]) -> None:
    assert not [tp for tp in held_back(STAGES, waiting, {}) if tp.topic in THIRD.inputs]


@given(waits)
def test_who_sends_little_never_waits(waiting: dict[TP, int]) -> None:
    assert all(waiting[tp] > MANY_OF_ONE for tp in held_back(STAGES, waiting, {}))


@given(waits, st.sampled_from(PARTITIONS))
def test_more_that_waits_frees_nothing(waiting: dict[TP, int], tp: TP) -> None:
    more = {**waiting, tp: waiting.get(tp, 0) + 1_000}
    assert held_back(STAGES, waiting, {}) <= held_back(STAGES, more, {})


def test_what_was_written_lately_and_not_read_counts_as_waiting_too() -> None:
    under_way = InTransit(STAGES)
    under_way.wrote(0.0, ["shared"] * (MANY_AHEAD + 1) + ["nobody-of-ours-reads-it"] * 10_000)

    waiting = {BURST: 100_000, ORDINARY: 3}
    assert held_back(STAGES, waiting, under_way.counts(0.1)) == {BURST}

    under_way.read(0.2, "shared", 1)
    assert held_back(STAGES, waiting, under_way.counts(0.2)) == set()


def test_what_is_in_both_counts_once() -> None:
    assert held_back(STAGES, {BURST: 100_000, SHARED: 1_500}, {"shared": 1_500}) == set()


def test_what_others_read_is_not_waited_for_for_ever() -> None:
    under_way = InTransit(STAGES)
    under_way.wrote(0.0, ["shared"] * 10_000)

    assert under_way.counts(SEEN_AFTER_S)["shared"] == 10_000
    assert under_way.counts(SEEN_AFTER_S + 0.01)["shared"] == 0


def test_what_is_remembered_does_not_grow_while_nobody_is_held_back() -> None:
    under_way = InTransit(STAGES)
    rounds = 20_000
    tracemalloc.start()
    for turn in range(rounds):
        if turn == rounds // 2:
            before, _ = tracemalloc.get_traced_memory()
        under_way.wrote(turn * 0.01, ["shared"])
        under_way.read(turn * 0.01, "burst", 1)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert after - before < 10_000
    assert under_way.counts(rounds * 0.01 + 1) == {"shared": 0, "burst": 0}

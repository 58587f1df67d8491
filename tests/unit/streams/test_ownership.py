"""Assignments come and go, overlap and cross; rows are opened only under the one that stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eropaf.streams.runtime.ownership import Ownership
from eropaf.streams.runtime.stage import Stage, TableSpec
from eropaf.streams.topic_partition import TP

SPEC = TableSpec("rows", encode=bytes, decode=bytes)
JOIN = Stage("join", ("left", "right"), SPEC)
PASS = Stage("pass", ("in",))
LEFT, RIGHT, IN = TP("left", 0), TP("right", 0), TP("in", 0)


def test_a_stage_without_a_table_is_taken_partition_by_partition() -> None:
    taken = Ownership([PASS]).assign([IN, TP("in", 1)])

    assert [shard.inputs for shard, _ in taken] == [(IN,), (TP("in", 1),)]


def test_a_stage_with_a_table_is_taken_only_when_all_its_inputs_are_here() -> None:
    ownership = Ownership([JOIN])

    assert ownership.assign([LEFT]) == []
    assert [shard.inputs for shard, _ in ownership.assign([RIGHT])] == [(LEFT, RIGHT)]


def test_nothing_is_read_before_it_is_open() -> None:
    ownership = Ownership([JOIN])
    ((shard, term),) = ownership.assign([LEFT, RIGHT])

    assert not ownership.may_read(LEFT)
    assert ownership.open(shard, term)
    assert ownership.may_read(LEFT)
    assert ownership.may_read(RIGHT)


def test_giving_up_one_input_closes_the_rows_behind_all() -> None:
    ownership = Ownership([JOIN])
    ((shard, term),) = ownership.assign([LEFT, RIGHT])
    ownership.open(shard, term)

    assert ownership.revoke([RIGHT]) == [shard]
    assert not ownership.may_read(LEFT)


def test_a_late_restore_does_not_open_rows_under_a_later_assignment() -> None:
    ownership = Ownership([JOIN])
    ((shard, first),) = ownership.assign([LEFT, RIGHT])
    ownership.revoke([LEFT, RIGHT])
    ((_, second),) = ownership.assign([LEFT, RIGHT])

    assert not ownership.holds(shard, first)
    assert not ownership.open(shard, first)
    assert not ownership.may_read(LEFT)
    assert ownership.open(shard, second)


def test_a_second_assignment_does_not_reopen_live_rows() -> None:
    ownership = Ownership([JOIN])
    ((shard, term),) = ownership.assign([LEFT, RIGHT])
    ownership.open(shard, term)

    assert ownership.assign([LEFT]) == []
    assert ownership.may_read(LEFT)


def test_two_stages_cannot_read_one_topic() -> None:
    with pytest.raises(ValueError, match="in is read by"):
        Ownership([PASS, Stage("other", ("in",))])


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([LEFT, RIGHT, IN])), max_size=30))
def test_what_may_be_read_is_always_wholly_assigned(moves: list[tuple[bool, TP]]) -> None:
    ownership = Ownership([JOIN, PASS])
    for given_to_us, tp in moves:
        if given_to_us:
            for shard, term in ownership.assign([tp]):
                ownership.open(shard, term)
        else:
            ownership.revoke([tp])

        for shard in ownership.opened:
            assert ownership.assigned.issuperset(shard.inputs)
        assert ownership.opening == 0

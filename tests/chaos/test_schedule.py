from __future__ import annotations

from itertools import islice

import pytest

from tests.chaos.faults import KINDS, SHORT, kinds_for
from tests.chaos.schedule import Step, schedule
from tests.chaos.table import kinds_as_markdown
from tests.integration.processes import REPO


def test_one_seed_gives_one_schedule() -> None:
    first, again = (list(islice(schedule(3, list(KINDS)), 100)) for _ in range(2))

    assert first == again
    assert first != list(islice(schedule(4, list(KINDS)), 100))


def test_each_round_holds_every_kind_once() -> None:
    kinds = kinds_for(3)

    steps = schedule(1, kinds)

    for _ in range(3):
        assert sorted(kind for step in islice(steps, len(kinds)) for kind in step.kinds) == sorted(kinds)


@pytest.mark.parametrize("at_once", [2, 3])
def test_faults_at_once_strike_different_things_and_leave_none_out(at_once: int) -> None:
    kinds = kinds_for(3)

    steps = schedule(1, kinds, at_once)

    together: list[Step] = []
    while sum(len(step.kinds) for step in together) < len(kinds):
        together.append(next(steps))
    assert sorted(kind for step in together for kind in step.kinds) == sorted(kinds)
    assert max(len(step.kinds) for step in together) == at_once
    for step in together:
        struck = [what for kind in step.kinds for what in KINDS[kind].strikes]
        assert len(struck) == len(set(struck))


def test_who_needs_a_well_cluster_comes_before_who_breaks_it() -> None:
    steps = islice(schedule(1, ["kill -9 of a broker", "the group's offsets lost, and restored"], 2), 10)

    assert {step.kinds for step in steps} == {
        ("the group's offsets lost, and restored", "kill -9 of a broker")
    }


def test_one_broker_is_spared_what_needs_three() -> None:
    assert set(kinds_for(3)) - set(kinds_for(1)) == {
        "kill -9 of a partition's leader",
        "kill -9 of the controller",
        "kill -9 of two brokers of three",
        "kill -9 of every broker",
        "a broker cut off from the others for 8 s",
        "a broker that does not reach the others for 8 s",
    }
    assert set(SHORT) <= set(kinds_for(1, breakable=False))


def test_there_are_thirty_kinds() -> None:
    assert len(KINDS) >= 30


def test_the_page_states_each_kind_with_its_bound() -> None:
    page = (REPO / "docs" / "reliability.md").read_text("utf-8")

    assert kinds_as_markdown(KINDS.values()) in page, "write what `python -m tests.chaos --list` says there"

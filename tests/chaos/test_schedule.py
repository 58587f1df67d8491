from __future__ import annotations

from itertools import islice

from tests.chaos.faults import KINDS, SHORT, kinds_for
from tests.chaos.schedule import schedule


def test_one_seed_gives_one_schedule() -> None:
    first, again = (list(islice(schedule(3, list(KINDS)), 100)) for _ in range(2))

    assert first == again
    assert first != list(islice(schedule(4, list(KINDS)), 100))


def test_each_round_holds_every_kind_once() -> None:
    kinds = kinds_for(3)

    steps = schedule(1, kinds)

    for _ in range(3):
        assert sorted(step.kind for step in islice(steps, len(kinds))) == sorted(kinds)


def test_one_broker_is_spared_what_needs_three() -> None:
    assert set(kinds_for(3)) - set(kinds_for(1)) == {
        "kill -9 of a partition's leader",
        "kill -9 of the controller",
    }
    assert set(SHORT) <= set(kinds_for(1))

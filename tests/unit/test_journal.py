"""When a flow counts as at rest: judged sooner, what is still under way would be called lost."""

from __future__ import annotations

from collections.abc import Mapping

from tests.journal import come_to_rest

PLACE = ("household-events", 0)


class Slices:
    """A stage that stores the next of three records whenever it has taken one in, a moment later."""

    def __init__(self) -> None:
        self.last, self.offset, self.half_way = 0, 0, False

    def works(self) -> None:
        if self.half_way:
            self.half_way = False
        elif self.offset <= self.last:
            self.offset = self.last + 1
            self.half_way = self.last < 2
            self.last += self.half_way

    def ends(self) -> Mapping[tuple[str, int], int]:
        # What a transaction that is half-way has stored, nobody sees.
        return {PLACE: self.last - self.half_way}

    def taken_in(self, last: Mapping[tuple[str, int], int]) -> bool:
        return self.offset > last[PLACE]


def looks(flow: Slices, worked_between: bool) -> int:
    """Return at which look the flow counted as at rest."""
    at_rest = come_to_rest(flow.ends, lambda: flow.half_way, flow.taken_in)
    for look in range(1, 20):
        if at_rest():
            return look
        if worked_between:
            flow.works()
    return 0


def test_a_flow_is_at_rest_once_nothing_came_of_what_was_taken_in() -> None:
    flow = Slices()

    assert looks(flow, worked_between=True)

    assert (flow.last, flow.offset) == (2, 3)


def test_a_flow_that_takes_nothing_in_or_leaves_something_half_way_is_never_at_rest() -> None:
    behind, hiding = Slices(), Slices()
    hiding.offset, hiding.half_way = 1, True

    assert looks(behind, worked_between=False) == 0
    assert looks(hiding, worked_between=False) == 0


def test_one_look_is_not_enough() -> None:
    flow = Slices()
    flow.last, flow.offset = 2, 3

    assert looks(flow, worked_between=False) == 2

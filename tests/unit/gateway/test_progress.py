"""How far intake is: told only once what was said of a signal has been read."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from eropaf.gateway import state as states
from eropaf.gateway.config import Kept
from eropaf.gateway.progress import Progress
from eropaf.gateway.state import News, Reached, State
from eropaf_client.topic_reader import Read
from tests.integration.processes import PATIENCE_S

PARTITIONS = {"arrears.rent": 1, "feedback.rent": 2}
ASIDE = Read("feedback.water", 0, 0, None, 0, b"")
KEPT = Kept(1, 1, 1)
# Where what was said of rent's signals ends.
ENDS = {("feedback.rent", 0): 7, ("feedback.rent", 1): 2}


class AllRead:
    """A group that has read five records, and said nine things of them."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def positions(self, topic: str, partitions: int) -> Mapping[int, int]:
        self.asked.append(topic)
        return {0: 5}

    def ends(self, topic: str, partitions: int) -> Mapping[int, int]:
        self.asked.append(topic)
        return {each: ENDS[topic, each] for each in range(partitions)}

    def close(self) -> None:
        pass


def test_nothing_is_taken_in_while_what_was_said_of_it_is_unread() -> None:
    reads, group = [False, True], AllRead()

    async def read_to(ends: Reached) -> bool:
        assert ends == ENDS
        return reads.pop(0)

    async def program() -> None:
        progress = Progress(group, ["rent"], PARTITIONS, read_to)
        assert not await progress.taken_in("rent", 0, 0)
        assert await progress.taken_in("rent", 0, 0)
        assert await progress.taken_in("rent", 0, 1), "settled: nothing more is read for it"
        assert not await progress.taken_in("rent", 0, 5), "the group has not read it"

    asyncio.run(program())
    assert group.asked[:2] == ["arrears.rent", "feedback.rent"], "where answers end is asked last"


async def waited(state: State, *news: News) -> bool:
    """Tell these news over and over, without an empty round among them, while somebody waits."""
    waiting = asyncio.ensure_future(state.read_to(ENDS))
    while not waiting.done():
        for each in news:
            state.take(each)
            await asyncio.sleep(0)
    return waiting.result()


@pytest.mark.parametrize(
    ("news", "said"),
    [
        (News([ASIDE], True, ENDS), True),
        (News([ASIDE], False, {**ENDS, ("feedback.rent", 1): 3}), True),
        (News([ASIDE], True, {**ENDS, ("feedback.rent", 1): 1}), False),
        (News([], True, {("feedback.rent", 0): 7}), False),
    ],
)
def test_who_waits_hears_whether_reading_came_so_far_however_much_comes(
    monkeypatch: pytest.MonkeyPatch, news: News, said: bool
) -> None:
    monkeypatch.setattr(states, "READ_ON_WITHIN_S", PATIENCE_S if said else 0.01)

    async def program() -> None:
        assert await waited(State({}, {}, {}, None, KEPT), news) is said

    asyncio.run(program())

"""How far intake is: told only once what was said of a signal has been read."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from eropaf.gateway import state as states
from eropaf.gateway.config import Kept
from eropaf.gateway.progress import Progress
from eropaf.gateway.state import News, State
from eropaf_client.topic_reader import Read

TOPIC = "arrears.rent"
ASIDE = Read("feedback.rent", 0, 0, None, 0, b"")
KEPT = Kept(1, 1, 1)


class AllRead:
    """A group that has read five records."""

    def positions(self, topic: str, partitions: int) -> Mapping[int, int]:
        return {0: 5}

    def close(self) -> None:
        pass


def test_nothing_is_taken_in_while_what_was_said_of_it_is_unread() -> None:
    reads = [False, True]

    async def read_on() -> bool:
        return reads.pop(0)

    async def program() -> None:
        progress = Progress(AllRead(), {TOPIC: 1}, read_on)
        assert not await progress.taken_in(TOPIC, 0, 0)
        assert await progress.taken_in(TOPIC, 0, 0)
        assert await progress.taken_in(TOPIC, 0, 1), "settled: nothing more is read for it"

    asyncio.run(program())


@pytest.mark.parametrize("news", [News([ASIDE], True), News([], False)])
def test_who_never_comes_to_the_end_says_so(monkeypatch: pytest.MonkeyPatch, news: News) -> None:
    monkeypatch.setattr(states, "READ_ON_WITHIN_S", 0.01)

    async def program() -> None:
        state = State({}, {}, None, KEPT)
        waiting = asyncio.ensure_future(state.read_on())
        while not waiting.done():
            state.take(news)
            await asyncio.sleep(0)
        assert waiting.result() is False

    asyncio.run(program())

"""What a browser is told that comes back, and at midnight: no more than it must hear, and no less."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from eropaf.board.reading import News
from eropaf.board.state import State
from eropaf.board.user import EVERYWHERE, Role, User
from eropaf_client.inbox import Received
from tests.board.standing import city, key

SANNE = User("sanne", "sanne", Role.OUTREACH, frozenset({"1011"}))
LOTTE = User("lotte", "lotte", Role.LEAD, EVERYWHERE)


def told(state: State, *updates: Any) -> None:
    state.take(News(updates=[Received(each.household, each, 0, 0, 0, b"") for each in updates]))


async def always() -> bool:
    return True


async def until_whole(events: AsyncIterator[str]) -> tuple[list[str], str]:
    """Return the households of the rows that were told, and the mark of them all."""
    households: list[str] = []
    async for event in events:
        fields = dict(line.split(": ", 1) for line in event.strip().splitlines())
        if fields["event"] == "rows":
            households += [row["household"] for row in json.loads(fields["data"])]
        if fields["event"] == "whole":
            return households, fields["id"]
    raise AssertionError("the stream ended")


def test_who_comes_back_is_told_what_changed_and_no_more() -> None:
    async def run() -> None:
        state = State(event_clock=False)
        households = city(30)
        told(state, *households)
        everything, mark = await until_whole(state.changes(LOTTE, always))
        assert len(everything) == 30
        told(state, replace(households[4], sequence=2, urgency=1))

        assert await until_whole(state.changes(LOTTE, always, mark)) == (
            [key(4)],
            state.since.mark(LOTTE),
        )
        nothing, _ = await until_whole(state.changes(LOTTE, always, state.since.mark(LOTTE)))
        assert nothing == []

    asyncio.run(run())


@pytest.mark.parametrize(
    "mark_of",
    [
        lambda state: state.since.mark(SANNE),  # other eyes
        lambda state: State(event_clock=False).since.mark(LOTTE),  # before the board started again
        lambda state: "never ours",
        lambda state: state.since.mark(LOTTE) + "²",
    ],
)
def test_a_mark_that_is_not_this_persons_tells_everything(mark_of: Callable[[State], str]) -> None:
    async def run() -> None:
        state = State(event_clock=False)
        told(state, *city(30))

        everything, _ = await until_whole(state.changes(LOTTE, always, mark_of(state)))

        assert len(everything) == 30

    asyncio.run(run())


def test_midnight_is_told_to_who_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> str:
        state = State(event_clock=False)
        told(state, *city(3))
        events = state.changes(LOTTE, always)
        await until_whole(events)
        monkeypatch.setattr(State, "today", date(2099, 1, 1))
        state.wake()
        async for event in events:
            if event.startswith("event: today"):
                return event
        raise AssertionError("the stream ended")

    assert '"2099-01-01"' in asyncio.run(run())

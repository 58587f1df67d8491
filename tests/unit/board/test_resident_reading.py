"""What residents have read at the desk: one after the other, once each, and in memory for no longer."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from eropaf.board.explaining import NotOpened
from eropaf.board.resident import desk
from eropaf.board.resident.store import SESSION_S
from tests.unit.board.a_resident_desk import Deeds, Desk, tried


def test_what_is_held_is_read_once_and_the_page_is_told_while_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = asyncio.Event()
    monkeypatch.setattr(desk, "WAITS_S", 0.01)

    async def then(here: Desk) -> Any:
        async def slow(self: Any, session: Any, known: Any) -> dict[str, Any]:
            await read.wait()
            return await everything(self, session, known)

        everything = desk.ResidentDesk._everything
        monkeypatch.setattr(desk.ResidentDesk, "_everything", slow)
        token = await here.session()
        first = (await here.ask("show", token=token)).json()
        read.set()
        monkeypatch.setattr(desk, "WAITS_S", 60)
        second = (await here.ask("show", token=token)).json()
        await here.ask("show", token=token)
        return first, second["ready"], len(here.deeds.done)

    assert tried(tmp_path, then) == ({"ready": False}, True, 1)


def test_one_residents_topics_are_read_at_a_time_to_look_and_to_act(tmp_path: Path) -> None:
    deeds, another = Deeds(), threading.Event()
    does, under_way, most = deeds.act, [0], [0]

    def act(deed: str) -> Mapping[str, Any]:
        under_way[0] += 1
        most[0] = max(most[0], under_way[0])
        if most[0] > 1:
            another.set()
        another.wait(0.2)  # which nothing ends, where one is done at a time
        under_way[0] -= 1
        return does(deed)

    async def then(here: Desk) -> Any:
        looks, acts = await here.session(), await here.session()
        answered = await asyncio.gather(
            here.ask("show", token=looks), here.ask("act", token=acts, deed="object")
        )
        return [each.status_code for each in answered], most[0]

    deeds.act = act
    assert tried(tmp_path, then, deeds) == ([200, 200], 1)


def test_a_reading_whose_turn_comes_after_its_resident_left_is_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deeds, ends = Deeds(), threading.Event()
    does = deeds.act

    def act(deed: str) -> Mapping[str, Any]:
        assert ends.wait(60)
        return does(deed)

    async def then(here: Desk) -> Any:
        first, left, last = [await here.session(f"1011 AB {number}") for number in (1, 2, 3)]
        monkeypatch.setattr(desk, "WAITS_S", 0.01)
        waits = [(await here.ask("show", token=each)).json()["ready"] for each in (first, left)]
        await here.ask("leave", token=left)
        monkeypatch.setattr(desk, "WAITS_S", 60)
        ends.set()
        shown = (await here.ask("show", token=last)).json()["ready"]
        return waits, shown, [who for _, _, who in here.deeds.done]

    deeds.act = act
    assert tried(tmp_path, then, deeds) == ([False, False], True, ["1011 AB 1", "1011 AB 3"])


def test_what_is_in_memory_of_a_session_ends_with_it_also_where_nobody_looked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def then(here: Desk) -> bool:
        token = await here.session()
        monkeypatch.setattr(desk, "time", SimpleNamespace(time=lambda: time.time() + SESSION_S))
        await here.ask("act", token=token, deed="object")
        async with asyncio.timeout(60):
            while here.residents._known:
                await asyncio.sleep(0)
        return True

    assert tried(tmp_path, then)


def test_what_could_not_be_read_is_read_again_at_the_next_look(tmp_path: Path) -> None:
    deeds = Deeds()
    whole = deeds.act

    def fails_once(deed: str) -> Mapping[str, Any]:
        deeds.act = whole
        raise NotOpened("no answer")

    async def then(here: Desk) -> list[int]:
        token = await here.session()
        return [(await here.ask("show", token=token)).status_code for _ in range(2)]

    deeds.act = fails_once
    assert tried(tmp_path, then, deeds) == [503, 200]

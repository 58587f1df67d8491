"""An address that is unsafe to visit: who marks it, what follows of it, and when it ends."""

from __future__ import annotations

import asyncio
import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from eropaf.board.reading import News
from eropaf.board.rounds import round_of
from eropaf.board.safety import Decision, Level, Mark, Marks, farthest_mark
from eropaf.board.state import State
from eropaf.board.user import EVERYWHERE, Role, User
from eropaf_client.inbox import Received
from eropaf_client.schemas.topics import DOOR_SAFETY
from eropaf_client.topic_reader import Read
from tests.integration.clients.telling import an_update
from tests.unit.board.a_board import HOME, NOW_KNOWN, Board, with_board

DOOR = f"/households/{HOME}"
TODAY = date(2026, 3, 2)


def said(answer: httpx2.Response) -> str:
    return parse_qs(urlsplit(answer.headers["location"]).query)["said"][0]


def marked(board: Board, level: Level = Level.OFFICE_ONLY) -> None:
    mark = Mark(level, farthest_mark(board.state.today), "lotte")
    board.state.take(News(marks=[(0, 0, Decision(HOME, mark))]))


def run(tmp_path: Path, tried: Any) -> None:
    asyncio.run(with_board(tmp_path, tried))


def test_a_mark_holds_on_its_last_day_and_ends_by_itself() -> None:
    marks = Marks()
    marks.take(Decision(HOME, Mark(Level.NOT_ALONE, TODAY)))

    assert marks.of(HOME, TODAY) == Mark(Level.NOT_ALONE, TODAY)
    assert marks.of(HOME, TODAY + timedelta(days=1)) is None


def test_the_last_decision_holds_and_one_taken_back_leaves_nothing() -> None:
    marks = Marks()
    for mark in (Mark(Level.OFFICE_ONLY, TODAY), Mark(Level.NOT_ALONE, TODAY)):
        marks.take(Decision(HOME, mark))
    assert marks.of(HOME, TODAY) == Mark(Level.NOT_ALONE, TODAY)

    marks.take(Decision(HOME, None))

    assert marks.of(HOME, TODAY) is None


def test_a_level_of_a_newer_version_is_the_strictest() -> None:
    record = Mark(Level.NOT_ALONE, TODAY, "lotte").to_record(HOME)

    assert Mark.from_record(record) == Mark(Level.NOT_ALONE, TODAY, "lotte")
    assert Mark.from_record(record | {"level": "UNKNOWN"}).level is Level.OFFICE_ONLY


def test_a_mark_that_no_page_can_show_is_refused() -> None:
    record = Mark(Level.NOT_ALONE, TODAY).to_record(HOME)

    for wrong in ({"until": 2**31 - 1}, {"until": -1}, {"decided_by": "x" * 10_000}):
        with pytest.raises((ValueError, OverflowError)):
            Mark.from_record(record | wrong)


def test_a_lead_marks_an_address_and_takes_the_mark_off(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        until = farthest_mark(board.state.today)
        answer = await board.ask("POST", f"{DOOR}/safety", level="NOT_ALONE", until=until.isoformat())
        assert said(answer) == "safety_stored"
        row = board.state.row(HOME)
        assert row is not None
        assert row.mark == Mark(Level.NOT_ALONE, until, "lotte")
        assert "Ga hier met een collega heen." in (await board.ask("GET", DOOR)).text

        await board.ask("POST", f"{DOOR}/safety", level="")

        row = board.state.row(HOME)
        assert row is not None
        assert row.mark is None

    run(tmp_path, tried)


@pytest.mark.parametrize("days", [-1, 183, None])
def test_a_mark_has_a_last_day_within_half_a_year(tmp_path: Path, days: int | None) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        until = "" if days is None else (board.state.today + timedelta(days=days)).isoformat()

        answer = await board.ask("POST", f"{DOOR}/safety", level="NOT_ALONE", until=until)

        assert said(answer) == "safety_day"
        row = board.state.row(HOME)
        assert row is not None
        assert row.mark is None

    run(tmp_path, tried)


def test_only_a_lead_decides_and_only_of_a_household_that_is_theirs(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        sanne = await board.hire("sanne")
        until = board.state.today.isoformat()

        assert (
            await board.ask("POST", f"{DOOR}/safety", sanne, level="NOT_ALONE", until=until)
        ).status_code == 403
        assert (await board.ask("POST", "/households/unknown/safety", level="")).status_code == 404
        assert "data-safety-form" not in (await board.ask("GET", DOOR, sanne)).text
        assert (await board.ask("POST", f"{DOOR}/safety", level="LOUD", until=until)).status_code == 400

    run(tmp_path, tried)


def test_nobody_says_that_they_go_where_nobody_visits(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        sanne = await board.hire("sanne")
        marked(board)

        assert said(await board.ask("POST", f"{DOOR}/claim", sanne)) == "office_only"
        by_a_script = await board.ask("POST", f"{DOOR}/claim", sanne, accept="application/json")
        assert (by_a_script.status_code, by_a_script.json()) == (409, {"office_only": True})
        assert said(await board.ask("POST", "/round", sanne, area="1011")) == "none_free"
        assert board.state.claims.holder(HOME) is None

        marked(board, Level.NOT_ALONE)

        assert (await board.ask("POST", f"{DOOR}/claim", sanne)).headers["location"] == DOOR
        assert board.state.claims.holder(HOME) is not None

    run(tmp_path, tried)


def test_somebody_calls_or_writes_where_nobody_visits(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        sanne = await board.hire("sanne")
        marked(board)
        assert "Ik bel of schrijf" in (await board.ask("GET", DOOR, sanne)).text

        await board.ask("POST", f"{DOOR}/claim", sanne, how="office")

        holder = board.state.claims.holder(HOME)
        assert holder is not None
        assert holder.id == "sanne"
        chosen = re.search('value="([A-Z]+)" checked', (await board.ask("GET", DOOR, sanne)).text)
        assert chosen is not None
        assert chosen[1] == "LETTER"

    run(tmp_path, tried)


def test_a_round_does_not_lead_to_an_address_that_nobody_visits(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        await board.ask("POST", f"{DOOR}/claim")
        lotte = User("lotte", "Lotte", Role.LEAD, EVERYWHERE)
        assert round_of(board.state, lotte).next() is not None

        marked(board)

        assert round_of(board.state, lotte).next() is None
        shown = (await board.ask("GET", "/round")).text
        assert '<strong class="safety">Alleen op kantoor</strong>' in shown

    run(tmp_path, tried)


def test_a_browser_hears_of_a_mark_and_its_last_day(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        row = board.state.row(HOME)
        assert row is not None
        assert "safety" not in row.to_json()
        everybody = User("u", "lotte", Role.LEAD, EVERYWHERE)
        mark = board.state.since.mark(everybody)

        marked(board)

        row = board.state.row(HOME)
        assert row is not None
        until = farthest_mark(board.state.today).isoformat()
        assert row.to_json().items() >= {"safety": "OFFICE_ONLY", "safe_until": until}.items()
        assert board.state.since.after(everybody, mark) == [HOME]

    run(tmp_path, tried)


def test_an_erasure_leaves_the_mark_and_a_household_that_comes_again_shows_it(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        marked(board)
        at = int(datetime.now().timestamp() * 1000)
        board.state.take(News([Received(HOME, None, at, 0, 1, b"")]))
        assert board.state.row(HOME) is None

        board.state.take(News([Received(HOME, an_update(household=HOME), at, 0, 2, b"")]))

        row = board.state.row(HOME)
        assert row is not None
        assert row.office_only

    run(tmp_path, tried)


def test_a_mark_of_a_household_that_was_never_listed_waits_for_it() -> None:
    async def tried() -> None:
        state = State(event_clock=False)
        mark = Mark(Level.NOT_ALONE, farthest_mark(state.today))
        state.take(News(marks=[(0, 0, Decision(HOME, mark))]))

        state.take(NOW_KNOWN)

        row = state.row(HOME)
        assert row is not None
        assert row.mark == mark

    asyncio.run(tried())


def test_a_record_that_cannot_be_used_leaves_the_mark_and_an_empty_one_takes_it_off() -> None:
    def read(offset: int, value: tuple[Mark | None] | None) -> News:
        return News.of([Read(DOOR_SAFETY, 0, offset, value, 0, HOME.encode())], caught_up=False)

    async def tried() -> None:
        state = State(event_clock=False)
        state.take(NOW_KNOWN)
        mark = Mark(Level.NOT_ALONE, farthest_mark(state.today))
        for news, left in ((read(0, (mark,)), mark), (read(1, None), mark), (read(2, (None,)), None)):
            state.take(news)
            row = state.row(HOME)
            assert row is not None
            assert row.mark == left

    asyncio.run(tried())

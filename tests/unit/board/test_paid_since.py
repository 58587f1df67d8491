"""Whoever takes a household has its creditors asked, and is told what was settled since."""

from __future__ import annotations

import asyncio
import re
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from eropaf.board.asking import MOST_WAITING, Asking
from eropaf.board.kept import now_ms
from eropaf.board.reading import News
from eropaf.board.records import Claim
from eropaf_client.errors import NotAcknowledged
from eropaf_client.follow_up import FollowUp
from eropaf_client.inbox import Received
from eropaf_client.outcomes import EndResult, OutcomeReporter, OutreachOutcome
from eropaf_client.records import Band, Change, PriorityUpdate
from tests.integration.clients.telling import an_update
from tests.integration.processes import PATIENCE_S
from tests.unit.board.a_board import HOME, NOW_KNOWN, Board, letting_go, until, with_board
from tests.unit.board.test_since import always, until_whole

DOOR = f"/households/{HOME}"
OTHER = f"{8:032x}"
SAID = "data-settled"
ADDRESS = "1011 AB 12"


def left(change: Change = Change.CLOSED) -> News:
    update = an_update(household=HOME, sequence=2, band=Band.NONE, respond_by=None, change=change)
    return News([Received(HOME, update, now_ms(), 0, 0, b"")])


async def taken(board: Board) -> None:
    """Have Sanne hold the household for a minute."""
    board.state.take(NOW_KNOWN)
    board.state.take(News(claims=[(0, 0, Claim(HOME, None, "sanne", "Sanne", now_ms() - 60_000))]))


def test_the_page_of_who_holds_a_household_hears_what_changes_from_then_on(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        await taken(board)
        sanne, youssef = await board.hire("sanne"), await board.hire("youssef")
        mine = (await board.ask("GET", DOOR, sanne)).text
        (mark,) = re.findall(rf'data-mine="{HOME}" data-since="([^"]+)"', mine)
        assert "data-mine" not in (await board.ask("GET", DOOR, youssef)).text

        board.state.take(left())

        heard, _ = await until_whole(board.state.changes(sanne.user, always, mark))
        assert heard == [HOME]
        assert SAID in (await board.ask("GET", DOOR, sanne)).text

    asyncio.run(with_board(tmp_path, tried))


def test_whoever_takes_a_household_has_its_creditors_asked_once(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        sanne, youssef = await board.hire("sanne"), await board.hire("youssef")

        await board.ask("POST", f"{DOOR}/claim", sanne)
        await until(lambda: bool(board.reported))
        assert (await board.ask("POST", f"{DOOR}/claim", youssef)).status_code == 303
        await board.ask("POST", f"{DOOR}/release", sanne)

        (asked,) = board.reported
        assert (asked.household, asked.asks_still_open) == (HOME, True)
        assert (asked.attempt, asked.result, asked.picked_up_on, asked.follow_up) == (None,) * 4
        assert "Nog niets vastgelegd" in (await board.ask("GET", DOOR, sanne)).text

    asyncio.run(with_board(tmp_path, tried, asks_creditors=True))


def test_of_each_household_of_a_planned_round_creditors_are_asked(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)

        await board.ask("POST", "/round", area="1011")

        await until(lambda: [each.household for each in board.reported] == [HOME])

    asyncio.run(with_board(tmp_path, tried, asks_creditors=True))


def test_without_a_ground_in_the_policy_nothing_is_published(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        await board.ask("POST", f"{DOOR}/claim")
        await board.ask("POST", DOOR, outcome_id=f"{9:032x}", channel="VISIT", outcome="not_reached")

        assert [each.asks_still_open for each in board.reported] == [False]

    asyncio.run(with_board(tmp_path, tried))


def test_a_claim_holds_where_nobody_can_be_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def tried(board: Board) -> None:
        tries: list[OutreachOutcome] = []

        def report(asks: OutreachOutcome) -> None:
            tries.append(asks)
            raise NotAcknowledged("no answer in time")

        monkeypatch.setattr(board.reported, "report", report)
        board.state.take(NOW_KNOWN)

        await board.ask("POST", f"{DOOR}/claim")

        await until(lambda: bool(tries))
        holder = board.state.claims.holder(HOME)
        assert holder is not None
        assert holder.id == "lotte"

    asyncio.run(with_board(tmp_path, tried, asks_creditors=True))


def test_creditors_are_asked_one_after_another_and_no_result_waits_for_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Brokers that answer slowly keep a thread for as long; claims and results need those too."""
    under_way, most, answers = list[str](), list[int](), threading.Event()

    def report(asks: OutreachOutcome) -> None:
        under_way.append(asks.household)
        most.append(len(under_way))
        assert answers.wait(PATIENCE_S)
        under_way.remove(asks.household)

    async def tried(board: Board) -> None:
        monkeypatch.setattr(board.reported, "report", report)
        asking = Asking(cast(OutcomeReporter, board.reported), may_ask=True)
        for each in range(MOST_WAITING + 5):
            asking.ask(f"{each:032x}")
        await until(lambda: bool(under_way))
        answers.set()
        await until(lambda: asking.waiting == 0)

    asyncio.run(with_board(tmp_path, tried))
    assert most == [1] * MOST_WAITING


def test_the_moment_of_asking_is_that_of_setting_out_however_long_it_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answers = list[OutreachOutcome](), threading.Event()

    def report(asks: OutreachOutcome) -> None:
        assert answers.wait(PATIENCE_S)
        asked.append(asks)

    async def tried(board: Board) -> None:
        monkeypatch.setattr(board.reported, "report", report)
        asking = Asking(cast(OutcomeReporter, board.reported), may_ask=True)
        asking.ask(HOME)
        asking.ask(OTHER)
        set_out = datetime.now(UTC)
        answers.set()
        await until(lambda: len(asked) == 2)
        assert all(each.at <= set_out for each in asked)

    asyncio.run(with_board(tmp_path, tried))


@pytest.mark.parametrize(
    "more", [{"follow_up": FollowUp(date(2026, 3, 12), card_left=True)}, {"picked_up_on": date(2026, 3, 10)}]
)
def test_what_says_more_than_that_creditors_are_asked_is_in_the_history(
    tmp_path: Path, more: dict[str, Any]
) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        said = OutreachOutcome("o-1", HOME, datetime.now(UTC), asks_still_open=True, **more)
        asks = OutreachOutcome("o-2", HOME, datetime.now(UTC), asks_still_open=True)
        board.state.take(News(outcomes=[(now_ms(), said), (now_ms(), asks)]))

        assert board.state.history(HOME) == [said]

    asyncio.run(with_board(tmp_path, tried))


def test_paid_since_is_told_to_who_holds_it_and_to_nobody_else(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        await taken(board)
        sanne, youssef = await board.hire("sanne"), await board.hire("youssef")
        assert SAID not in (await board.ask("GET", DOOR, sanne)).text

        board.state.take(left())

        for _ in ("while they hold it", "once it was let go"):
            door, walk = [await board.ask("GET", path, sanne) for path in (DOOR, "/round")]
            assert SAID in door.text
            assert ADDRESS in walk.text.split(SAID)[1]
            for path in (DOOR, "/round"):
                assert SAID not in (await board.ask("GET", path, youssef)).text
            async with letting_go(board):
                await until(lambda: board.state.claims.holder(HOME) is None)

    asyncio.run(with_board(tmp_path, tried))


@pytest.mark.parametrize("change", [Change.WITHDRAWN, Change.PAUSED, Change.UNKNOWN])
def test_what_left_the_list_otherwise_is_not_called_paid(tmp_path: Path, change: Change) -> None:
    async def tried(board: Board) -> None:
        await taken(board)
        board.state.take(left(change))
        sanne = await board.hire("sanne")

        for path in (DOOR, "/round"):
            assert SAID not in (await board.ask("GET", path, sanne)).text

    asyncio.run(with_board(tmp_path, tried))


def test_what_a_result_ended_and_what_left_before_is_not_called_paid(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        await taken(board)
        result = OutreachOutcome("o-1", HOME, datetime.now(UTC), result=EndResult.NO_CONTACT)
        board.state.take(News(outcomes=[(now_ms(), result)]))
        before = an_update(household=OTHER, band=Band.NONE, respond_by=None, change=Change.CLOSED)
        board.state.take(News([Received(OTHER, before, now_ms() - 90_000, 0, 0, b"")]))
        board.state.take(News(claims=[(0, 1, Claim(OTHER, None, "sanne", "Sanne", now_ms() + 1))]))
        board.state.take(left())
        sanne = await board.hire("sanne")

        assert SAID not in (await board.ask("GET", DOOR, sanne)).text
        assert SAID not in (await board.ask("GET", f"/households/{OTHER}", sanne)).text

    asyncio.run(with_board(tmp_path, tried))


def test_a_result_that_came_late_ended_it_and_nobody_paid(tmp_path: Path) -> None:
    """A phone without a line tells of a visit of yesterday: that is what takes the household off the list."""

    async def tried(board: Board) -> None:
        await taken(board)
        yesterday = datetime.now(UTC) - timedelta(days=1)
        result = OutreachOutcome("o-1", HOME, yesterday, result=EndResult.NO_CONTACT)
        board.state.take(News(outcomes=[(now_ms(), result)]))
        board.state.take(left())
        sanne = await board.hire("sanne")

        for path in (DOOR, "/round"):
            assert SAID not in (await board.ask("GET", path, sanne)).text

    asyncio.run(with_board(tmp_path, tried))


def test_a_result_from_before_it_was_taken_ended_nothing_since(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        result = OutreachOutcome("o-1", HOME, datetime.now(UTC), result=EndResult.NO_CONTACT)
        board.state.take(News(outcomes=[(now_ms() - 3_600_000, result)]))
        await taken(board)
        board.state.take(left())

        assert SAID in (await board.ask("GET", DOOR, await board.hire("sanne"))).text

    asyncio.run(with_board(tmp_path, tried))


def test_who_let_it_go_before_is_told_nothing(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        await taken(board)
        board.state.take(News(claims=[(0, 1, Claim(HOME, "sanne", None, "", now_ms() - 1))]))
        board.state.take(left())
        sanne = await board.hire("sanne")

        for path in (DOOR, "/round"):
            assert SAID not in (await board.ask("GET", path, sanne)).text

    asyncio.run(with_board(tmp_path, tried))


def test_of_an_area_that_is_theirs_no_more_nobody_is_told(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        await taken(board)
        board.state.take(left())
        sanne = await board.hire("sanne", areas=frozenset({"1012"}))

        walk = await board.ask("GET", "/round", sanne)
        assert SAID not in walk.text
        assert ADDRESS not in walk.text

    asyncio.run(with_board(tmp_path, tried))


def test_what_is_back_on_the_list_is_paid_no_more(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        await taken(board)
        board.state.take(left())
        back: PriorityUpdate = an_update(household=HOME, sequence=3)
        board.state.take(News([Received(HOME, back, now_ms(), 0, 0, b"")]))
        sanne = await board.hire("sanne")

        for path in (DOOR, "/round"):
            assert SAID not in (await board.ask("GET", path, sanne)).text

    asyncio.run(with_board(tmp_path, tried))

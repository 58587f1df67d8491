"""A household that left the list while somebody held it is everybody's when it comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from eropaf.board import leavers
from eropaf.board.kept import now_ms
from eropaf.board.leavers import let_go
from eropaf.board.reading import News
from eropaf.board.records import Claim
from eropaf_client.errors import NotAcknowledged
from eropaf_client.inbox import Received
from eropaf_client.records import Band, Change, PriorityUpdate
from tests.integration.clients.telling import an_update
from tests.integration.processes import PATIENCE_S
from tests.unit.board.a_board import HOME, NOW_KNOWN, Board, letting_go, until, with_board

OTHER = f"{8:032x}"
DOOR = f"/households/{HOME}"
LEFT = an_update(household=HOME, sequence=2, band=Band.NONE, respond_by=None, change=Change.CLOSED)
BACK = an_update(household=HOME, sequence=3)


def told(update: PriorityUpdate | None, stored_at_ms: int = 0) -> News:
    return News([Received(HOME, update, stored_at_ms, 0, 0, b"")])


def holder(board: Board, household: str = HOME) -> str | None:
    found = board.state.claims.holder(household)
    return found.id if found else None


async def so(board: Board, holds: Callable[[], bool]) -> None:
    """Wait until a board that lets go has come so far."""
    async with letting_go(board):
        await until(holds)


def test_who_held_a_household_that_left_the_list_holds_it_no_longer(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        sanne = await board.hire("sanne")
        await board.ask("POST", f"{DOOR}/claim", sanne)
        assert holder(board) == "sanne"
        await asyncio.sleep(0.01)  # of a claim and a leaving in the same millisecond nobody knows the order

        board.state.take(told(LEFT))

        await so(board, lambda: holder(board) is None)
        board.state.take(told(BACK))
        assert f'action="{DOOR}/claim"' in (await board.ask("GET", DOOR, sanne)).text

    asyncio.run(with_board(tmp_path, tried))


def test_who_claims_it_after_it_came_back_keeps_it(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        board.state.take(told(LEFT, now_ms()))
        board.state.take(told(BACK, now_ms()))
        board.state.take(News(caught_up=True))
        sanne = await board.hire("sanne")
        await board.ask("POST", f"{DOOR}/claim", sanne)

        board.state.take(News(claims=[(0, 9, Claim(OTHER, None, "youssef", "Youssef", now_ms() - 60_000))]))
        board.state.take(News([Received(OTHER, None, 0, 0, 0, b"")]))

        await so(board, lambda: holder(board, OTHER) is None)
        assert holder(board) == "sanne"

    asyncio.run(with_board(tmp_path, tried))


def test_what_left_while_no_board_ran_is_let_go_at_the_start(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        claimed_at = now_ms() - 60_000
        claim = Claim(HOME, None, "sanne", "Sanne", claimed_at)
        board.state.take(News(claims=[(0, 0, claim)]))
        board.state.take(told(LEFT, claimed_at + 30_000))
        assert holder(board) == "sanne"

        board.state.take(News(caught_up=True))

        await so(board, lambda: holder(board) is None)

    asyncio.run(with_board(tmp_path, tried))


def test_a_household_that_was_erased_leaves_the_round_as_well(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        claimed_at = now_ms() - 60_000
        board.state.take(NOW_KNOWN)
        board.state.take(News(claims=[(0, 0, Claim(HOME, None, "sanne", "Sanne", claimed_at))]))

        board.state.take(told(None))

        await so(board, lambda: holder(board) is None)

    asyncio.run(with_board(tmp_path, tried))


@pytest.mark.parametrize("by", ["sanne", "lotte"])
def test_where_an_erased_household_is_known_no_longer_its_visitor_gets_out(tmp_path: Path, by: str) -> None:
    async def tried(board: Board) -> None:
        checked_in = Claim(HOME, None, "sanne", "Sanne", now_ms() - 60_000, now_ms() - 50_000)
        board.state.take(News([Received(HOME, None, now_ms(), 0, 0, b"")], [(0, 0, checked_in)]))
        board.state.take(News(caught_up=True))
        people = {"sanne": await board.hire("sanne"), "lotte": None}
        merel = await board.hire("merel")
        assert board.state.area(HOME) is None
        assert "Ik ben weer buiten" in (await board.ask("GET", DOOR, people["sanne"])).text
        assert (await board.ask("GET", DOOR, merel)).status_code == 404
        assert (await board.ask("POST", f"{DOOR}/check-out", merel)).status_code == 404

        async with letting_go(board):
            assert (await board.ask("POST", f"{DOOR}/check-out", people[by])).status_code == 303
            await until(lambda: holder(board) is None)

    asyncio.run(with_board(tmp_path, tried))


class Away:
    """A sender that fails the first time, while something happens; then it stores as ever."""

    def __init__(self, board: Board, error: Exception, *meanwhile: News) -> None:
        self._board, self._error, self._meanwhile = board, error, meanwhile
        self.tries = 0

    def send(self, *claim: Any) -> Any:
        self.tries += 1
        if self.tries > 1:
            return self._board.claimed.send(*claim)
        for news in self._meanwhile:
            self._board.state.loop.call_soon_threadsafe(self._board.state.take, news)
        raise self._error


def claims(*each: Claim) -> News:
    return News(claims=[(0, -100 + at, claim) for at, claim in enumerate(each)])


def held_and_left(board: Board) -> None:
    """Have two households held, and both leave the list: OTHER is the first to be let go."""
    then = now_ms() - 60_000
    board.state.take(NOW_KNOWN)
    board.state.take(claims(*(Claim(each, None, "sanne", "Sanne", then) for each in (OTHER, HOME))))
    board.state.take(News([Received(OTHER, None, 0, 0, 0, b"")]))
    board.state.take(told(LEFT))


def again() -> News:
    return claims(
        Claim(HOME, "sanne", None, "", now_ms() - 50_000),
        Claim(HOME, None, "sanne", "Sanne", now_ms() - 40_000),
    )


def at_the_door() -> News:
    return claims(Claim(HOME, "sanne", "sanne", "Sanne", now_ms() - 40_000, now_ms() - 40_000))


@pytest.mark.parametrize("did", [again, at_the_door])
def test_who_stays_while_a_broker_is_away_keeps_what_came_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, did: Callable[[], News]
) -> None:
    monkeypatch.setattr(leavers, "AGAIN_S", 0.0)

    async def tried(board: Board) -> None:
        held_and_left(board)
        away = Away(board, NotAcknowledged("no answer"), told(BACK), did())

        async with letting_go(board, sender=away):
            await until(lambda: holder(board, OTHER) is None)

        assert holder(board) == "sanne"
        assert away.tries == 2

    asyncio.run(with_board(tmp_path, tried))


def test_nothing_is_let_go_before_all_that_is_stored_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leavers, "ASKS_BEHIND_EVERY_S", 0.0)

    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        then = now_ms() - 60_000
        board.state.take(claims(*(Claim(each, None, "sanne", "Sanne", then) for each in (HOME, OTHER))))
        board.state.take(told(LEFT))
        board.state.take(News([Received(OTHER, None, 0, 0, 0, b"")]))
        unread: Iterator[tuple[int | None, News]] = iter(
            [(None, News()), (1, News()), (1, told(BACK)), (0, News())]
        )

        def behind() -> int | None:
            number, news = next(unread, (0, News()))
            board.state.loop.call_soon_threadsafe(board.state.take, news)
            return number

        async with letting_go(board, behind):
            await until(lambda: holder(board, OTHER) is None)

        assert next(unread, None) is None
        assert holder(board) == "sanne"

    asyncio.run(with_board(tmp_path, tried))


def test_what_was_read_and_not_taken_yet_is_waited_for(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        board.state.take(claims(Claim(HOME, None, "sanne", "Sanne", now_ms() - 60_000)))
        board.state.take(told(LEFT))
        looked, sent = asyncio.Event(), list[object]()

        def behind() -> int:
            board.state.loop.call_soon_threadsafe(looked.set)
            return 0

        class Nobody:
            def send(self, *claim: object) -> None:
                sent.append(claim)

        task = asyncio.create_task(let_go(board.state, Nobody(), behind))  # type: ignore[arg-type]  # as if
        async with asyncio.timeout(PATIENCE_S):
            await looked.wait()
        for _ in range(20):
            await asyncio.to_thread(int)
        board.state.take(told(BACK))
        for _ in range(20):
            await asyncio.to_thread(int)

        assert (sent, task.done()) == ([], False)
        task.cancel()

    asyncio.run(with_board(tmp_path, tried))


def test_whatever_goes_wrong_it_is_told_by_kind_and_place_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leavers, "AGAIN_S", 0.0)

    async def tried(board: Board) -> None:
        held_and_left(board)

        with structlog.testing.capture_logs() as logs:
            async with letting_go(board, sender=Away(board, RuntimeError("1011 AB 12"))):
                await until(lambda: holder(board) is None and holder(board, OTHER) is None)

        (log,) = logs
        assert (log["event"], log["error"]) == ("not let go", "RuntimeError")
        assert "test_leavers" in log["at"]
        assert "1011" not in str(log)

    asyncio.run(with_board(tmp_path, tried))


def test_a_result_after_it_was_let_go_still_says_when_it_was_picked_up(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        sanne, merel = await board.hire("sanne"), await board.hire("merel")
        days_ago = now_ms() - 3 * 86_400_000
        board.state.take(NOW_KNOWN)
        board.state.take(claims(Claim(HOME, None, "sanne", "Sanne", days_ago)))
        board.state.take(told(LEFT))
        await so(board, lambda: holder(board) is None)

        for number, by in enumerate((sanne, merel)):
            await board.ask(
                "POST", DOOR, by, outcome_id=f"6f2d1c1e-6f6f-4c39-9d3e-0d8a3c1b2a1{number}",
                channel="VISIT", outcome="not_reached",
            )  # fmt: skip

        picked_up = [each.picked_up_on for each in board.reported]
        assert picked_up == [board.state.day_of(days_ago), board.state.today]

    asyncio.run(with_board(tmp_path, tried))

"""A household that left the list while somebody held it is everybody's when it comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from eropaf.board.kept import now_ms
from eropaf.board.leavers import let_go
from eropaf.board.reading import News
from eropaf.board.records import Claim
from eropaf_client.inbox import Received
from eropaf_client.records import Band, Change, PriorityUpdate
from tests.integration.clients.telling import an_update
from tests.integration.processes import PATIENCE_S
from tests.unit.board.a_board import HOME, NOW_KNOWN, Board, with_board

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
    letting_go = asyncio.create_task(let_go(board.state, board.claimed))  # type: ignore[arg-type]  # as if
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0)
    letting_go.cancel()


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

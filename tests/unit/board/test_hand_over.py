"""A household is handed over on purpose, and what was a slip is undone by who made it, for a moment."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from eropaf.board import claims
from eropaf.board.store import Session
from eropaf.board.user import Role
from tests.unit.board.a_board import HOME, NOW_KNOWN, Board, with_board

DOOR = f"/households/{HOME}"
UNDO = f'action="{DOOR}/take-back"'


@pytest.fixture(autouse=True)
def _a_moment_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long this takes here."""
    monkeypatch.setattr(claims, "TAKEN_BACK_WITHIN_MS", 3_600_000)


def holder(board: Board) -> str | None:
    found = board.state.claims.holder(HOME)
    return found.id if found else None


async def handed(board: Board, by: Session, to: str) -> str:
    """Hand the household over; return what undoes it."""
    answer = await board.ask("POST", f"{DOOR}/hand-over", by, to=to)
    said = parse_qs(urlsplit(answer.headers["location"]).query)
    assert said["said"] == ["handed"]
    return said["undo"][0]


async def take_back(board: Board, by: Session, undo: str) -> str:
    answer = await board.ask("POST", f"{DOOR}/take-back", by, undo=undo)
    return said(answer)


def said(answer: httpx2.Response) -> str:
    assert answer.status_code == 303
    where = urlsplit(answer.headers["location"])
    assert where.path == DOOR
    return parse_qs(where.query)["said"][0]


def test_nobody_is_chosen_until_somebody_is(tmp_path: Path) -> None:
    """Else one tap sends the household to whoever is first by the alphabet."""

    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        sanne = await board.hire("sanne")
        await board.hire("anna")
        await board.ask("POST", f"{DOOR}/claim", sanne)
        page = (await board.ask("GET", DOOR, sanne)).text
        choices = page.split('<select id="to"')[1].split("</select>")[0]
        assert choices.startswith(' name="to" required><option value="">')

        assert said(await board.ask("POST", f"{DOOR}/hand-over", sanne, to="")) == "which_colleague"
        assert holder(board) == "sanne"

    asyncio.run(with_board(tmp_path, tried))


def test_who_handed_over_by_a_slip_takes_it_back(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        sanne, _ = await board.hire("sanne"), await board.hire("youssef")
        await board.ask("POST", f"{DOOR}/claim", sanne)
        undo = await handed(board, sanne, "youssef")
        assert holder(board) == "youssef"
        assert UNDO in (await board.ask("GET", f"{DOOR}?undo={undo}&said=handed", sanne)).text

        assert await take_back(board, sanne, undo) == "taken_back"

        assert holder(board) == "sanne"
        assert await take_back(board, sanne, undo) == "handed_late", "it was done"

    asyncio.run(with_board(tmp_path, tried))


def test_a_leads_slip_goes_back_to_whoever_had_it(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        sanne, _, lotte = (
            await board.hire("sanne"), await board.hire("youssef"), await board.hire("lotte", Role.LEAD)
        )  # fmt: skip
        await board.ask("POST", f"{DOOR}/claim", sanne)
        undo = await handed(board, lotte, "youssef")

        assert await take_back(board, sanne, undo) == "handed_late", "it was the lead's to undo"
        assert await take_back(board, lotte, undo) == "taken_back"
        assert holder(board) == "sanne"

    asyncio.run(with_board(tmp_path, tried))


def test_nobody_takes_back_what_they_did_not_hand_over(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        sanne, youssef, merel = [await board.hire(name) for name in ("sanne", "youssef", "merel")]
        await board.ask("POST", f"{DOOR}/claim", sanne)
        undo = await handed(board, sanne, "youssef")
        for by, shown in ((merel, undo), (youssef, undo), (sanne, ""), (sanne, "x" * 64), (sanne, "é")):
            assert await take_back(board, by, shown) == "handed_late"
            assert UNDO not in (await board.ask("GET", f"{DOOR}?undo={shown}&said=handed", by)).text
        assert holder(board) == "youssef"

        # What came of it meanwhile stands.
        await handed(board, youssef, "merel")
        assert await take_back(board, sanne, undo) == "handed_late"
        assert holder(board) == "merel"

    asyncio.run(with_board(tmp_path, tried))


def test_after_a_moment_a_hand_over_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        sanne, _ = await board.hire("sanne"), await board.hire("youssef")
        await board.ask("POST", f"{DOOR}/claim", sanne)
        undo = await handed(board, sanne, "youssef")
        monkeypatch.setattr(claims, "TAKEN_BACK_WITHIN_MS", -1)

        assert await take_back(board, sanne, undo) == "handed_late"
        assert holder(board) == "youssef"
        assert UNDO not in (await board.ask("GET", f"{DOOR}?undo={undo}&said=handed", sanne)).text

    asyncio.run(with_board(tmp_path, tried))

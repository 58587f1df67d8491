"""A worker checks in at a door and out of it; who does not come back is shown to the lead, and counted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from eropaf.board import visits as visits_
from eropaf.board.claims import Claims
from eropaf.board.kept import EVENTS_KEPT_MS
from eropaf.board.reading import News
from eropaf.board.records import Claim
from eropaf.board.safety import Decision, Level, Mark
from eropaf.board.visits import visits
from eropaf_client.inbox import Received
from eropaf_client.records import Band
from tests.integration.clients.telling import an_update
from tests.unit.board.a_board import HOME, NOW_KNOWN, Board, letting_go, until, with_board

DOOR = f"/households/{HOME}"
ELSEWHERE = f"{8:032x}"
LIMIT_MINUTES = 60
NOON = int(datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp() * 1000)
CLAIM = Claim(HOME, None, "sanne", "Sanne", NOON)
CHECK_IN = Claim(HOME, "sanne", "sanne", "Sanne", NOON + 1000, NOON + 1000)
CHECK_OUT = Claim(HOME, "sanne", "sanne", "Sanne", NOON + 2000)


def at_door(board: Board) -> bool:
    holder = board.state.claims.holder(HOME)
    return holder is not None and holder.at_the_door_since is not None


@contextmanager
def later(minutes: int) -> Iterator[None]:
    """Look at who is at a door so many minutes later."""
    now = visits_.now_ms()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(visits_, "now_ms", lambda: now + minutes * visits_.MINUTE_MS)
        yield


def run(tmp_path: Path, tried: Any) -> None:
    asyncio.run(with_board(tmp_path, tried))


def test_who_checks_in_and_out_holds_the_household_as_before() -> None:
    claims = Claims(lambda: NOON + 5000)
    assert claims.apply(CLAIM)
    assert claims.apply(CHECK_IN)

    holder = claims.holder(HOME)
    assert holder is not None
    assert (holder.since, holder.at_the_door_since) == (NOON, NOON + 1000)
    assert claims.apply(CHECK_OUT)
    holder = claims.holder(HOME)
    assert holder is not None
    assert (holder.id, holder.since, holder.at_the_door_since) == ("sanne", NOON, None)


def test_a_check_in_of_who_does_not_hold_the_household_counts_for_nothing() -> None:
    claims = Claims(lambda: NOON + 5000)
    claims.apply(CLAIM)

    assert not claims.apply(replace(CHECK_IN, before="merel", holder="merel"))

    assert claims.holder(HOME) is not None


def test_who_starts_reading_later_comes_to_the_same_holder() -> None:
    """The claim itself may be deleted by then."""
    late = NOON + EVENTS_KEPT_MS + 500
    early, later = Claims(lambda: late), Claims(lambda: late)
    for claim in (CLAIM, CHECK_IN):
        early.apply(claim)
    later.apply(CHECK_IN)

    held = [(each and each.id, each and each.at_the_door_since) for each in map(_holder, (early, later))]

    assert held == [("sanne", NOON + 1000)] * 2


def _holder(claims: Claims) -> Any:
    return claims.holder(HOME)


def test_a_release_and_a_hand_over_end_it() -> None:
    for passes in (Claim(HOME, "sanne", None, "", NOON + 3000), Claim(HOME, "sanne", "m", "M", NOON + 3000)):
        claims = Claims(lambda: NOON + 5000)
        for claim in (CLAIM, CHECK_IN, passes):
            assert claims.apply(claim)
        holder = claims.holder(HOME)
        assert holder is None or holder.at_the_door_since is None


def test_a_worker_checks_in_and_out_and_the_page_says_since_when(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        sanne = await board.hire("sanne")
        await board.ask("POST", f"{DOOR}/claim", sanne)
        assert "Ik ben aan de deur" in (await board.ask("GET", DOOR, sanne)).text

        await board.ask("POST", f"{DOOR}/check-in", sanne)

        shown = (await board.ask("GET", DOOR, sanne)).text
        assert "Aan de deur sinds" in shown
        assert "Ik ben weer buiten" in shown
        await board.ask("POST", f"{DOOR}/check-out", sanne)
        assert not at_door(board)

    run(tmp_path, tried)


def test_only_who_goes_there_checks_in_and_a_lead_may_check_them_out(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        sanne, merel = await board.hire("sanne"), await board.hire("merel")
        assert (await board.ask("POST", f"{DOOR}/check-in", sanne)).status_code == 404
        await board.ask("POST", f"{DOOR}/claim", sanne)
        assert (await board.ask("POST", f"{DOOR}/check-in", merel)).status_code == 403
        assert (await board.ask("POST", f"{DOOR}/check-in")).status_code == 403, "nor a lead"
        await board.ask("POST", f"{DOOR}/check-in", sanne)
        assert (await board.ask("POST", f"{DOOR}/check-out", merel)).status_code == 403
        assert at_door(board)

        answer = await board.ask("POST", f"{DOOR}/check-out")

        assert answer.headers["location"] == "/lead"
        assert not at_door(board)

    run(tmp_path, tried)


def test_nobody_checks_in_where_nobody_visits(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        await board.ask("POST", f"{DOOR}/claim")
        mark = Mark(Level.OFFICE_ONLY, board.state.today)
        board.state.take(News(marks=[(0, 0, Decision(HOME, mark))]))

        answer = await board.ask("POST", f"{DOOR}/check-in")

        assert answer.headers["location"].endswith("said=office_only")
        assert not at_door(board)
        assert "check-in" not in (await board.ask("GET", DOOR)).text

    run(tmp_path, tried)


def test_who_is_not_back_in_time_is_shown_to_the_lead(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        sanne = await board.hire("sanne")
        await board.ask("POST", f"{DOOR}/claim", sanne)
        assert "data-visits" not in (await board.ask("GET", "/lead")).text
        await board.ask("POST", f"{DOOR}/check-in", sanne)

        for minutes, overdue in ((LIMIT_MINUTES - 1, False), (LIMIT_MINUTES + 1, True)):
            with later(minutes):
                (visit,) = visits(board.state, LIMIT_MINUTES)
                assert (visit.name, visit.overdue) == ("sanne", overdue)
                assert ("Te lang: bel" in (await board.ask("GET", "/lead")).text) is overdue

    run(tmp_path, tried)


def test_a_household_that_is_paid_for_meanwhile_still_lets_its_visitor_out(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        sanne = await board.hire("sanne")
        await board.ask("POST", f"{DOOR}/claim", sanne)
        await board.ask("POST", f"{DOOR}/check-in", sanne)
        paid = an_update(household=HOME, sequence=2, band=Band.NONE, respond_by=None)
        elsewhere = Claim(ELSEWHERE, None, "youssef", "Youssef", NOON)
        board.state.take(News(claims=[(0, 0, elsewhere)]))
        await asyncio.sleep(0.01)  # of a claim and a leaving in the same millisecond nobody knows the order
        board.state.take(News([Received(HOME, paid, 0, 0, 1, b"")]))
        board.state.take(News([Received(ELSEWHERE, None, 0, 0, 2, b"")]))
        claims = board.state.claims

        async with letting_go(board):
            await until(lambda: claims.holder(ELSEWHERE) is None)
            assert board.state.row(HOME) is None
            assert [each.name for each in visits(board.state, LIMIT_MINUTES)] == ["sanne"]
            assert "Ik ben weer buiten" in (await board.ask("GET", DOOR, sanne)).text

            assert (await board.ask("POST", f"{DOOR}/check-out", sanne)).status_code == 303

            await until(lambda: claims.holder(HOME) is None)

    run(tmp_path, tried)


@pytest.mark.parametrize(("ago_ms", "out"), [(0, True), (3_600_000, False)])
def test_a_result_checks_out_unless_it_is_of_before(tmp_path: Path, ago_ms: int, out: bool) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        await board.ask("POST", f"{DOOR}/claim")
        await board.ask("POST", f"{DOOR}/check-in")

        await board.ask(
            "POST", DOOR, outcome_id="6f2d1c1e-6f6f-4c39-9d3e-0d8a3c1b2a10", channel="VISIT",
            outcome="not_reached", ago_ms=str(ago_ms),
        )  # fmt: skip

        assert at_door(board) is not out

    run(tmp_path, tried)

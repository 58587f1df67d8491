"""A phone that gives up an answer lets all wait that it has to send: the board answers before."""

from __future__ import annotations

import asyncio
import re
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from eropaf.board.pages import household
from eropaf.board.web import PAGES, STATIC
from eropaf_client.errors import NotAcknowledged
from tests.integration.processes import PATIENCE_S
from tests.unit.board.a_board import HOME, NOW_KNOWN, Board, with_board

DOOR = f"/households/{HOME}"
ON_THE_WAY_S = 1.5
WAITS = re.compile(r"ANSWER_WITHIN_MS = (\d+);")


async def until(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not so():
            await asyncio.sleep(0.01)


async def sent(board: Board, outcome_id: str) -> int:
    answer = await board.ask(
        "POST",
        DOOR,
        accept="application/json",
        outcome_id=outcome_id,
        channel="VISIT",
        outcome="ARRANGES_ITSELF",
    )
    return answer.status_code


def test_pages_and_their_worker_wait_alike_and_longer_than_the_board_takes() -> None:
    worker = PAGES.get_template("worker.js").render(version="1", language="nl", assets=[])
    waits = {WAITS.findall(text)[0] for text in ((STATIC / "answering.js").read_text(), worker)}

    assert len(waits) == 1
    assert int(waits.pop()) / 1000 > household.ANSWERED_WITHIN_S + ON_THE_WAY_S


def test_a_result_that_no_broker_acknowledges_is_answered_and_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        there, outcome_id = threading.Event(), str(uuid.uuid4())
        monkeypatch.setattr(household, "ANSWERED_WITHIN_S", PATIENCE_S)
        with monkeypatch.context() as away:
            away.setattr(household, "ANSWERED_WITHIN_S", 0.05)
            away.setattr(board.reported, "report", lambda outcome: there.wait(PATIENCE_S))
            assert await sent(board, outcome_id) == 503
        there.set()

        assert await sent(board, outcome_id) == 200
        assert [each.outcome_id for each in board.reported] == [outcome_id]

    asyncio.run(with_board(tmp_path, tried))


def test_a_result_that_is_stored_is_answered_also_where_letting_go_takes_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        await board.ask("POST", f"{DOOR}/claim")
        there, outcome_id, send = threading.Event(), str(uuid.uuid4()), board.claimed.send
        monkeypatch.setattr(household, "ANSWERED_WITHIN_S", 0.5)
        monkeypatch.setattr(board.claimed, "send", lambda *claim: there.wait(PATIENCE_S) and send(*claim))

        async with asyncio.timeout(PATIENCE_S):
            while await sent(board, outcome_id) != 200:  # as a phone does, on a machine that has much to do
                pass

        assert {each.outcome_id for each in board.reported} == {outcome_id}
        assert board.state.claims.holder(HOME) is not None
        there.set()
        await until(lambda: board.state.claims.holder(HOME) is None)

    asyncio.run(with_board(tmp_path, tried))


def test_where_letting_go_fails_in_time_the_phone_sends_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*claim: object) -> NoReturn:
        raise NotAcknowledged("no broker")

    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        await board.ask("POST", f"{DOOR}/claim")
        monkeypatch.setattr(household, "ANSWERED_WITHIN_S", PATIENCE_S)
        outcome_id = str(uuid.uuid4())
        with monkeypatch.context() as away:
            away.setattr(board.claimed, "send", fails)
            assert await sent(board, outcome_id) == 503

        assert await sent(board, outcome_id) == 200
        assert board.state.claims.holder(HOME) is None

    asyncio.run(with_board(tmp_path, tried))


def test_a_browsers_own_form_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not give up, and would show a fault for what is on its way."""

    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        there, report = threading.Event(), board.reported.report
        monkeypatch.setattr(household, "ANSWERED_WITHIN_S", 0.0)
        monkeypatch.setattr(
            board.reported, "report", lambda outcome: there.wait(PATIENCE_S) and report(outcome)
        )
        registering = board.ask("POST", DOOR, outcome_id=str(uuid.uuid4()), channel="VISIT", outcome="talked")
        asking = asyncio.create_task(registering)
        asyncio.get_running_loop().call_later(0.1, there.set)
        assert (await asking).status_code == 303

    asyncio.run(with_board(tmp_path, tried))

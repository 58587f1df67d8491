"""While a board still reads its topics it answers nothing of what it does not know yet."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from eropaf.board.user import Role
from tests.unit.board.a_board import HOME, NOW_KNOWN, Board, with_board

DEEDS = ("", "/claim", "/release", "/hand-over", "/take-back", "/safety", "/check-in", "/check-out")
READS = ["/", "/session", "/changes", "/round", f"/households/{HOME}", "/lead", "/lead.csv"]
FORMS = ["/round", *(f"/households/{HOME}{deed}" for deed in DEEDS)]


def test_until_it_knows_the_list_nothing_of_it_is_said_to_be_empty_or_away(tmp_path: Path) -> None:
    """Else a list would be empty, and a phone's result refused for good: its household is not there."""

    async def tried(board: Board) -> None:
        asked = [("GET", path) for path in READS] + [("POST", path) for path in FORMS]
        assert {(await board.ask(*each)).status_code for each in asked} == {503}
        page = await board.ask("GET", "/")
        assert "Het bord start" in page.text
        assert page.headers["retry-after"] == "5"
        form = await board.ask("POST", f"/households/{HOME}/release")
        assert "Er is niets gedaan" in form.text, "what was not kept is not said to be"

        board.state.take(NOW_KNOWN)

        assert (await board.ask("GET", f"/households/{HOME}")).status_code == 200
        assert (await board.ask("GET", "/households/nobody")).status_code == 404

    asyncio.run(with_board(tmp_path, tried))


@pytest.mark.parametrize(
    ("role", "method", "path", "status"),
    [
        (Role.OPERATOR, "GET", "/state", 500),  # there is no Kafka here: it was let through
        (Role.AUDITOR, "GET", "/why", 200),
        (Role.AUDITOR, "POST", "/why", 503),
    ],
)
def test_who_needs_no_list_waits_for_none(
    tmp_path: Path, role: Role, method: str, path: str, status: int
) -> None:
    async def tried(board: Board) -> None:
        assert (await board.ask(method, path)).status_code == status

    asyncio.run(with_board(tmp_path, tried, role))


def test_what_a_phone_kept_for_days_counts_from_the_day_on_which_it_was_said(tmp_path: Path) -> None:
    """To come back "tomorrow" is no day of the past for having come in late."""
    kept = timedelta(days=3)

    async def tried(board: Board) -> None:
        said_on = (datetime.now(UTC) - kept).astimezone(board.state.zone).date()
        board.state.take(NOW_KNOWN)
        answer = await board.ask(
            "POST",
            f"/households/{HOME}",
            outcome_id=str(uuid.uuid4()),
            channel="VISIT",
            outcome="not_reached",
            ago_ms=str(kept // timedelta(milliseconds=1)),
            come_back_on=(said_on + timedelta(days=1)).isoformat(),
        )
        assert answer.status_code == 303
        follow_up = board.reported[0].follow_up
        assert follow_up is not None
        assert follow_up.come_back_on == said_on + timedelta(days=1)

    asyncio.run(with_board(tmp_path, tried))

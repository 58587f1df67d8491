"""How a household is reached: asked for by who holds it, opened by the desk alone; without a broker."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2
import pytest

from eropaf.board.explaining import Asked, NotOpened, Slip, Trace, Unfit
from eropaf.board.guard import OPENINGS
from eropaf.board.kept import now_ms
from eropaf.board.pages.household import MOST_ASKING
from eropaf.board.reading import News
from eropaf.board.records import Claim
from eropaf.board.user import Role
from eropaf_client.inbox import Received
from eropaf_client.records import Band
from tests.integration.clients.telling import an_update
from tests.unit.board.a_board import ADDRESS, HOME, NOW_KNOWN, Board, with_board

TOKEN = "of the tests and nowhere else, long enough"
MARCH_2 = 1_772_442_000_000
SLIPS = [
    Slip("Mevrouw Voorbeeld", "06 12345678", None, MARCH_2),
    Slip(None, None, "a?cc=b&c@example.org", MARCH_2),
]
PHONE_FIRST = 'name="channel" value="PHONE" checked'
CONTACT = f"/households/{HOME}/contact"


class Desk:
    """Opens the same slips for everybody, and notes for whom."""

    purposes = ()

    def __init__(self) -> None:
        self.opened: list[tuple[str, str]] = []
        self.key_is_there = True

    def explain(self, who: str, household: str, purpose: str) -> Mapping[str, str] | None:
        """Open nothing."""
        return None

    def traces(self) -> list[Trace]:
        """Return none."""
        return []

    def asked(self, name: str, body: bytes) -> Asked:
        """Take no deed."""
        raise Unfit(name)

    def slips(self, who: str, household: str) -> Sequence[Slip]:
        """Note who was shown what."""
        if not self.key_is_there:
            raise NotOpened("the key is not there")
        self.opened.append((who, household))
        return SLIPS


def team(folder: Path, then: Any, slips: Any) -> None:
    """Run the team's board, which is answered `slips`, on a household that its lead holds."""

    async def program(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        await board.ask("POST", f"/households/{HOME}/claim")
        await then(board)

    asyncio.run(asyncio.wait_for(with_board(folder, program, ask_slips=slips), 60))


def test_who_holds_a_household_is_shown_its_slips_once_and_rings_first(tmp_path: Path) -> None:
    asked: list[tuple[str, str]] = []

    def slips(household: str, who: str) -> list[Slip]:
        asked.append((household, who))
        return SLIPS

    async def then(board: Board) -> None:
        before = await board.ask("GET", f"/households/{HOME}")
        shown = await board.ask("POST", CONTACT)
        after = await board.ask("GET", CONTACT)

        assert "contact" in before.text
        assert PHONE_FIRST not in before.text
        assert shown.status_code == 200
        assert PHONE_FIRST in shown.text
        assert 'href="tel:0612345678"' in shown.text
        assert 'href="mailto:a%3Fcc%3Db%26c%40example.org"' in shown.text, "it adds nobody to a letter"
        assert shown.headers["cache-control"] == "no-store"
        assert (after.status_code, after.headers["location"]) == (303, f"/households/{HOME}")
        assert "12345678" not in (await board.ask("GET", f"/households/{HOME}")).text
        assert asked == [(HOME, "lotte")]

    team(tmp_path, then, slips)


def test_who_does_not_hold_it_is_refused_before_the_desk_is_asked(tmp_path: Path) -> None:
    async def then(board: Board) -> None:
        sanne = await board.hire("sanne")

        assert (await board.ask("POST", CONTACT, by=sanne)).status_code == 403
        assert "data-contact" not in (await board.ask("GET", f"/households/{HOME}", by=sanne)).text

    team(tmp_path, then, lambda household, who: pytest.fail("the desk was asked"))


def test_where_no_desk_is_named_nothing_is_offered(tmp_path: Path) -> None:
    async def then(board: Board) -> None:
        assert "data-contact" not in (await board.ask("GET", f"/households/{HOME}")).text
        assert (await board.ask("POST", CONTACT)).status_code == 403

    team(tmp_path, then, None)


def test_a_desk_that_does_not_answer_is_said_so_and_the_page_stays(tmp_path: Path) -> None:
    def silent(household: str, who: str) -> list[Slip]:
        raise NotOpened("no answer")

    async def then(board: Board) -> None:
        said = await board.ask("POST", CONTACT)

        assert said.status_code == 503
        assert 'role="alert"' in said.text
        assert "data-register" in said.text

    team(tmp_path, then, silent)


def test_what_shows_nothing_leaves_no_trace_at_the_desk(tmp_path: Path) -> None:
    async def then(board: Board) -> None:
        elsewhere = await board.hire("sanne", areas=frozenset({"9999"}))
        board.state.take(News(claims=[(0, 9, Claim(HOME, "lotte", "sanne", "Sanne", now_ms()))]))
        assert (await board.ask("POST", CONTACT, by=elsewhere)).status_code == 404, "she lost the area"
        board.state.take(News(claims=[(0, 10, Claim(HOME, "sanne", "lotte", "Lotte", now_ms()))]))
        left = an_update(household=HOME, sequence=2, band=Band.NONE, respond_by=None)
        board.state.take(News([Received(HOME, left, 0, 0, 1, b"")]))

        said = await board.ask("POST", CONTACT)

        assert said.status_code == 200
        assert "data-contact" not in said.text

    team(tmp_path, then, lambda household, who: pytest.fail("the desk was asked"))


def test_a_slow_desk_holds_up_no_claim_and_is_asked_ten_times_a_minute(tmp_path: Path) -> None:
    answered, asking = threading.Event(), threading.Semaphore(0)

    def slow(household: str, who: str) -> list[Slip]:
        asking.release()
        assert answered.wait(60)
        return SLIPS

    async def then(board: Board) -> None:
        waiting = [asyncio.create_task(board.ask("POST", CONTACT)) for _ in range(MOST_ASKING)]
        try:
            for _ in waiting:
                while not asking.acquire(blocking=False):
                    await asyncio.sleep(0)
            said = [(await board.ask("POST", CONTACT)).status_code for _ in range(OPENINGS.amount - 1)]
            assert said == [503] * (OPENINGS.amount - MOST_ASKING) + [429]
            assert (await board.ask("POST", f"/households/{HOME}/release")).status_code == 303
        finally:
            answered.set()
        assert [(await each).status_code for each in waiting] == [200] * MOST_ASKING

    team(tmp_path, then, slow)


def test_the_desk_opens_for_the_holder_and_nobody_else_ten_times_a_minute(tmp_path: Path) -> None:
    desk = Desk()

    async def then(board: Board) -> None:
        http = httpx2.AsyncClient(transport=board.transport, base_url=ADDRESS)

        async def asked(
            who: str = "lotte", household: str = HOME, token: bytes = f"Bearer {TOKEN}".encode()
        ) -> int:
            body = {"who": who, "household": household}
            return (await http.post("/slips", json=body, headers={b"authorization": token})).status_code

        assert await asked() == 503, "it has read nothing yet"
        board.state.take(NOW_KNOWN)
        assert await asked() == 403, "nobody holds it"
        board.claimed.send(HOME, None, ("lotte", "Lotte"))
        await asyncio.sleep(0)
        for wrong in (b"", b"Bearer", f"Basic {TOKEN}".encode(), f"Bearer {TOKEN}x".encode(), b"Bearer \xe9"):
            assert await asked(token=wrong) == 401
        assert await asked("sanne") == 403
        assert await asked(household=f"{8:032x}") == 403
        assert desk.opened == []

        assert await asked() == 200
        assert desk.opened == [("Lotte (lotte)", HOME)]
        desk.key_is_there = False
        assert await asked() == 503
        said = [await asked() for _ in range(OPENINGS.amount)]
        assert said[-1] == 429
        await http.aclose()

    program = with_board(tmp_path, then, Role.AUDITOR, explainer=desk, slips_token=TOKEN)
    asyncio.run(asyncio.wait_for(program, 60))


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b"[" * 9_000, b'{"who": "lotte"}'])
def test_what_the_desk_cannot_read_opens_nothing(tmp_path: Path, body: bytes) -> None:
    desk = Desk()

    async def then(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        async with httpx2.AsyncClient(transport=board.transport, base_url=ADDRESS) as http:
            headers = {"authorization": f"Bearer {TOKEN}"}
            assert (await http.post("/slips", content=body, headers=headers)).status_code == 400

    asyncio.run(
        asyncio.wait_for(with_board(tmp_path, then, Role.AUDITOR, explainer=desk, slips_token=TOKEN), 60)
    )
    assert desk.opened == []

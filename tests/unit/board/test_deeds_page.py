"""Who may ask the desk, in whose name it acts, and what its answer looks like; without a broker."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from eropaf.board.app import app_of
from eropaf.board.config import BoardConfig
from eropaf.board.explaining import Asked, Asking, NotOpened, Slip, Trace, Unfit
from eropaf.board.pages import deeds
from eropaf.board.reading import News
from eropaf.board.routes import Parts
from eropaf.board.state import State
from eropaf.board.store import Session, Store
from eropaf.board.user import EVERYWHERE, Role, User
from eropaf_client.cluster import Cluster
from eropaf_client.inbox import Received
from tests.integration.clients.telling import an_update

ADDRESS = "http://127.0.0.1:8080"
HOME = f"{7:032x}"  # of 1011, and on the list
AMIRA = User("openid:8f14", "Amira", Role.AUDITOR, EVERYWHERE)


class Desk:
    """Acts as it is told to; every deed is an auditor's."""

    purposes = ("audit",)

    def __init__(self, act: Callable[[Asking], Mapping[str, Any]]) -> None:
        self._act = act

    def explain(self, who: str, household: str, purpose: str) -> Mapping[str, str] | None:
        """Open nothing."""
        return None

    def slips(self, who: str, household: str) -> Sequence[Slip]:
        """Open nothing."""
        return []

    def traces(self) -> list[Trace]:
        """Return none."""
        return []

    def asked(self, name: str, body: bytes) -> Asked:
        """Take every deed but one."""
        if name == "unfit":
            raise Unfit("who: say an address")
        return Asked(Role.AUDITOR, self._act)


class Board:
    """A board, and requests to it."""

    def __init__(self, app: Any, store: Store) -> None:
        self._http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=ADDRESS)
        self._store = store

    async def session(self, user: User = AMIRA) -> Session:
        return await self._store.begin_session(user)

    async def end(self, session: Session) -> None:
        await self._store.end_session(session.token)

    async def ask(self, token: str, deed: str = "explain", **headers: str) -> httpx2.Response:
        given = {"authorization": f"Bearer {token}", **headers}
        return await self._http.post(f"/deeds/{deed}", content=b"{}", headers=given)

    async def page(self, session: Session, method: str, **form: str) -> httpx2.Response:
        headers = {"cookie": f"session={session.token}", "accept": "text/html"}
        data = {"csrf": session.csrf, **form} if method == "POST" else None
        return await self._http.request(method, "/command-line", headers=headers, data=data)


@asynccontextmanager
async def board(folder: Path, desk: Desk | None, *, caught_up: bool = True) -> AsyncIterator[Board]:
    store = Store(f"sqlite+aiosqlite:///{folder}/board.db")
    await store.open()
    state = State(event_clock=False)
    state.take(News([Received(HOME, an_update(household=HOME), 0, 0, 0, b"")], caught_up=caught_up))
    nobody: Any = None
    config = BoardConfig(Cluster(""), "", ADDRESS, explainer=desk)
    yield Board(
        app_of(
            Parts(
                config=config,
                store=store,
                state=state,
                reading=nobody,
                sender=nobody,
                reporter=nobody,
                marks=nobody,
            )
        ),
        store,
    )
    await store.close()


def test_it_acts_in_the_name_of_who_logged_in(tmp_path: Path) -> None:
    async def tried() -> Any:
        async with board(tmp_path, Desk(lambda asking: {"who": asking.who})) as here:
            return (await here.ask((await here.session()).token)).json()

    assert asyncio.run(tried()) == {"who": "Amira (openid:8f14)"}


def test_a_desk_that_still_reads_does_nothing_and_says_so(tmp_path: Path) -> None:
    """Of which area a household is, it may not know yet."""
    done: list[str] = []

    def act(asking: Asking) -> Mapping[str, Any]:
        done.append(asking.who)
        return {}

    async def tried() -> Any:
        async with board(tmp_path, Desk(act), caught_up=False) as here:
            answer = await here.ask((await here.session()).token)
            return answer.status_code, answer.json()["error"]

    status, error = asyncio.run(tried())
    assert status == 503
    assert "nothing was done" in error
    assert done == []


def test_a_cookie_no_token_another_role_and_an_ended_session_let_nobody_in(tmp_path: Path) -> None:
    done: list[str] = []

    def act(asking: Asking) -> Mapping[str, Any]:
        done.append(asking.who)
        return {}

    async def tried() -> list[int]:
        async with board(tmp_path, Desk(act)) as here:
            session, ended = await here.session(), await here.session()
            await here.end(ended)
            roles = [Role.CLERK, Role.LEAD, Role.OUTREACH, Role.OPERATOR]
            others = [await here.session(User("o", "O", role, EVERYWHERE)) for role in roles]
            answers = [
                await here.ask("", cookie=f"session={session.token}"),
                await here.ask("guessed"),
                await here.ask(ended.token),
                await here.ask(session.csrf),
                *[await here.ask(other.token) for other in others],
            ]
            return [answer.status_code for answer in answers]

    assert asyncio.run(tried()) == [401] * 4 + [403] * 4
    assert done == []


@pytest.mark.parametrize(
    ("areas", "sees"),
    [
        (EVERYWHERE, [True, True, True, True]),
        ({"1011"}, [True, False, True, False]),
        ({"1102"}, [False, False, False, True]),
        (set(), [False, False, False, False]),
    ],
)
def test_what_is_of_an_area_is_for_who_sees_it_and_what_is_of_none_for_who_sees_all(
    tmp_path: Path, areas: set[str], sees: list[bool]
) -> None:
    def act(asking: Asking) -> Mapping[str, Any]:
        of = [(HOME, None), ("f" * 32, None), ("f" * 32, "1011"), ("f" * 32, "1102")]
        return {"sees": [asking.may(household, area) for household, area in of]}

    async def tried() -> Any:
        async with board(tmp_path, Desk(act)) as here:
            session = await here.session(User("ada", "ada", Role.AUDITOR, frozenset(areas)))
            return (await here.ask(session.token)).json()

    assert asyncio.run(tried()) == {"sees": sees}


def test_while_it_reads_it_gives_signs_of_life_and_then_one_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deeds, "SIGN_OF_LIFE_S", 0.01)
    read = threading.Event()

    def act(asking: Asking) -> Mapping[str, Any]:
        assert read.wait(60)
        return {"facts": None}

    async def tried() -> str:
        async with board(tmp_path, Desk(act)) as here:
            session = await here.session()
            asyncio.get_running_loop().call_later(0.3, read.set)
            return (await here.ask(session.token)).text

    told = asyncio.run(tried())

    assert told.startswith("  ")
    assert json.loads(told) == {"facts": None}


def test_what_is_not_done_is_said(tmp_path: Path) -> None:
    def act(asking: Asking) -> Mapping[str, Any]:
        raise NotOpened("the broker refused a right")

    async def tried() -> list[Any]:
        async with board(tmp_path, Desk(act)) as here:
            token = (await here.session()).token
            return [(await here.ask(token)).json(), (await here.ask(token, "unfit")).json()]

    assert asyncio.run(tried()) == [
        {"error": "the broker refused a right"},
        {"error": "who: say an address"},
    ]


def test_a_board_that_is_no_desk_says_so_and_draws_no_token(tmp_path: Path) -> None:
    async def tried() -> tuple[int, str, int]:
        async with board(tmp_path, None) as here:
            session = await here.session()
            asked = await here.ask(session.token)
            return asked.status_code, asked.text, (await here.page(session, "POST")).status_code

    status, said, drawn = asyncio.run(tried())

    assert (status, drawn) == (404, 404)
    assert "not the desk" in said


def test_a_token_is_shown_to_who_asks_for_it_alone(tmp_path: Path) -> None:
    async def tried() -> tuple[str, str, int, str]:
        async with board(tmp_path, Desk(lambda asking: {})) as here:
            session = await here.session()
            looked, drawn = await here.page(session, "GET"), await here.page(session, "POST")
            forged = await here.page(session, "POST", csrf="another")
            return looked.text, drawn.text, forged.status_code, session.token

    looked, drawn, forged, token = asyncio.run(tried())

    assert token not in looked
    assert f"data-token>{token}<" in drawn
    assert forged == 403

"""Whatever fails in the board, wherever: one page, one line in the log, and nothing of anybody in either."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import httpx2
import pytest
from sqlalchemy.exc import OperationalError
from starlette.types import ASGIApp
from structlog.testing import capture_logs

from eropaf.board.app import app_of
from eropaf.board.config import BoardConfig
from eropaf.board.explaining import Asked, Asking
from eropaf.board.reading import News
from eropaf.board.routes import Parts
from eropaf.board.state import State
from eropaf.board.store import Session, Store
from eropaf.board.user import EVERYWHERE, Role, User
from eropaf_client.cluster import Cluster
from eropaf_client.errors import NotAcknowledged
from eropaf_client.inbox import Received
from tests.integration.clients.telling import an_update

HOME = f"{7:032x}"
ADDRESS = "http://127.0.0.1:8080"
PRIVATE = ("1011 AB 12", "123456782", "$argon2id$v=19$m=65536", "a token of a session")
WORDS = ", ".join(PRIVATE)
FAULTS: list[Exception] = [
    KeyError(WORDS),
    OperationalError(f"SELECT {WORDS}", {"token": WORDS}, Exception(WORDS)),
    NotAcknowledged(WORDS),
    UnicodeDecodeError("utf-8", WORDS.encode(), 0, 1, WORDS),
    RecursionError(WORDS),
]


class Desk:
    """Opens nothing, and acts by failing in the way that it is told."""

    purposes = ("audit",)
    fault: Exception = KeyError(WORDS)

    def explain(self, who: str, household: str, purpose: str) -> Mapping[str, str] | None:
        raise self.fault

    def slips(self, who: str, household: str) -> NoReturn:
        raise self.fault

    def traces(self) -> NoReturn:
        raise self.fault

    def asked(self, name: str, body: bytes) -> Asked:
        def act(asking: Asking) -> NoReturn:
            raise self.fault

        return Asked(Role.AUDITOR, act)


class Away:
    """Stands where records would be published, and fails in the way that it is told."""

    fault: Exception = KeyError(WORDS)

    def send(self, *anything: Any) -> NoReturn:
        raise self.fault

    report = behind = send
    asides: Any = ()


@contextlib.asynccontextmanager
async def board(folder: Path, fault: Exception, role: Role) -> AsyncIterator[tuple[ASGIApp, Store, Session]]:
    """Yield a board of one household, in which everything behind it fails, and somebody who is logged in."""
    store = Store(f"sqlite+aiosqlite:///{folder}/board.db")
    await store.open()
    session = await store.begin_session(User("lotte", "Lotte", role, EVERYWHERE))
    state = State(event_clock=False)
    state.take(News([Received(HOME, an_update(household=HOME), 0, 0, 0, b"")], caught_up=True))
    away: Any = Away()
    desk = Desk()
    away.fault = desk.fault = fault
    yield (
        app_of(
            Parts(
                config=BoardConfig(Cluster(""), "", ADDRESS, explainer=desk),
                store=store,
                state=state,
                reading=away,
                sender=away,
                reporter=away,
                marks=away,
            )
        ),
        store,
        session,
    )
    await store.close()


async def asked(app: ASGIApp, session: Session, method: str, path: str, **form: str) -> httpx2.Response:
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=True)
    async with httpx2.AsyncClient(transport=transport, base_url=ADDRESS) as http:
        headers = {"accept": "text/html", "cookie": f"session={session.token}"}
        data = {"csrf": session.csrf, **form} if method == "POST" else None
        return await http.request(method, path, headers=headers, data=data)


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[Any]]:
    """Yield what is logged: lines of the board's own, and none of any library."""
    with capture_logs() as said:
        yield said
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


PLACES = [
    (Role.LEAD, "POST", f"/households/{HOME}/claim", {}),
    (
        Role.LEAD,
        "POST",
        f"/households/{HOME}",
        {"outcome_id": "12345678-1234-5678-1234-567812345678", "channel": "VISIT", "outcome": "not_reached"},
    ),
    (Role.AUDITOR, "POST", "/why", {"household": HOME, "purpose": "audit"}),
    (Role.AUDITOR, "GET", "/traces", {}),
    (Role.OPERATOR, "GET", "/state", {}),
]


# Each place with two kinds of fault, each kind in two places.
CASES = [
    (FAULTS[(number + turn) % len(FAULTS)], *place) for turn in (0, 2) for number, place in enumerate(PLACES)
]


@pytest.mark.parametrize(("fault", "role", "method", "path", "form"), CASES, ids=lambda part: str(part)[:20])
def test_a_handler_that_fails_gives_one_page_and_one_line_and_no_word_of_its_own(
    tmp_path: Path,
    lines: list[Any],
    fault: Exception,
    role: Role,
    method: str,
    path: str,
    form: dict[str, str],
) -> None:
    async def ask() -> httpx2.Response:
        async with board(tmp_path, fault, role) as (app, _, session):
            return await asked(app, session, method, path, **form)

    answer = asyncio.run(ask())

    assert answer.status_code in (500, 503)
    assert "Er ging hier iets mis" in answer.text
    assert [(line["event"], line["error"]) for line in lines] == [("request failed", type(fault).__name__)]
    assert answer.headers["cache-control"] == "no-store"
    for word in (*PRIVATE, HOME, "SELECT", "lotte"):
        assert word not in json.dumps(lines)
    for word in (*PRIVATE, "SELECT", "Traceback"):
        assert word not in answer.text


@pytest.mark.parametrize(
    "path", ["/", "/round", "/changes", "/session", f"/households/{HOME}", "/lead", "/why"]
)
def test_a_database_that_fails_under_any_page_tells_no_parameter(
    tmp_path: Path, lines: list[Any], path: str
) -> None:
    async def ask() -> tuple[httpx2.Response, Session]:
        async with board(tmp_path, KeyError(), Role.LEAD) as (app, _, session):
            (tmp_path / "board.db").write_bytes(b"no database any more" * 500)
            return await asked(app, session, "GET", path), session

    answer, session = asyncio.run(ask())

    (line,) = lines
    assert answer.status_code == 500
    assert (line["event"], line["error"]) == ("request failed", "DatabaseError")
    for word in (session.token, session.csrf, "lotte", "SELECT"):
        assert word not in json.dumps(line)
        assert word not in answer.text


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_a_deed_that_fails_says_so_and_nothing_else(
    tmp_path: Path, lines: list[Any], fault: Exception
) -> None:
    async def ask() -> httpx2.Response:
        async with board(tmp_path, fault, Role.AUDITOR) as (app, _, session):
            transport = httpx2.ASGITransport(app=app)
            async with httpx2.AsyncClient(transport=transport, base_url=ADDRESS) as http:
                headers = {"authorization": f"Bearer {session.token}"}
                return await http.post("/deeds/explain", content=b"{}", headers=headers)

    answer = asyncio.run(ask())

    (line,) = lines
    assert answer.json() == {"error": "something went wrong; the desk's log says where"}
    assert (line["event"], line["error"]) == ("deed failed", type(fault).__name__)
    assert not [word for word in (*PRIVATE, "SELECT") if word in json.dumps(line)]

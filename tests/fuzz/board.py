"""The board without a socket before it and a broker behind it: bytes become a request as its server does it.

What it publishes is refused, as by a broker that is away; all that reads what a browser sends is the
board's own.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import unquote

import h11
from starlette.types import Message

from eropaf.board.app import app_of
from eropaf.board.config import BoardConfig
from eropaf.board.reading import News
from eropaf.board.routes import Parts
from eropaf.board.state import State
from eropaf.board.store import Store
from eropaf.board.user import EVERYWHERE, Role, User
from eropaf_client.cluster import Cluster
from eropaf_client.errors import NotAcknowledged
from eropaf_client.inbox import Received
from tests.integration.clients.telling import an_update

HOME = f"{7:032x}"
SLOWEST_S = 5.0
FEWER_THAN_THE_LIMIT = 200
LEAD = User("lotte", "Lotte", Role.LEAD, EVERYWHERE)
ADDRESS = "http://127.0.0.1:8080"

SEEDS = (
    b"GET /?area=1011\naccept: text/html\naccept-language: nl,en;q=0.8\n\n",
    b"GET /round\naccept: text/html\n\n",
    f"GET /households/{HOME}\naccept: text/html\n\n".encode(),
    b"GET /lead?area=1011\naccept: text/html\n\n",
    b"GET /language/en\nreferer: http://127.0.0.1:8080/round\n\n",
    b"POST /round\norigin: http://127.0.0.1:8080\nsec-fetch-site: same-origin\n\narea=1011",
    f"POST /households/{HOME}/claim\naccept: application/json\n\n".encode(),
    f"POST /households/{HOME}/hand-over\n\nto=lotte".encode(),
    f"POST /households/{HOME}/check-in\n\n".encode(),
    f"POST /households/{HOME}/safety\n\nlevel=NOT_ALONE&until=2026-05-01".encode(),
    f"POST /households/{HOME}/take-back\n\nundo=0123456789abcdef".encode(),
    (
        f"POST /households/{HOME}\n\noutcome=NOT_REACHED&channel=HOUSE_VISIT&at=2026-03-02T12:00:00%2B01:00"
        "&outcome_id=12345678-1234-5678-1234-567812345678"
    ).encode(),
    b"POST /login\n\nname=sanne&password=wrong",
)


class _Away:
    """Stands where records would be published."""

    def send(self, *anything: Any) -> NoReturn:
        raise NotAcknowledged("no broker")

    def report(self, *anything: Any) -> NoReturn:
        raise NotAcknowledged("no broker")


class Board:
    """A board of one household, and somebody who is logged in."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._loop.run_until_complete(self._open())

    async def _open(self) -> None:
        folder = Path(tempfile.mkdtemp(prefix="eropaf-fuzz-board-"))
        store = Store(f"sqlite+aiosqlite:///{folder}/board.db")
        await store.open()
        state = State(event_clock=False)
        state.take(News([Received(HOME, an_update(household=HOME), 0, 0, 0, b"")], caught_up=True))
        away: Any = _Away()
        self._app = app_of(
            Parts(
                config=BoardConfig(Cluster(""), "", ADDRESS),
                store=store,
                state=state,
                reading=away,
                sender=away,
                reporter=away,
                marks=away,
            )
        )
        self._store = store
        self._asked = 0

    def ask(self, data: bytes) -> str:
        """Send a request; give the status of the answer. A fault in the board is raised."""
        return self._loop.run_until_complete(asyncio.wait_for(self._ask(data), SLOWEST_S))

    async def _ask(self, data: bytes) -> str:
        if self._asked % FEWER_THAN_THE_LIMIT == 0:
            self._session = await self._store.begin_session(LEAD)
        self._asked += 1
        head, _, body = data.partition(b"\n\n")
        first, *lines = head.split(b"\n")
        if first.startswith(b"POST "):
            body = f"csrf={self._session.csrf}&".encode() + body
        own = [
            f"cookie: session={self._session.token}".encode(),
            b"content-type: application/x-www-form-urlencoded",
            b"content-length: %d" % len(body),
            b"host: 127.0.0.1:8080",
        ]
        request = _request([first + b" HTTP/1.1", *lines, *own])
        if request is None:
            return "no request"
        path, _, query = request.target.partition(b"?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method.decode(),
            "scheme": "http",
            "path": unquote(path.decode("ascii")),
            "raw_path": path,
            "root_path": "",
            "query_string": query,
            "headers": list(request.headers),
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8080),
        }
        events = [{"type": "http.request", "body": body, "more_body": False}]
        status: list[str] = []

        async def receive() -> Message:
            return events.pop() if events else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                status.append(str(message["status"]))

        await self._app(scope, receive, send)
        # Whatever fails is told as this; what cannot be published is a 503.
        assert status[0] != "500", "a fault in the board: its log says where"
        return status[0]


def _request(lines: list[bytes]) -> h11.Request | None:
    """Return what the board's server makes of a request's lines; None where it refuses them."""
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(b"\r\n".join([*lines, b"", b""]))
    try:
        event = connection.next_event()
    except h11.RemoteProtocolError:
        return None
    return event if isinstance(event, h11.Request) else None

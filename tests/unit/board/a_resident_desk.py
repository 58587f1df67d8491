"""A desk without Kafka, as a resident's own page asks it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from starlette.applications import Starlette

from eropaf.board.attempts import Limits
from eropaf.board.config import Identity, ResidentsServed
from eropaf.board.explaining import Asked, Asking, Slip, Trace
from eropaf.board.resident.desk import ResidentDesk
from eropaf.board.resident.store import ResidentStore
from eropaf.board.store import Store
from eropaf.board.user import Role

SECRET = "known to the page and to the desk"
LETTER = "Datum: 3 maart 2026\n\nWat is er gemeld?\n- rent meldde iets.\n"


@dataclass
class Deeds:
    """Does what it is asked, and notes it; `act` says what comes of it."""

    act: Callable[[str], Mapping[str, Any]] = lambda deed: (
        {"letter": {"nl": LETTER, "en": LETTER}, "document": {"household": "h"}, "kept": True}
        if deed == "access"
        else {}
    )
    done: list[tuple[str, str, str]] = field(default_factory=list)
    purposes = ("resident-asked",)

    def explain(self, who: str, household: str, purpose: str) -> Mapping[str, str] | None:
        """Open nothing."""
        return None

    def traces(self) -> list[Trace]:
        """Return none."""
        return []

    def slips(self, who: str, household: str) -> Sequence[Slip]:
        """Open none."""
        return []

    def asked(self, name: str, body: bytes) -> Asked:
        """Take every deed."""

        def act(asking: Asking) -> Mapping[str, Any]:
            self.done.append((asking.who, name, json.loads(body)["who"]))
            return self.act(name)

        return Asked(Role.CLERK, act)


class Desk:
    """A desk, and requests to it."""

    def __init__(self, residents: ResidentDesk, store: ResidentStore, deeds: Deeds) -> None:
        self.residents, self.store, self.deeds = residents, store, deeds
        self.app: Any = Starlette(routes=list(residents.routes()))
        self._http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=self.app), base_url="http://desk")

    async def ask(self, name: str, secret: str = SECRET, **said: str) -> httpx2.Response:
        headers = {"authorization": f"Bearer {secret}"}
        return await self._http.post(f"/residents/{name}", json=said, headers=headers)

    async def begun(self, code: str, network: str = "192.0.2.7") -> int:
        return (await self.ask("begin", code=code, **{"from": network})).status_code

    async def session(self, who: str = "1011 AB 12") -> str:
        code, _ = await self.store.draw(who)
        token: str = (await self.ask("begin", code=code)).json()["token"]
        return token


@asynccontextmanager
async def a_desk(
    folder: Path, deeds: Deeds | None = None, identity: Identity | None = None
) -> AsyncIterator[Desk]:
    database = Store(f"sqlite+aiosqlite:///{folder}/desk.db")
    await database.open()
    store, deeds = ResidentStore(database.engine), deeds or Deeds()
    residents = ResidentDesk(store, deeds, ResidentsServed(SECRET, identity), Limits(), "Europe/Amsterdam")
    yield Desk(residents, store, deeds)
    await database.close()


def tried(folder: Path, then: Any, deeds: Deeds | None = None, identity: Identity | None = None) -> Any:
    """Return what `then` comes to at such a desk."""

    async def within() -> Any:
        async with a_desk(folder, deeds, identity) as here:
            return await then(here)

    return asyncio.run(within())

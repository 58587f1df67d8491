"""The lead's page says from when on its figures are whole, and no number that it does not know."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from eropaf.board.app import app_of
from eropaf.board.config import BoardConfig
from eropaf.board.reading import News
from eropaf.board.routes import Parts
from eropaf.board.state import State
from eropaf.board.store import Store
from eropaf.board.user import EVERYWHERE, Role, User
from eropaf_client.cluster import Cluster
from eropaf_client.inbox import Received
from tests.integration.clients.telling import an_update

ADDRESS = "http://127.0.0.1:8080"


async def _pages(folder: Path, sequence: int) -> tuple[str, str]:
    """Return the page and the file of a lead: one household's update came on 7 March, today another's."""
    store = Store(f"sqlite+aiosqlite:///{folder}/board.db")
    await store.open()
    session = await store.begin_session(User("lotte", "Lotte", Role.LEAD, EVERYWHERE))
    state = State(event_clock=True)
    noon = datetime(2026, 3, 7, 12, tzinfo=UTC)
    updates = [
        replace(an_update(), sequence=sequence, event_at=noon),
        replace(an_update(), household="h-2", event_at=noon + timedelta(days=3)),
    ]
    state.take(News([Received(each.household, each, 0, 0, 0, b"") for each in updates], caught_up=True))
    away: Any = None
    app = app_of(
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
    headers = {"cookie": f"session={session.token}", "accept": "text/html", "accept-language": "en"}
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=ADDRESS) as http:
        page, file = await http.get("/lead", headers=headers), await http.get("/lead.csv", headers=headers)
    await store.close()
    assert (page.status_code, file.status_code) == (200, 200)
    return page.text, file.text


@pytest.mark.parametrize(("sequence", "said", "empty"), [(1, False, 0), (2, True, 25)])
def test_it_says_from_when_on_every_change_is_known(
    tmp_path: Path, sequence: int, said: bool, empty: int
) -> None:
    page, file = asyncio.run(_pages(tmp_path, sequence))

    assert ("not every change is kept" in page) is said
    assert sum(line.split(",")[1] == "" for line in file.splitlines()[1:]) == empty


def test_the_file_for_a_spreadsheet_ends_its_lines_as_one_expects(tmp_path: Path) -> None:
    _, file = asyncio.run(_pages(tmp_path, 1))

    first, *days = file.removeprefix("\ufeff").split("\r\n")
    assert first.count(",") == 6
    assert [line.count(",") for line in days] == [*[6] * 28, 0]

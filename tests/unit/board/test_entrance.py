"""The way in and out as strangers use it: what they send stands in nobody's way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from eropaf.board import metrics
from eropaf.board.app import app_of
from eropaf.board.config import BoardConfig, OpenId
from eropaf.board.passwords import hashed
from eropaf.board.routes import Parts
from eropaf.board.state import State
from eropaf.board.store import Account, Store
from eropaf.board.user import EVERYWHERE, Role, User
from eropaf_client.cluster import Cluster
from tests.unit.board.a_provider import OURS, Standing, served
from tests.unit.board.test_provider import logout_token

ADDRESS = "http://127.0.0.1:8080"
PASSWORD = "correct horse battery"


@pytest.fixture
def there() -> Iterator[Standing]:
    with served() as standing:
        yield standing


@asynccontextmanager
async def board(folder: Path, there: Standing) -> AsyncIterator[tuple[Any, Store]]:
    store = Store(f"sqlite+aiosqlite:///{folder}/board.db")
    await store.open()
    nobody: Any = None
    config = BoardConfig(Cluster(""), "", ADDRESS, open_id=OpenId(there.url, OURS, "the secret of the tests"))
    yield (
        app_of(
            Parts(
                config=config,
                store=store,
                state=State(event_clock=False),
                reading=nobody,
                sender=nobody,
                reporter=nobody,
                marks=nobody,
            )
        ),
        store,
    )
    await store.close()


def browser(app: Any, address: str = "10.0.0.1") -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app, client=(address, 4711)), base_url=ADDRESS
    )


async def ended(client: httpx2.AsyncClient, token: str) -> int:
    return (await client.post("/login/ended", data={"logout_token": token})).status_code


def test_garbage_keeps_no_word_of_the_provider_from_ending_a_session(there: Standing, tmp_path: Path) -> None:
    """Also from the provider's own address: behind one proxy all are one."""

    async def tried() -> None:
        async with board(tmp_path, there) as (app, store), browser(app) as stranger:
            session = await store.begin_session(User("openid:vera", "Vera", Role.LEAD, EVERYWHERE))
            false = there.signed(kid="unknown")
            answers = [await ended(stranger, garbage) for garbage in ["a.b.c", false] * 40]
            assert set(answers) == {400, 429}
            assert await store.session(session.token) is not None

            assert await ended(stranger, logout_token(there, sid=None)) == 200
            assert await store.session(session.token) is None

    asyncio.run(tried())


def test_keys_that_nobody_has_make_the_board_ask_the_provider_once_a_second_at_most(
    there: Standing, tmp_path: Path
) -> None:
    async def tried() -> None:
        async with board(tmp_path, there) as (app, _), browser(app) as stranger:
            unknown = there.signed()
            there.key = there.key.generate_key("P-256", {"kid": "another"})
            begun = asyncio.get_running_loop().time()
            await asyncio.gather(*(ended(stranger, unknown) for _ in range(50)))
            took_s = asyncio.get_running_loop().time() - begun
            assert there.got.count("/keys") <= 1 + took_s

            there.away = True
            asked = len(there.got)
            begun = asyncio.get_running_loop().time()
            answers = await asyncio.gather(*(ended(stranger, unknown) for _ in range(50)))
            took_s = asyncio.get_running_loop().time() - begun
            assert set(answers) <= {400, 429, 503}
            assert len(there.got) - asked <= 1 + took_s

    asyncio.run(tried())


def test_of_many_who_go_to_a_provider_that_does_not_answer_one_asks(there: Standing, tmp_path: Path) -> None:
    async def tried() -> None:
        there.answers.clear()
        async with board(tmp_path, there) as (app, _):
            offices = [browser(app, f"10.0.0.{number}") for number in range(40)]
            going = [asyncio.create_task(each.get("/login/provider")) for each in offices]
            while not there.got:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0)
            there.answers.set()
            answers = await asyncio.gather(*going)
            assert {each.status_code for each in answers} == {303}
            assert there.got == ["/.well-known/openid-configuration"]
            for each in offices:
                await each.aclose()

    asyncio.run(tried())


def test_one_address_goes_to_the_provider_sixty_times_a_minute(there: Standing, tmp_path: Path) -> None:
    async def tried() -> None:
        limited = metrics.LOGINS.labels(result="limited")
        before = limited._value.get()
        async with board(tmp_path, there) as (app, _), browser(app) as one, browser(app, "10.0.0.2") as other:
            answers = [(await one.get("/login/provider")).status_code for _ in range(70)]
            assert (answers.count(303), answers.count(429)) == (60, 10)
            assert (await other.get("/login/provider")).status_code == 303
        assert limited._value.get() == before + 10

    asyncio.run(tried())


def test_a_device_of_somebody_else_gets_a_token_of_its_own(there: Standing, tmp_path: Path) -> None:
    """Else who left theirs on another's phone could guess that person's password as from a known device."""

    async def tried() -> None:
        async with board(tmp_path, there) as (app, store), browser(app) as phone:
            await store.put_account(Account("sanne", hashed(PASSWORD), Role.OUTREACH, EVERYWHERE))
            phone.cookies.set("device", "planted")
            form = {"name": "sanne", "password": PASSWORD}
            assert (await phone.post("/login", data=form)).status_code == 303
            drawn = phone.cookies.get("device", domain="127.0.0.1")
            assert drawn != "planted"
            assert not await store.knows_device("planted", "sanne")

            assert (await phone.post("/login", data=form)).status_code == 303
            assert phone.cookies.get("device", domain="127.0.0.1") == drawn, "her own stays"

    asyncio.run(tried())

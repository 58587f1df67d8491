"""Accounts and sessions on a real PostgreSQL, as on SQLite."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import mkdtemp

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from eropaf.board.store import Account, Agreed, Disabled, Store
from eropaf.board.user import EVERYWHERE, Role, User
from eropaf.deploy.embedded.ports import choose
from tests.integration.processes import PATIENCE_S, Process, until
from tests.node import missing

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/board.db"
        return
    if not PROGRAMS:
        missing("postgres", "Debian's postgresql")
    (port,) = choose(1)
    home = Path(mkdtemp(prefix="eropaf-postgres-", dir="/tmp"))  # its own user must reach it
    home.chmod(0o777)
    data = home / "data"
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    initdb = [*as_postgres, str(PROGRAMS[-1] / "initdb"), "-D", str(data), "-A", "trust", "-U", "board", "-N"]
    subprocess.run(initdb, check=True, capture_output=True, cwd="/tmp")  # noqa: S108
    command = [*as_postgres, str(PROGRAMS[-1] / "postgres"), "-D", str(data), "-p", str(port)]
    command += ["-k", str(data), "-F"]
    server = Process(command[1:], tmp_path / "postgres.log", Path("/tmp"), command[0])  # noqa: S108
    try:
        ready = [str(PROGRAMS[-1] / "pg_isready"), "-h", "127.0.0.1", "-p", str(port)]
        until(
            lambda: subprocess.run(ready, capture_output=True).returncode == 0,
            PATIENCE_S,
            "PostgreSQL",
            server.check,
        )
        yield f"postgresql+asyncpg://board@127.0.0.1:{port}/postgres"
    finally:
        server.popen.terminate()
        server.wait(PATIENCE_S)
        shutil.rmtree(home)


def test_accounts_sessions_and_devices_are_kept_alike(database: str) -> None:
    async def tried() -> None:
        store = Store(database)
        await store.open()
        await store.open()  # a second start finds its tables
        await store.put_account(Account("sanne", "hash", Role.OUTREACH, frozenset({"1011", "1012"})))
        await store.put_account(Account("sanne", "other", Role.LEAD, EVERYWHERE))
        assert await store.accounts() == [Account("sanne", "other", Role.LEAD, EVERYWHERE)]
        assert await store.account("nobody") is None

        user = User("sanne", "sanne", Role.LEAD, frozenset({"1011"}))
        session = await store.begin_session(user)
        assert await store.session(session.token) == session
        assert await store.session("another") is None
        await store.end_session(session.token)
        assert await store.session(session.token) is None

        session = await store.begin_session(user)
        await store.put_account(Account("sanne", "third", Role.OUTREACH, frozenset()))
        assert await store.session(session.token) is None, "a changed account is logged out"

        # A person of a provider: of two who see that it is time to ask, one does.
        agreed = Agreed("there", "sealed", 1.0, 2.0)
        vera = User("openid:vera", "Vera", Role.OUTREACH, frozenset({"1011"}))
        session = await store.begin_session(vera, agreed)
        assert await store.session(session.token) == session
        assert [await store.may_ask(session), await store.may_ask(session)] == [True, False]
        promoted = User("openid:vera", "Vera", Role.LEAD, EVERYWHERE)
        assert await store.agree(session, promoted, agreed) is not None
        kept = await store.session(session.token)
        assert kept is not None
        assert kept.user == promoted
        assert await store.end_sessions(None, "there") == 1
        assert await store.agree(session, promoted, agreed) is None, "it ended meanwhile"

        # A device is known to one person, until the account changes.
        await store.know_device("phone", "sanne")
        assert await store.knows_device("phone", "sanne")
        assert not await store.knows_device("phone", "lotte")
        for number in range(25):
            await store.know_device(f"phone {number}", "lotte")
        assert not await store.knows_device("phone 0", "lotte")
        assert await store.knows_device("phone 24", "lotte")

        session = await store.begin_session(user)
        assert await store.disable("sanne") == 1
        assert await store.session(session.token) is None
        assert await store.account("sanne") is None
        assert not await store.knows_device("phone", "sanne")
        with pytest.raises(Disabled):
            await store.begin_session(user)
        assert [(account.name, off) for account, off in await store.every_account()] == [("sanne", True)]
        await store.enable("sanne")
        assert await store.account("sanne") is not None
        assert await store.account("null\0character") is None
        await store.close()

    # On a thread of its own: a browser of other tests may have a loop on this one.
    with ThreadPoolExecutor(1) as own:
        own.submit(asyncio.run, tried()).result()


def test_boards_that_start_at_once_on_an_empty_database_all_start(database: str) -> None:
    async def started() -> None:
        store = Store(database)
        await store.open()
        assert await store.accounts() == []
        await store.close()

    with ThreadPoolExecutor(8) as boards:
        for each in [boards.submit(asyncio.run, started()) for _ in range(8)]:
            each.result()


def test_a_database_of_before_keeps_what_it_meant(database: str) -> None:
    """Nothing stood for every area once; it stands for none now."""

    async def tried() -> None:
        engine = create_async_engine(database)
        async with engine.begin() as connection:
            for statement in (
                "CREATE TABLE account (name VARCHAR(100) PRIMARY KEY, password VARCHAR(200), "
                "role VARCHAR(20), areas VARCHAR(2000))",
                "CREATE TABLE session (token VARCHAR(64) PRIMARY KEY)",
                "CREATE TABLE login (state VARCHAR(64) PRIMARY KEY)",
                "INSERT INTO account VALUES ('lotte', 'hash', 'lead', '')",
                "INSERT INTO account VALUES ('sanne', 'hash', 'outreach', '1011')",
            ):
                await connection.execute(text(statement))
        await engine.dispose()
        store = Store(database)
        await store.open()
        lotte, sanne = await store.accounts()
        assert (lotte.areas, sanne.areas) == (EVERYWHERE, frozenset({"1011"}))
        # Once: who is given no area afterwards has none.
        await store.put_account(Account("merel", "hash", Role.OUTREACH, frozenset()))
        await store.close()
        await store.open()
        merel = await store.account("merel")
        assert merel is not None
        assert merel.areas == frozenset()
        await store.begin_session(User("lotte", "lotte", Role.LEAD, EVERYWHERE))
        await store.close()

    with ThreadPoolExecutor(1) as own:
        own.submit(asyncio.run, tried()).result()

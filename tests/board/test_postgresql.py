"""Accounts and sessions on a real PostgreSQL, as on SQLite."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from eropaf.board.store import Account, Login, Store
from eropaf.board.user import Role, User
from eropaf.deploy.embedded.ports import choose
from tests.integration.processes import until
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
    data = Path(f"/tmp/eropaf-postgres-{os.getpid()}")  # noqa: S108  # its own user must be able to reach it
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    initdb = [*as_postgres, str(PROGRAMS[-1] / "initdb"), "-D", str(data), "-A", "trust", "-U", "board", "-N"]
    subprocess.run(initdb, check=True, capture_output=True, cwd="/tmp")  # noqa: S108
    server = subprocess.Popen(
        [
            *as_postgres,
            str(PROGRAMS[-1] / "postgres"),
            "-D",
            str(data),
            "-p",
            str(port),
            "-k",
            str(data),
            "-F",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/tmp",  # noqa: S108
    )
    try:
        ready = [str(PROGRAMS[-1] / "pg_isready"), "-h", "127.0.0.1", "-p", str(port)]
        until(lambda: subprocess.run(ready, capture_output=True).returncode == 0, 30, "PostgreSQL")
        yield f"postgresql+asyncpg://board@127.0.0.1:{port}/postgres"
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(data)


def test_accounts_sessions_and_log_ins_are_kept_alike(database: str) -> None:
    async def tried() -> None:
        store = Store(database)
        await store.open()
        await store.open()  # a second start finds its tables
        await store.put_account(Account("sanne", "hash", Role.OUTREACH, frozenset({"1011", "1012"})))
        await store.put_account(Account("sanne", "other", Role.LEAD, frozenset()))
        assert await store.accounts() == [Account("sanne", "other", Role.LEAD, frozenset())]
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

        login = Login("state", "browser", "nonce", "verifier")
        await store.begin_login(login)
        assert await store.take_login("state", "another browser") is None
        assert await store.take_login("state", "browser") == login
        assert await store.take_login("state", "browser") is None
        await store.close()

    # On a thread of its own: a browser of other tests may have a loop on this one.
    with ThreadPoolExecutor(1) as own:
        own.submit(asyncio.run, tried()).result()

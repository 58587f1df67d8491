"""What the board writes on disk is its own to read, and what was deleted is gone from it."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest
from sqlalchemy.exc import SQLAlchemyError

from eropaf.board.store import Account, Store
from eropaf.board.user import EVERYWHERE, Role, User

HASH = "a hash that must not stay, nor be told"


def test_the_file_is_for_its_owner_alone_also_one_of_before(tmp_path: Path) -> None:
    file = tmp_path / "board.db"
    file.touch(mode=0o644)
    file.chmod(0o644)

    async def tried() -> None:
        store = Store(f"sqlite+aiosqlite:///{file}")
        await store.open()
        await store.put_account(Account("sanne", HASH, Role.OUTREACH, EVERYWHERE))
        await store.close()

    asyncio.run(tried())

    for each in tmp_path.iterdir():
        assert stat.S_IMODE(each.stat().st_mode) == 0o600, each.name


def test_what_was_deleted_leaves_no_bytes(tmp_path: Path) -> None:
    file = tmp_path / "board.db"

    async def tried() -> None:
        store = Store(f"sqlite+aiosqlite:///{file}")
        await store.open()
        await store.put_account(Account("sanne", HASH, Role.OUTREACH, EVERYWHERE))
        assert HASH.encode() in file.read_bytes()
        await store.put_account(Account("sanne", "another", Role.OUTREACH, EVERYWHERE))
        await store.close()

    asyncio.run(tried())

    assert HASH.encode() not in b"".join(each.read_bytes() for each in tmp_path.iterdir())


def test_who_reads_the_database_cannot_log_in_with_what_stands_there(tmp_path: Path) -> None:
    file = tmp_path / "board.db"
    person = User("sanne", "sanne", Role.OUTREACH, EVERYWHERE)

    async def tried() -> str:
        store = Store(f"sqlite+aiosqlite:///{file}")
        await store.open()
        session = await store.begin_session(person)
        await store.know_device("a device of hers", "sanne")
        assert await store.session(session.token) is not None
        await store.close()
        return session.token

    token = asyncio.run(tried())

    kept = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert token.encode() not in kept
    assert b"a device of hers" not in kept


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / "board.db").symlink_to(elsewhere)

    with pytest.raises(OSError, match=r"board\.db"):
        asyncio.run(Store(f"sqlite+aiosqlite:///{tmp_path}/board.db").open())
    assert not elsewhere.exists()


def test_a_statement_that_fails_does_not_tell_its_parameters(tmp_path: Path) -> None:
    async def tried() -> None:
        store = Store(f"sqlite+aiosqlite:///{tmp_path}/board.db")
        try:
            await store.put_account(Account("sanne", HASH, Role.OUTREACH, EVERYWHERE))  # no table yet
        finally:
            await store.close()

    with pytest.raises(SQLAlchemyError) as failed:
        asyncio.run(tried())
    assert HASH not in str(failed.value)
    assert "sanne" not in str(failed.value)

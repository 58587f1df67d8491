"""Whom a household can be handed to, whichever way they log in."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import event, insert, update

from eropaf.board.people import PEOPLE, SEEN_WITHIN_S, People
from eropaf.board.store import Account, Store
from eropaf.board.tables import DISABLED
from eropaf.board.user import EVERYWHERE, Role, User

SAM = User("openid:1", "Sam", Role.OUTREACH, frozenset({"1011"}))


def test_the_team_is_accounts_and_who_came_from_the_provider(tmp_path: Path) -> None:
    async def tried() -> None:
        store = Store(f"sqlite+aiosqlite:///{tmp_path}/board.db")
        await store.open()
        people = People(store)
        await store.put_account(Account("lotte", "x", Role.LEAD, EVERYWHERE))
        await store.put_account(Account("amira", "x", Role.AUDITOR, EVERYWHERE))
        await people.know(SAM)
        await people.know(User("openid:1", "Sam", Role.OUTREACH, frozenset({"1102"})))  # another area since
        assert [(each.id, sorted(each.areas)) for each in await people.team()] == [
            ("openid:1", ["1102"]),
            ("lotte", ["*"]),
        ]

        await store.disable("openid:1")
        assert [each.id for each in await people.team()] == ["lotte"]
        await store.enable("openid:1")
        async with store.engine.begin() as connection:
            await connection.execute(update(PEOPLE).values(seen_at=PEOPLE.c.seen_at - SEEN_WITHIN_S - 1))
        assert [each.id for each in await people.team()] == ["lotte"], "not seen for a month"
        await store.close()

    asyncio.run(tried())


def test_two_log_ins_of_one_person_at_once_are_two_log_ins(tmp_path: Path) -> None:
    """Each writes the row in one statement: at no moment have both deleted and neither inserted."""

    async def tried() -> list[str]:
        store = Store(f"sqlite+aiosqlite:///{tmp_path}/board.db")
        await store.open()
        statements: list[str] = []
        event.listen(
            store.engine.sync_engine, "before_cursor_execute", lambda *args: statements.append(args[2])
        )
        people = People(store)
        await asyncio.gather(*(people.know(SAM) for _ in range(8)))
        await asyncio.gather(*(store.know_device("phone", "sam") for _ in range(8)))
        assert [each.id for each in await people.team()] == ["openid:1"]
        assert await store.knows_device("phone", "sam")
        await store.close()
        return statements

    inserts = [each for each in asyncio.run(tried()) if each.startswith("INSERT")]
    assert len(inserts) == 16
    assert all("ON CONFLICT" in each for each in inserts)


def test_who_is_disabled_while_they_log_in_has_no_session(tmp_path: Path) -> None:
    async def tried() -> None:
        store = Store(f"sqlite+aiosqlite:///{tmp_path}/board.db")
        await store.open()
        session = await store.begin_session(SAM)
        async with store.engine.begin() as connection:  # before there was a session to end
            await connection.execute(insert(DISABLED).values(user_id=SAM.id, since=0))
        assert await store.session(session.token) is None
        assert await store.logged_in() == []
        await store.close()

    asyncio.run(tried())

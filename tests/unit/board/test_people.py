"""Whom a household can be handed to, whichever way they log in."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy import update

from eropaf.board.people import PEOPLE, SEEN_WITHIN_S, People
from eropaf.board.store import Account, Store
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

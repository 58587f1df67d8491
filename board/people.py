"""The team: people with an account here, and people admitted by a provider."""

from __future__ import annotations

import time

from sqlalchemy import Column, Float, String, Table, delete, select

from eropaf.board.store import Store
from eropaf.board.tables import DISABLED, METADATA
from eropaf.board.upsert import upsert
from eropaf.board.user import TEAM, Role, User

# Somebody who did not log in for so long is not offered as a colleague any more.
SEEN_WITHIN_S = 30 * 86_400
# What a provider said of somebody when they last logged in: the board asks it for nobody else.
PEOPLE = Table(
    "person",
    METADATA,
    Column("user_id", String(300), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("role", String(20), nullable=False),
    Column("areas", String(2000), nullable=False),
    Column("seen_at", Float(53), nullable=False),  # seconds since 1970 UTC
)


class People:
    """The team, however its members log in."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def know(self, user: User) -> None:
        """Remember somebody admitted by the provider; forget those not seen for long."""
        now = time.time()
        async with self._store.engine.begin() as connection:
            await connection.execute(delete(PEOPLE).where(PEOPLE.c.seen_at < now - SEEN_WITHIN_S))
            areas = ",".join(sorted(user.areas))
            values = {"user_id": user.id, "name": user.name, "role": user.role.value, "areas": areas}
            await upsert(connection, PEOPLE, **values, seen_at=now)

    async def team(self) -> list[User]:
        """Return everybody who visits households, and their leads, by name."""
        accounts = [
            User(each.name, each.name, each.role, each.areas) for each in await self._store.accounts()
        ]
        off = select(DISABLED.c.user_id)
        seen = (PEOPLE.c.seen_at >= time.time() - SEEN_WITHIN_S) & PEOPLE.c.user_id.not_in(off)
        async with self._store.engine.connect() as connection:
            rows = (await connection.execute(select(PEOPLE).where(seen))).all()
        others = [
            User(row.user_id, row.name, Role(row.role), frozenset(row.areas.split(",")) - {""})
            for row in rows
        ]
        team = [each for each in (*accounts, *others) if each.role in TEAM]
        return sorted(team, key=lambda each: (each.name, each.id))

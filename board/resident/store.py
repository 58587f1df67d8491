"""Codes and sessions of residents, in the desk's own database.

What they lead to is sealed with the code or the token itself: who reads the database finds nobody by it.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from eropaf.board.resident import codes
from eropaf.board.sealed import Sealed
from eropaf.board.tables import RESIDENT_CODES, RESIDENT_SESSIONS

# Long enough for a letter that waits for somebody who is away; and for reading what is held, in peace.
CODE_DAYS = 30
SESSION_S = 3600
DAY_S = 86_400
BY_CODE, BY_LOG_IN = "code", "log-in"


@dataclass(frozen=True, slots=True)
class ResidentSession:
    """A resident who may look, and by which way: `who` is an address or a key by a code, else a BSN."""

    id: str  # what the desk knows it by; the token is the resident's alone
    who: str
    way: str
    ends_at: float


class ResidentStore:
    """Codes and sessions. A code or a log-in begins one session."""

    def __init__(self, engine: AsyncEngine, clock: Callable[[], float] = time.time) -> None:
        self._engine, self._clock = engine, clock

    async def draw(self, who: str) -> tuple[str, float]:
        """Return a new code for `who`, and until when it holds (seconds since 1970 UTC)."""
        code, ends_at = codes.draw(), self._clock() + CODE_DAYS * DAY_S
        row = {"found_by": code[: codes.FOUND_BY], "sealed": _of_code(code).seal(who), "ends_at": ends_at}
        async with self._engine.begin() as connection:
            await self._delete_ended(connection)
            await connection.execute(insert(RESIDENT_CODES).values(row))
        return code, ends_at

    async def knows(self, code: str) -> bool:
        """Return whether a code that holds begins like this one."""
        async with self._engine.connect() as connection:
            return await self._sealed(connection, code) is not None

    async def begin_by_code(self, code: str) -> str | None:
        """Return the token of a session, and use the code up; None where it is not, or no longer, one."""
        async with self._engine.begin() as connection:
            sealed = await self._sealed(connection, code)
            who = None if sealed is None else _of_code(code).opened(sealed)
            if who is None:
                return None
            used = delete(RESIDENT_CODES).where(RESIDENT_CODES.c.found_by == code[: codes.FOUND_BY])
            if (await connection.execute(used)).rowcount != 1:  # at this very moment, by another
                return None
            return await self._begin(connection, who, BY_CODE, code)

    async def begin_by_log_in(self, bsn: str, nonce: str) -> str | None:
        """Return the token of a session; None where the log-in of this nonce began one before.

        Not by the ID token's text: who has one can write its signature otherwise, and it still holds.
        """
        try:
            async with self._engine.begin() as connection:
                return await self._begin(connection, bsn, BY_LOG_IN, nonce)
        except IntegrityError:
            return None

    async def session(self, token: str) -> ResidentSession | None:
        """Return the session of `token`, where it has not ended."""
        wanted = select(RESIDENT_SESSIONS).where(
            RESIDENT_SESSIONS.c.token == _digest(token),
            RESIDENT_SESSIONS.c.ends_at > self._clock(),
            RESIDENT_SESSIONS.c.left.is_(None),
        )
        async with self._engine.connect() as connection:
            row = (await connection.execute(wanted)).first()
        if row is None:
            return None
        return ResidentSession(row.token, _of_session(token).opened(row.sealed), row.way, row.ends_at)

    async def leave(self, session: ResidentSession) -> None:
        """End a session. That its proof was used stays until it would have ended by itself."""
        left = update(RESIDENT_SESSIONS).where(RESIDENT_SESSIONS.c.token == session.id)
        async with self._engine.begin() as connection:
            await connection.execute(left.values(left=self._clock(), sealed=""))

    async def _sealed(self, connection: AsyncConnection, code: str) -> str | None:
        wanted = select(RESIDENT_CODES.c.sealed).where(
            RESIDENT_CODES.c.found_by == code[: codes.FOUND_BY], RESIDENT_CODES.c.ends_at > self._clock()
        )
        return (await connection.execute(wanted)).scalar_one_or_none()

    async def _begin(self, connection: AsyncConnection, who: str, way: str, proof: str) -> str:
        token = secrets.token_urlsafe(32)
        await self._delete_ended(connection)
        await connection.execute(
            insert(RESIDENT_SESSIONS).values(
                token=_digest(token),
                proof=_digest(proof),
                way=way,
                sealed=_of_session(token).seal(who),
                ends_at=self._clock() + SESSION_S,
            )
        )
        return token

    async def _delete_ended(self, connection: AsyncConnection) -> None:
        for table in (RESIDENT_CODES, RESIDENT_SESSIONS):
            await connection.execute(delete(table).where(table.c.ends_at <= self._clock()))


def _of_code(code: str) -> Sealed:
    return Sealed(code, "resident code")


def _of_session(token: str) -> Sealed:
    return Sealed(token, "resident session")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

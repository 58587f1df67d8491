"""Accounts, sessions, known devices, and disabled people: in SQLite or PostgreSQL."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import delete, event, insert, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from eropaf.board.tables import ACCOUNTS, DEVICES, DISABLED, SESSIONS, bring_up_to_date
from eropaf.board.upsert import upsert
from eropaf.board.user import Role, User

# An outreach worker's day; and how long a phone may lie on a kitchen table.
LONGEST_S = 10 * 3600
IDLE_S = 2 * 3600
# A device that somebody logged in from counts as theirs for half a year; each has a few.
DEVICE_S = 180 * 86_400
MOST_DEVICES = 20
# While one board asks the provider about a session, no other does.
ASKING_S = 30
# Somebody who was disabled at the very moment of logging in may have a session all the same.
LET_IN = SESSIONS.c.user_id.not_in(select(DISABLED.c.user_id))


@dataclass(frozen=True, slots=True)
class Account:
    """A person who logs in with a password stored here."""

    name: str
    password: str  # argon2id
    role: Role
    areas: frozenset[str]


@dataclass(frozen=True, slots=True)
class Agreed:
    """A provider's consent to somebody's log-in: its session name, and the sealed refresh token."""

    session: str | None
    refresh: str | None
    agreed_at: float
    ask_at: float


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is logged in; `csrf` must come with whatever they change."""

    user: User
    csrf: str
    token: str
    agreed: Agreed | None = None


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A session as an operator may see it: whose it is, and its start (seconds since 1970 UTC)."""

    name: str
    role: Role
    begun_at: float
    seen_at: float


class Disabled(Exception):
    """They may not log in, whatever their password or provider says."""


class Store:
    """The board's own database. It holds nothing about households."""

    def __init__(self, database: str) -> None:
        self._url = make_url(database)
        # A failed statement must not write its parameters, a hash or a token, into the log.
        self._engine = create_async_engine(self._url, hide_parameters=True)
        if self._sqlite:
            event.listen(self._engine.sync_engine, "connect", _set_up)

    @property
    def engine(self) -> AsyncEngine:
        """What runs statements: for the tables that others keep in the same database."""
        return self._engine

    @property
    def _sqlite(self) -> bool:
        return self._url.get_backend_name() == "sqlite"

    async def open(self) -> None:
        """Create missing tables; migrate those of an earlier version."""
        if self._sqlite and self._url.database not in (None, "", ":memory:"):
            _make_private(Path(str(self._url.database)))
        async with self._engine.begin() as connection:
            await connection.run_sync(bring_up_to_date)

    async def close(self) -> None:
        """Close every connection to the database."""
        await self._engine.dispose()

    async def account(self, name: str) -> Account | None:
        """Return the account of that name, unless it is disabled."""
        if not name.isprintable():  # PostgreSQL would not even look for a null character
            return None
        off = select(DISABLED.c.user_id)
        wanted = select(ACCOUNTS).where(ACCOUNTS.c.name == name, ACCOUNTS.c.name.not_in(off))
        async with self._engine.connect() as connection:
            row = (await connection.execute(wanted)).first()
        return None if row is None else _account(row)

    async def accounts(self) -> list[Account]:
        """Return every account that is not disabled, by name."""
        off = select(DISABLED.c.user_id)
        wanted = select(ACCOUNTS).where(ACCOUNTS.c.name.not_in(off)).order_by(ACCOUNTS.c.name)
        async with self._engine.connect() as connection:
            return [_account(row) for row in (await connection.execute(wanted)).all()]

    async def every_account(self) -> list[tuple[Account, bool]]:
        """Return every account, by name, and whether it is disabled."""
        async with self._engine.connect() as connection:
            rows = (await connection.execute(select(ACCOUNTS).order_by(ACCOUNTS.c.name))).all()
            off = set((await connection.execute(select(DISABLED.c.user_id))).scalars())
        return [(_account(row), row.name in off) for row in rows]

    async def disabled(self) -> list[str]:
        """Return the ids of everybody who may not log in, people of a provider too."""
        async with self._engine.connect() as connection:
            wanted = select(DISABLED.c.user_id).order_by(DISABLED.c.user_id)
            return list((await connection.execute(wanted)).scalars())

    async def put_account(self, account: Account) -> None:
        """Add an account, or change the one with that name and enable it.

        Its sessions end, and its known devices are forgotten.
        """
        async with self._engine.begin() as connection:
            for table, column in (
                (SESSIONS, SESSIONS.c.user_id),
                (DEVICES, DEVICES.c.user_id),
                (DISABLED, DISABLED.c.user_id),
            ):
                await connection.execute(delete(table).where(column == account.name))
            await upsert(
                connection,
                ACCOUNTS,
                name=account.name,
                password=account.password,
                role=account.role.value,
                areas=_joined(account.areas),
            )

    async def disable(self, user_id: str) -> int:
        """Disable `user_id` and end their sessions; return how many."""
        async with self._engine.begin() as connection:
            await upsert(connection, DISABLED, user_id=user_id, since=time.time())
            await connection.execute(delete(DEVICES).where(DEVICES.c.user_id == user_id))
            gone = await connection.execute(delete(SESSIONS).where(SESSIONS.c.user_id == user_id))
        return gone.rowcount

    async def enable(self, user_id: str) -> None:
        """Enable `user_id` again."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(DISABLED).where(DISABLED.c.user_id == user_id))

    async def begin_session(self, user: User, agreed: Agreed | None = None) -> Session:
        """Log `user` in.

        Raises:
            Disabled: they may not log in.
        """
        session = Session(user, secrets.token_urlsafe(32), secrets.token_urlsafe(32), agreed)
        now = time.time()
        async with self._engine.begin() as connection:
            off = select(DISABLED.c.user_id).where(DISABLED.c.user_id == user.id)
            if (await connection.execute(off)).first() is not None:
                raise Disabled
            await connection.execute(delete(SESSIONS).where(SESSIONS.c.begun_at < now - LONGEST_S))
            await connection.execute(
                insert(SESSIONS).values(
                    token=_hash(session.token),
                    csrf=session.csrf,
                    begun_at=now,
                    seen_at=now,
                    user_id=user.id,
                    name=user.name,
                    role=user.role.value,
                    areas=_joined(user.areas),
                    **_columns(agreed),
                )
            )
        return session

    async def session(self, token: str, used: bool = True) -> Session | None:
        """Return the session of `token`, unless it has ended or expired.

        `used`: a person acted; it is not just an open page.
        """
        now = time.time()
        own = SESSIONS.c.token == _hash(token)
        async with self._engine.connect() as connection:
            row = (await connection.execute(select(SESSIONS).where(own, LET_IN))).first()
        if row is None or row.begun_at < now - LONGEST_S or row.seen_at < now - IDLE_S:
            return None
        if used and row.seen_at < now - 60:
            async with self._engine.begin() as connection:
                await connection.execute(update(SESSIONS).where(own).values(seen_at=now))
        user = User(row.user_id, row.name, Role(row.role), _split(row.areas))
        agreed = None
        if row.agreed_at is not None:
            agreed = Agreed(row.provider_session, row.refresh, row.agreed_at, row.ask_at)
        return Session(user, row.csrf, token, agreed)

    async def sessions(self) -> list[LoggedIn]:
        """Return who is logged in, last seen first."""
        now = time.time()
        live = (SESSIONS.c.begun_at >= now - LONGEST_S) & (SESSIONS.c.seen_at >= now - IDLE_S)
        shown = (SESSIONS.c.name, SESSIONS.c.role, SESSIONS.c.begun_at, SESSIONS.c.seen_at)
        async with self._engine.connect() as connection:
            asked = select(*shown).where(live).order_by(SESSIONS.c.seen_at.desc())
            rows = (await connection.execute(asked)).all()
        return [LoggedIn(row.name, Role(row.role), row.begun_at, row.seen_at) for row in rows]

    async def end_session(self, token: str) -> None:
        """Log out: the token is invalid from now on."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(SESSIONS).where(SESSIONS.c.token == _hash(token)))

    async def logged_in(self) -> list[str]:
        """Return the ids of everybody who has a session."""
        now = time.time()
        live = (SESSIONS.c.begun_at >= now - LONGEST_S) & (SESSIONS.c.seen_at >= now - IDLE_S)
        wanted = select(SESSIONS.c.user_id).where(live, LET_IN).distinct().order_by(SESSIONS.c.user_id)
        async with self._engine.connect() as connection:
            return list((await connection.execute(wanted)).scalars())

    async def end_sessions(self, user_id: str | None = None, provider_session: str | None = None) -> int:
        """End every session of `user_id`, where given, and of the name at the provider, where given.

        Without either everybody's. Return how many ended.
        """
        ending = delete(SESSIONS)
        if user_id is not None:
            ending = ending.where(SESSIONS.c.user_id == user_id)
        if provider_session is not None:
            ending = ending.where(SESSIONS.c.provider_session == provider_session)
        async with self._engine.begin() as connection:
            return (await connection.execute(ending)).rowcount

    async def may_ask(self, session: Session) -> bool:
        """Return whether this caller should ask the provider again: only one of all boards does."""
        assert session.agreed is not None  # noqa: S101  # only such sessions are asked about
        due = (SESSIONS.c.token == _hash(session.token)) & (SESSIONS.c.ask_at == session.agreed.ask_at)
        async with self._engine.begin() as connection:
            asks = update(SESSIONS).where(due).values(ask_at=time.time() + ASKING_S)
            return (await connection.execute(asks)).rowcount == 1

    async def agree(self, session: Session, user: User, agreed: Agreed) -> Session | None:
        """Store that the provider still admits them, perhaps in a new role; None if the session ended."""
        own = SESSIONS.c.token == _hash(session.token)
        changed = {"name": user.name, "role": user.role.value, "areas": _joined(user.areas)}
        async with self._engine.begin() as connection:
            kept = await connection.execute(update(SESSIONS).where(own).values(**changed, **_columns(agreed)))
        return replace(session, user=user, agreed=agreed) if kept.rowcount else None

    async def knows_device(self, token: str, user_id: str) -> bool:
        """Return whether `user_id` logged in from the device of `token` before."""
        known = (
            (DEVICES.c.token == _hash(token))
            & (DEVICES.c.user_id == user_id)
            & (DEVICES.c.known_at >= time.time() - DEVICE_S)
        )
        async with self._engine.connect() as connection:
            return (await connection.execute(select(DEVICES.c.token).where(known))).first() is not None

    async def know_device(self, token: str, user_id: str) -> None:
        """Remember that `user_id` logged in from the device of `token`; drop the oldest beyond a limit."""
        theirs = DEVICES.c.user_id == user_id
        async with self._engine.begin() as connection:
            await upsert(connection, DEVICES, token=_hash(token), user_id=user_id, known_at=time.time())
            newest = select(DEVICES.c.token).where(theirs).order_by(DEVICES.c.known_at.desc())
            kept = list((await connection.execute(newest.limit(MOST_DEVICES))).scalars())
            await connection.execute(delete(DEVICES).where(theirs, DEVICES.c.token.not_in(kept)))


def _make_private(file: Path) -> None:
    """Make the file private to its owner; SQLite gives its journal the same mode."""
    os.close(os.open(file, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    file.chmod(0o600)


def _set_up(connection: Any, record: object) -> None:
    """Overwrite deleted content, and wait longer for locks on a slow disk: the driver waits 5 s."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.execute("PRAGMA busy_timeout = 60000")
    cursor.close()


def _account(row: Any) -> Account:
    return Account(row.name, row.password, Role(row.role), _split(row.areas))


def _columns(agreed: Agreed | None) -> dict[str, Any]:
    return {
        "provider_session": agreed and agreed.session,
        "refresh": agreed and agreed.refresh,
        "agreed_at": agreed and agreed.agreed_at,
        "ask_at": agreed and agreed.ask_at,
    }


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _joined(areas: Iterable[str]) -> str:
    return ",".join(sorted(areas))


def _split(areas: str) -> frozenset[str]:
    return frozenset(areas.split(",")) - {""}

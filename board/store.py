"""Accounts, sessions and log-ins under way: on SQLite or PostgreSQL."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Column, Float, MetaData, String, Table, delete, insert, select, update
from sqlalchemy.ext.asyncio import create_async_engine

from eropaf.board.user import Role, User

# An outreach worker's day; and how long a phone may lie on a kitchen table.
LONGEST_S = 10 * 3600
IDLE_S = 2 * 3600
LOGIN_WITHIN_S = 600

METADATA = MetaData()
ACCOUNTS = Table(
    "account",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("password", String(200), nullable=False),  # argon2id
    Column("role", String(20), nullable=False),
    Column("areas", String(2000), nullable=False),
)
SESSIONS = Table(
    "session",
    METADATA,
    Column("token", String(64), primary_key=True),  # SHA-256: who reads the database cannot log in
    Column("csrf", String(64), nullable=False),
    Column("user_id", String(200), nullable=False),
    Column("name", String(100), nullable=False),
    Column("role", String(20), nullable=False),
    Column("areas", String(2000), nullable=False),
    Column("begun_at", Float(53), nullable=False),  # seconds since 1970 UTC
    Column("seen_at", Float(53), nullable=False),
)
LOGINS = Table(
    "login",
    METADATA,
    Column("state", String(64), primary_key=True),
    Column("browser", String(64), nullable=False),
    Column("nonce", String(64), nullable=False),
    Column("verifier", String(128), nullable=False),
    Column("begun_at", Float(53), nullable=False),
)


@dataclass(frozen=True, slots=True)
class Account:
    """A person who logs in with a password kept here."""

    name: str
    password: str  # argon2id
    role: Role
    areas: frozenset[str]


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is logged in; `csrf` must come with whatever they change."""

    user: User
    csrf: str
    token: str


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A session as an operator may see it: whose, and since when (seconds since 1970 UTC)."""

    name: str
    role: Role
    begun_at: float
    seen_at: float


@dataclass(frozen=True, slots=True)
class Login:
    """A log-in under way at an OpenID provider."""

    state: str
    browser: str
    nonce: str
    verifier: str


class Store:
    """The board's own database. What is known of households is not in it."""

    def __init__(self, database: str) -> None:
        self._engine = create_async_engine(database)

    async def open(self) -> None:
        """Make the tables that are missing."""
        async with self._engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)

    async def close(self) -> None:
        """Let go of the database."""
        await self._engine.dispose()

    async def account(self, name: str) -> Account | None:
        """Give the account of that name."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(select(ACCOUNTS).where(ACCOUNTS.c.name == name))).first()
        return None if row is None else Account(row.name, row.password, Role(row.role), _split(row.areas))

    async def accounts(self) -> list[Account]:
        """Give every account, by name."""
        async with self._engine.connect() as connection:
            rows = (await connection.execute(select(ACCOUNTS).order_by(ACCOUNTS.c.name))).all()
        return [Account(row.name, row.password, Role(row.role), _split(row.areas)) for row in rows]

    async def put_account(self, account: Account) -> None:
        """Add an account, or change the one of that name; whoever is logged in with it is logged out."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(ACCOUNTS).where(ACCOUNTS.c.name == account.name))
            await connection.execute(delete(SESSIONS).where(SESSIONS.c.user_id == account.name))
            await connection.execute(
                insert(ACCOUNTS).values(
                    name=account.name,
                    password=account.password,
                    role=account.role.value,
                    areas=_joined(account.areas),
                )
            )

    async def begin_session(self, user: User) -> Session:
        """Log `user` in."""
        session = Session(user, secrets.token_urlsafe(32), secrets.token_urlsafe(32))
        now = time.time()
        async with self._engine.begin() as connection:
            await connection.execute(delete(SESSIONS).where(SESSIONS.c.begun_at < now - LONGEST_S))
            await connection.execute(
                insert(SESSIONS).values(
                    token=_hash(session.token),
                    csrf=session.csrf,
                    user_id=user.id,
                    name=user.name,
                    role=user.role.value,
                    areas=_joined(user.areas),
                    begun_at=now,
                    seen_at=now,
                )
            )
        return session

    async def session(self, token: str) -> Session | None:
        """Give the session of `token`, unless it ended or was left alone too long."""
        now = time.time()
        own = SESSIONS.c.token == _hash(token)
        async with self._engine.connect() as connection:
            row = (await connection.execute(select(SESSIONS).where(own))).first()
        if row is None or row.begun_at < now - LONGEST_S or row.seen_at < now - IDLE_S:
            return None
        if row.seen_at < now - 60:
            async with self._engine.begin() as connection:
                await connection.execute(update(SESSIONS).where(own).values(seen_at=now))
        return Session(User(row.user_id, row.name, Role(row.role), _split(row.areas)), row.csrf, token)

    async def sessions(self) -> list[LoggedIn]:
        """Give who is logged in, last seen first."""
        now = time.time()
        live = (SESSIONS.c.begun_at >= now - LONGEST_S) & (SESSIONS.c.seen_at >= now - IDLE_S)
        shown = (SESSIONS.c.name, SESSIONS.c.role, SESSIONS.c.begun_at, SESSIONS.c.seen_at)
        async with self._engine.connect() as connection:
            asked = select(*shown).where(live).order_by(SESSIONS.c.seen_at.desc())
            rows = (await connection.execute(asked)).all()
        return [LoggedIn(row.name, Role(row.role), row.begun_at, row.seen_at) for row in rows]

    async def end_session(self, token: str) -> None:
        """Log out: the token is worth nothing from here on."""
        async with self._engine.begin() as connection:
            await connection.execute(delete(SESSIONS).where(SESSIONS.c.token == _hash(token)))

    async def begin_login(self, login: Login) -> None:
        """Note a log-in that goes on at the provider."""
        now = time.time()
        async with self._engine.begin() as connection:
            await connection.execute(delete(LOGINS).where(LOGINS.c.begun_at < now - LOGIN_WITHIN_S))
            await connection.execute(
                insert(LOGINS).values(
                    state=login.state,
                    browser=_hash(login.browser),
                    nonce=login.nonce,
                    verifier=login.verifier,
                    begun_at=now,
                )
            )

    async def take_login(self, state: str, browser: str) -> Login | None:
        """Give the log-in of `state`, begun in this browser; the second time there is none."""
        own = (LOGINS.c.state == state) & (LOGINS.c.browser == _hash(browser))
        async with self._engine.begin() as connection:
            row = (await connection.execute(delete(LOGINS).where(own).returning(*LOGINS.c))).first()
        if row is None or row.begun_at < time.time() - LOGIN_WITHIN_S:
            return None
        return Login(row.state, browser, row.nonce, row.verifier)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _joined(areas: Iterable[str]) -> str:
    return ",".join(sorted(areas))


def _split(areas: str) -> frozenset[str]:
    return frozenset(areas.split(",")) - {""}

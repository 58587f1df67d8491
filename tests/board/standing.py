"""A board as an operator runs it, with accounts, households and a browser at hand."""

from __future__ import annotations

import asyncio
import hashlib
import urllib.error
import urllib.request
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from eropaf.agents.topology import stages, topics
from eropaf.board.passwords import hashed
from eropaf.board.store import Account, Store
from eropaf.board.user import EVERYWHERE, Role, User
from eropaf.deploy.embedded.ports import choose
from eropaf.streams.operate.topics import admin, ensure
from eropaf_client.records import Band, PriorityUpdate
from eropaf_client.schemas.registry import LocalRegistry
from tests.integration.clients.telling import Ranking, an_update
from tests.integration.processes import PATIENCE_S, Process

Made = TypeVar("Made")
PASSWORD = "correct horse battery"
ACCOUNTS = (
    Account("sanne", "", Role.OUTREACH, frozenset({"1011", "1012"})),
    Account("youssef", "", Role.OUTREACH, frozenset({"1011", "1012"})),
    Account("merel", "", Role.OUTREACH, frozenset({"1102"})),
    Account("lotte", "", Role.LEAD, EVERYWHERE),
    Account("amira", "", Role.AUDITOR, EVERYWHERE),
    Account("clara", "", Role.CLERK, EVERYWHERE),
    Account("olaf", "", Role.OPERATOR, EVERYWHERE),
)


def key(number: int) -> str:
    """Return a household's key: as random as a real one, so that it is in a text only where it was put."""
    return hashlib.sha256(f"household {number}".encode()).hexdigest()[:32]


def city(count: int, today: date | None = None) -> list[PriorityUpdate]:
    """Return `count` households on the list, over three areas and four bands, as it is `today`."""
    bands = (Band.URGENT, Band.HIGH, Band.HIGH, Band.MEDIUM, Band.MEDIUM, Band.LOW)
    today = today or datetime.now(ZoneInfo("Europe/Amsterdam")).date()
    return [
        an_update(
            update_id=f"u-{number}",
            household=key(number),
            area=("1011", "1012", "1102")[number % 3],
            postcode=("1011", "1012", "1102")[number % 3]
            + "ABCDEFGHJK"[number % 10]
            + "BCDEFGHKLM"[number // 10 % 10],
            house_number=1 + number * 7 % 240,
            addition=("", "", "", "A", "HS")[number % 5],
            urgency=20_000 - 100 * (number % 190),
            band=bands[number % len(bands)],
            respond_by=today + timedelta(days=number * 5 % 30 - 2),
            event_at=datetime.now(UTC) - timedelta(days=number % 20),
        )
        for number in range(count)
    ]


class Standing:
    """The board's process, and what stands around it."""

    def __init__(
        self,
        bootstrap: str,
        folder: Path,
        database: str | None = None,
        client: Mapping[str, str] | None = None,
        **environment: str,
    ) -> None:
        """Keep `client`, with which an administrator connects where the cluster asks for that."""
        self.bootstrap = bootstrap
        self.folder = folder
        self.port = choose(1)[0]
        self.url = f"http://127.0.0.1:{self.port}"
        self.database = database or f"sqlite+aiosqlite:///{folder}/board.db"
        self.environment = {
            "EROPAF_BOOTSTRAP": bootstrap,
            "EROPAF_BOARD_PORT": str(self.port),
            "EROPAF_BOARD_DATABASE": self.database,
            "EROPAF_LOG_FORMAT": "json",
            **environment,
        }
        flow = stages("eropaf", ["rent"], LocalRegistry())
        ensure(admin(bootstrap, client or {}), topics("eropaf", flow, 3))
        self.ranking = Ranking(bootstrap, client)
        self._process: Process | None = None

    def start(self) -> None:
        """Start the board; return when it has read everything."""
        self._process = Process(
            ["-m", "eropaf.main", "board", "run"], self.folder / "eropaf.board.log", **self.environment
        )
        self._process.until(self.ready, PATIENCE_S, "the board is ready")

    def kill(self) -> None:
        """End it as kill -9 does."""
        if self._process:
            self._process.kill()

    def stop(self) -> int:
        """End it in order; give its exit status."""
        assert self._process is not None
        self._process.popen.terminate()
        return self._process.wait(PATIENCE_S)

    @property
    def pid(self) -> int:
        """The board's process."""
        assert self._process is not None
        return self._process.popen.pid

    @property
    def said(self) -> str:
        """What the board wrote."""
        return self._process.said if self._process else ""

    def ready(self) -> bool:
        """Return whether the board answers, and knows everything."""
        try:
            with urllib.request.urlopen(f"{self.url}/health/ready", timeout=10):  # noqa: S310  # loopback
                return True
        except urllib.error.HTTPError as error:
            error.close()
            return False
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            return False


def put_accounts(database: str, accounts: Sequence[Account] = ACCOUNTS) -> None:
    """Set the same password for everybody: one hash, since each takes its time."""
    _elsewhere(_put(database, accounts))


def begun(database: str, name: str) -> str:
    """Log somebody in without the second that a password takes; return the session's token."""
    (account,) = (each for each in ACCOUNTS if each.name == name)
    return _elsewhere(_begin(database, User(account.name, account.name, account.role, account.areas)))


def _elsewhere(work: Coroutine[None, None, Made]) -> Made:
    with ThreadPoolExecutor(1) as pool:  # the browser's own loop runs in this thread
        return pool.submit(asyncio.run, work).result()


async def _begin(database: str, user: User) -> str:
    store = Store(database)
    await store.open()
    session = await store.begin_session(user)
    await store.close()
    return session.token


async def _put(database: str, accounts: Sequence[Account]) -> None:
    store = Store(database)
    await store.open()
    password = hashed(PASSWORD)
    for account in accounts:
        await store.put_account(replace(account, password=password))
    await store.close()

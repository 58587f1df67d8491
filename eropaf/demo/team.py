"""The outreach team's page in the demo, and people to log in as."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

from eropaf.board.config import BoardConfig
from eropaf.board.passwords import hashed
from eropaf.board.serve import served
from eropaf.board.store import Account, Store
from eropaf.board.user import EVERYWHERE, Role
from eropaf.cluster.policy_held import in_force
from eropaf.deploy.embedded.ports import first_free
from eropaf.desk.service import desk
from eropaf.settings import Settings

# On this machine alone, over synthetic households, for as long as the demo lasts.
PASSWORD = "vroeg-eropaf"  # noqa: S105
PEOPLE = {
    "lotte": Role.LEAD,
    "sanne": Role.OUTREACH,
    "amira": Role.AUDITOR,
    "clara": Role.CLERK,
    "olaf": Role.OPERATOR,
}
DOES = {
    Role.LEAD: "sees the whole team's work, and hands households over",
    Role.OUTREACH: "goes to households",
    Role.AUDITOR: "opens why, and leaves a trace",
    Role.CLERK: "acts for residents, by the command line",
    Role.OPERATOR: "sees how the board is doing, and no household",
}


@asynccontextmanager
async def team(settings: Settings) -> AsyncIterator[str]:
    """Serve the board while the block runs; yield its address."""
    with tempfile.TemporaryDirectory(prefix="eropaf-board-") as folder:
        port = first_free(settings.board_port, 1)
        policy = await asyncio.to_thread(in_force, settings)
        config: BoardConfig = replace(
            settings.model_copy(
                update={
                    "board_port": port,
                    "board_address": None,
                    "board_database": f"sqlite+aiosqlite:///{folder}/board.db",
                    "board_openid_issuer": None,
                }
            ).board(policy.zone.name),
            event_clock=True,
            explainer=desk(settings),
        )
        await _hire(config.database)
        async with served(config, settings.board_host, port):
            yield config.address


def doors(address: str) -> Iterator[str]:
    """Yield the log-ins, one line each."""
    yield f"The outreach team's page: {address}  (password {PASSWORD})"
    for name, role in PEOPLE.items():
        yield f"  {name} ({role.value}) {DOES[role]}"


async def _hire(database: str) -> None:
    store = Store(database)
    await store.open()
    password = hashed(PASSWORD)
    for name, role in PEOPLE.items():
        await store.put_account(Account(name, password, role, EVERYWHERE))
    await store.close()

"""A code for a letter: whoever lives at the address looks with it at what is held, on a page of their own."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from eropaf.board.explaining import Asking
from eropaf.board.resident import codes
from eropaf.board.user import Role
from eropaf.cluster.policy_held import in_force
from eropaf.desk.deeds import Answer, OfResident, aside
from eropaf.desk.opening import CODE_DRAWN, leave_trace
from eropaf.desk.whom import is_bsn, written
from eropaf.risk.calendar import EPOCH
from eropaf.risk.purpose import Purpose
from eropaf.risk.records import NOWHERE, Address
from eropaf.settings import Settings
from eropaf_client.errors import ClientError
from eropaf_client.schemas.aside import Asides


class NoAddress(ClientError):
    """A code goes by letter, and nobody knows where to."""

    code = "no-address"


class DrawCode(OfResident):
    """Draw a code for a letter to a household."""

    name = "code"
    role = Role.CLERK

    def do(self, settings: Settings, asking: Asking) -> Answer:
        """Return the code, the last whole day on which it holds, and where it is asked for.

        Raises:
            NoAddress: the register does not know the resident. No code was drawn.

        """
        asides = Asides()
        household, address = self.whom(settings, asking, asides)
        if address == NOWHERE:
            raise NoAddress("the register has no entry for this BSN, so there is no address for a letter")
        leave_trace(settings, asking.who, household, CODE_DRAWN, Purpose.RESIDENT_ASKED)
        code, ends_at = asyncio.run(_drawn(settings.board_database, self._opens(address)))
        until = EPOCH + timedelta(in_force(settings).zone.day_of(int(ends_at * 1000)) - 1)
        where = settings.resident_page_address
        return {"code": codes.written(code), "until": until.isoformat(), "where": where, **aside(asides)}

    def _opens(self, address: Address) -> str:
        """Return what the code is for: where its letter goes, wherever somebody moves."""
        return written(address) if is_bsn(self.who) else self.who


async def _drawn(database: str, who: str) -> tuple[str, float]:
    # The desk's own libraries: its commands are told from where it may not be installed.
    from eropaf.board.resident.store import ResidentStore
    from eropaf.board.store import Store

    store = Store(database)
    await store.open()
    try:
        return await ResidentStore(store.engine).draw(who)
    finally:
        await store.close()

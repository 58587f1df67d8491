"""A household that left the list leaves the rounds too: when it comes back, everybody may go there."""

from __future__ import annotations

import asyncio

import structlog

from eropaf.board.claims import ClaimSender
from eropaf.board.state import State
from eropaf_client.errors import NotAcknowledged

AGAIN_S = 15.0

log = structlog.get_logger(__name__)


async def let_go(state: State, sender: ClaimSender) -> None:
    """Release each household that left the list while somebody held it, until cancelled.

    Every board of a team does so: of several releases the topic counts the first.
    """
    while True:
        for household, holder in await state.left_behind():
            try:
                await state.read_back(await asyncio.to_thread(sender.send, household, holder, None))
            except NotAcknowledged as error:
                log.warning("a household that left the list is still in a round", error=str(error))
                await asyncio.sleep(AGAIN_S)

"""A household that left the list leaves the rounds too: when it comes back, everybody may go there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from eropaf.board.claims import ClaimSender, Holder
from eropaf.board.state import State
from eropaf.serving.measured import place_of
from eropaf_client.errors import NotAcknowledged

AGAIN_S = 15.0
ASKS_BEHIND_EVERY_S = 1.0

log = structlog.get_logger(__name__)


async def let_go(state: State, sender: ClaimSender, behind: Callable[[], int | None]) -> None:
    """Release each household that left the list while somebody held it, until cancelled.

    Whoever is at the door is let go once they are out. `behind` says how many records are not read yet.
    Every board of a team does so: of several releases the topic counts the first.
    """
    while True:
        for household, holder in await state.left_behind():
            try:
                await _let_go(state, sender, behind, household, holder)
            except NotAcknowledged as error:
                log.warning("a household that left the list is still in a round", error=str(error))
                await asyncio.sleep(AGAIN_S)
            except Exception as error:  # nobody waits for this task: its words may hold an address
                log.error("not let go", error=type(error).__name__, at=place_of(error))
                await asyncio.sleep(AGAIN_S)


async def _let_go(
    state: State, sender: ClaimSender, behind: Callable[[], int | None], household: str, holder: Holder
) -> None:
    # In what is not read yet it may be back on the list, and somebody's rightly.
    while await asyncio.to_thread(behind) != 0:
        await asyncio.sleep(ASKS_BEHIND_EVERY_S)
    await state.read_on()
    # Since the list was made of whom to let go, a broker may have been away for long.
    if state.left_since(household, holder):
        await state.read_back(await asyncio.to_thread(sender.send, household, holder, None))

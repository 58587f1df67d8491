"""What was paid, arranged or too little since somebody took it: told to whoever holds it, and no more."""

from __future__ import annotations

from collections.abc import Iterator

from eropaf.board.state import State
from eropaf.board.user import User
from eropaf_client.records import Change


def settled(state: State, household: str, user: User) -> bool:
    """Return whether a household left the list, paid, arranged or too little, while `user` held it.

    Not by a result: whoever registered one knows. The topics say that it is closed, and not by which of
    the three.
    """
    left, held = state.left(household), state.claims.held_last(household, user.id)
    if left is None or held is None or held.id != user.id:
        return False
    update, at_ms = left
    # Whoever released it earlier is about to meet nobody: what becomes of it is no news for them.
    if at_ms <= held.since or (state.claims.holder(household) is None and held.told < at_ms):
        return False
    # By when it was stored: a phone without a line tells of a visit days later.
    ended = state.has_result_since(household, held.since)
    return update.change is Change.CLOSED and user.sees(update.area) and not ended


def settled_today(state: State, user: User) -> Iterator[str]:
    """Yield the addresses of what was settled today while `user` held it."""
    held = [each for each, holder in state.claims.held().items() if holder.id == user.id]
    for household in (*held, *(each for each, _ in state.claims.let_go(user.id))):
        left, address = state.left(household), state.address(household)
        today = left is not None and state.day_of(left[1]) == state.today
        if address is not None and today and settled(state, household, user):
            yield address

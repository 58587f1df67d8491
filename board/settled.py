"""What was paid or arranged since somebody took it: told to who holds the household, and no more."""

from __future__ import annotations

from collections.abc import Iterator

from eropaf.board.state import State
from eropaf.board.user import User
from eropaf_client.records import Change


def settled(state: State, household: str, user: User) -> bool:
    """Return whether a household left the list, paid or arranged, after `user` took it.

    Not by a result: whoever registered one knows. The topics say that it is closed, and not which of the two.
    """
    left, held = state.left(household), state.claims.held_last(household, user.id)
    if left is None or held is None or held.id != user.id:
        return False
    update, at_ms = left
    results = (each for each in state.history(household) if each.result is not None)
    ended = any(each.at.timestamp() * 1000 >= held.since for each in results)
    return update.change is Change.CLOSED and at_ms > held.since and not ended


def settled_today(state: State, user: User) -> Iterator[str]:
    """Yield the addresses of what was settled today after `user` took it."""
    held = [each for each, holder in state.claims.held().items() if holder.id == user.id]
    for household in (*held, *(each for each, _ in state.claims.let_go(user.id))):
        left, address = state.left(household), state.address(household)
        today = left is not None and state.day_of(left[1]) == state.today
        if address is not None and today and settled(state, household, user):
            yield address

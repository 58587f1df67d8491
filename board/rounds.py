"""A worker's round: the doors in walking order, today's progress, and the next door."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from eropaf.board.follow_ups import holding
from eropaf.board.row import Row
from eropaf.board.state import State
from eropaf.board.user import User
from eropaf.board.walking import in_walking_order
from eropaf_client.follow_up import FollowUp
from eropaf_client.outcomes import ContactAttempt


@dataclass(frozen=True, slots=True)
class Door:
    """One address of a round; `tried` is today's last attempt and its time, if any."""

    row: Row
    carried: bool  # from an earlier day
    tried: ContactAttempt | None
    tried_at: datetime | None
    follow_up: FollowUp | None


@dataclass(frozen=True, slots=True)
class Round:
    """The doors somebody holds, in walking order, and how many cases ended today."""

    doors: tuple[Door, ...]
    ended: int

    @property
    def done(self) -> int:
        """How many doors were tried, or their cases ended, today."""
        return self.ended + sum(door.tried is not None for door in self.doors)

    @property
    def planned(self) -> int:
        """How many doors the round has, including those whose case ended today."""
        return self.ended + len(self.doors)

    def next(self, after: str | None = None) -> Door | None:
        """Return the next door to visit, not tried today, walking on from the household `after`."""
        places = [door.row.household for door in self.doors]
        at = places.index(after) + 1 if after in places else 0
        walked = (*self.doors[at:], *self.doors[:at])
        left = (door for door in walked if door.tried is None and not door.row.office_only)
        return next((door for door in left if door.row.household != after), None)


def round_of(state: State, user: User) -> Round:
    """Return the current round of `user`."""
    today = state.today
    mine = [row for row in state.rows(user) if row.holder and row.holder.id == user.id]
    ended = sum(
        state.day_of(at) == today
        and any(
            each.result and each.at.astimezone(state.zone).date() == today
            for each in state.history(household)
        )
        for household, at in state.claims.let_go(user.id)
    )
    return Round(tuple(_door(state, row) for row in in_walking_order(mine)), ended)


def _door(state: State, row: Row) -> Door:
    carried = row.holder is not None and state.day_of(row.holder.since) < state.today
    history = state.history(row.household)
    follow_up = holding(history, state.today)
    for outcome in history:
        if outcome.attempt is not None and outcome.attempt.on == state.today:
            return Door(row, carried, outcome.attempt, outcome.at.astimezone(state.zone), follow_up)
    return Door(row, carried, None, None, follow_up)

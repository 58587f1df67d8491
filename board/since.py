"""The households that changed since a browser was last updated: a returning browser gets only those."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable

from eropaf.board.user import User


class Since:
    """Numbers the list's changes, and remembers the number of each household's last change.

    A mark names this process, its user and the last change sent. It holds no household.
    """

    def __init__(self) -> None:
        self._begun = secrets.token_urlsafe(6)
        self._count = 0
        self._changed: dict[str, int] = {}  # the one that changed last stands last
        self._whole_since = 0  # of a mark before this count, changes were forgotten

    def note(self, households: Iterable[str]) -> None:
        """Record that these changed together."""
        self._count += 1
        for household in households:
            self._changed.pop(household, None)
            self._changed[household] = self._count

    def forget(self, households: Iterable[str]) -> None:
        """Forget these: a browser that last heard before they changed is sent everything again."""
        changed = [self._changed.pop(each, 0) for each in households]
        self._whole_since = max([self._whole_since, *changed])

    def mark(self, user: User) -> str:
        """Return the mark for `user` after being sent everything so far."""
        return f"{self._begun}.{_eyes(user)}.{self._count}"

    def after(self, user: User, mark: str) -> list[str] | None:
        """Return the households changed since `mark`; None if it is not our mark for `user`, or too old.

        After a restart of the board, or with other areas, everything must be sent again.
        """
        begun, _, rest = mark.partition(".")
        eyes, _, count = rest.partition(".")
        if (begun, eyes) != (self._begun, _eyes(user)) or not (count.isascii() and count.isdigit()):
            return None
        told, found = int(count), list[str]()
        if told < self._whole_since:
            return None
        for household, at in reversed(self._changed.items()):
            if at <= told:
                break
            found.append(household)
        return found


def _eyes(user: User) -> str:
    return hashlib.sha256(f"{user.id}\n{','.join(sorted(user.areas))}".encode()).hexdigest()[:16]

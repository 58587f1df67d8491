"""Which households changed since a browser was last told: who comes back is told no more than that."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable

from eropaf.board.user import User


class Since:
    """Counts the list's changes, and remembers at which of them each household last changed.

    A mark names this process's count, whose eyes it is for, and how far it was told. It holds no household.
    """

    def __init__(self) -> None:
        self._begun = secrets.token_urlsafe(6)
        self._count = 0
        self._changed: dict[str, int] = {}  # the one that changed last stands last

    def note(self, households: Iterable[str]) -> None:
        """Note that these changed, together."""
        self._count += 1
        for household in households:
            self._changed.pop(household, None)
            self._changed[household] = self._count

    def mark(self, user: User) -> str:
        """Return the mark of what `user` has been told when told everything up to now."""
        return f"{self._begun}.{_eyes(user)}.{self._count}"

    def after(self, user: User, mark: str) -> list[str] | None:
        """Return which households changed since `mark`; None where it is not a mark of ours for `user`.

        After a start of the board, or with other areas, somebody has to be told everything again.
        """
        begun, _, rest = mark.partition(".")
        eyes, _, count = rest.partition(".")
        if (begun, eyes) != (self._begun, _eyes(user)) or not (count.isascii() and count.isdigit()):
            return None
        told, found = int(count), []
        for household, at in reversed(self._changed.items()):
            if at <= told:
                break
            found.append(household)
        return found


def _eyes(user: User) -> str:
    return hashlib.sha256(f"{user.id}\n{','.join(sorted(user.areas))}".encode()).hexdigest()[:16]

"""How much is in hand at once, of one creditor and of all: who comes beyond that is told to come again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from eropaf.gateway import metrics
from eropaf.gateway.problems import Problem


class Room:
    """Bounds what is in hand on one route."""

    def __init__(self, route: str, of_one: int, of_all: int, again_after_s: int) -> None:
        self._route, self._of_one, self._of_all, self._again_after_s = route, of_one, of_all, again_after_s
        self._in_hand: Counter[str] = Counter()

    def check(self, who: str) -> None:
        """Refuse where there is no place; for whoever takes it only once an answer has begun.

        Raises:
            Problem: 429, there is none.
        """
        if self._in_hand[who] >= self._of_one or self._in_hand.total() >= self._of_all:
            said = f"Too much is in hand. Come again in {self._again_after_s} s; nothing of this was stored."
            raise Problem(429, "too-many-at-once", said, headers={"Retry-After": str(self._again_after_s)})

    @contextmanager
    def taken(self, who: str) -> Iterator[None]:
        """Take a place while the block runs.

        Raises:
            Problem: 429, there is none.
        """
        self.check(who)
        self._in_hand[who] += 1
        self._told()
        try:
            yield
        finally:
            self._in_hand[who] -= 1
            self._in_hand += Counter()  # drops what is at zero
            self._told()

    def _told(self) -> None:
        metrics.IN_HAND.labels(route=self._route).set(self._in_hand.total())

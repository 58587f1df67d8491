"""What the board asks of whoever may open explanations. It has no way to them of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


class NotOpened(Exception):
    """Nothing was shown: no right to read or to leave a trace, or no answer."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Who did what to which household, what for, and when (milliseconds since 1970 UTC)."""

    who: str
    what: str
    purpose: str
    household: str
    at: int


class Explainer(Protocol):
    """Opens explanations, and shows the traces of it. Both block: call them in a thread."""

    @property
    def purposes(self) -> Sequence[str]:
        """The purposes that count."""

    def explain(self, who: str, household: str, purpose: str) -> Mapping[str, str] | None:
        """Leave a trace, then give why in each language; None where nothing is kept of the household.

        Raises:
            NotOpened: nothing was shown.
        """

    def traces(self) -> list[Trace]:
        """Give every trace that is kept, newest first.

        Raises:
            NotOpened: nothing was shown.
        """

"""What the board asks of the desk, which may open explanations and act. It has no way to them of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from eropaf.board.user import Role


class NotOpened(Exception):
    """Nothing was shown or done: no right to read or to leave a trace, or no answer. Says what to do."""


class Unfit(Exception):
    """What was asked cannot be so. Names the field, and never what stood there."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Who did what to which household, what for, and when (milliseconds since 1970 UTC)."""

    who: str
    what: str
    purpose: str
    household: str
    at: int


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, under the name that the trace gets; and whether they may, of a household in an area.

    The area is None where what was asked does not say it.
    """

    who: str
    may: Callable[[str, str | None], bool]


@dataclass(frozen=True, slots=True)
class Asked:
    """Something to do: whose it is to ask for, and doing it, which blocks and may raise NotOpened."""

    role: Role
    act: Callable[[Asking], Mapping[str, Any]]


class Explainer(Protocol):
    """Opens explanations, shows the traces of it, and acts. `asked` alone does not block."""

    @property
    def purposes(self) -> Sequence[str]:
        """The purposes that count."""

    def explain(self, who: str, household: str, purpose: str) -> Mapping[str, str] | None:
        """Leave a trace, then return why in each language; None where nothing is kept of the household.

        Raises:
            NotOpened: nothing was shown.
        """

    def traces(self) -> list[Trace]:
        """Return every trace that is kept, newest first.

        Raises:
            NotOpened: nothing was shown.
        """

    def asked(self, name: str, body: bytes) -> Asked:
        """Read what a command asks for.

        Raises:
            Unfit: there is no such deed, or it cannot be so.
        """

"""The board's interface to the desk, which may open explanations and act; the board itself cannot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from eropaf.board.user import Role


class NotOpened(Exception):
    """Nothing was shown or done: no right to read or to leave a trace, or no answer. Says what to do."""


class Unfit(Exception):
    """The request is invalid. Names the field, never its content."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Who did what to which household, for which purpose, and when (milliseconds since 1970 UTC)."""

    who: str
    what: str
    purpose: str
    household: str
    at: int


@dataclass(frozen=True, slots=True)
class Slip:
    """How somebody at a household is reached, and when that was given (milliseconds since 1970 UTC)."""

    name: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    email: str | None = field(repr=False)
    given_at: int


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, by the name used in the trace, and which areas' households they may ask about.

    The area is None if the request does not say it.
    """

    who: str
    may: Callable[[str, str | None], bool]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: who may make it, and its execution, which blocks and may raise NotOpened."""

    role: Role
    act: Callable[[Asking], Mapping[str, Any]]


class Explainer(Protocol):
    """Opens explanations, shows the traces of that, and acts. Only `asked` does not block."""

    @property
    def purposes(self) -> Sequence[str]:
        """The allowed purposes."""

    def explain(self, who: str, household: str, purpose: str) -> Mapping[str, str] | None:
        """Leave a trace, then return the explanation in each language; None if there is none.

        Raises:
            NotOpened: nothing was shown.
        """

    def slips(self, who: str, household: str) -> Sequence[Slip]:
        """Leave a trace, then return the household's contact slips.

        Raises:
            NotOpened: nothing was shown.
        """

    def traces(self) -> list[Trace]:
        """Return all traces, newest first.

        Raises:
            NotOpened: nothing was shown.
        """

    def asked(self, name: str, body: bytes) -> Asked:
        """Parse a command's request.

        Raises:
            Unfit: the deed is unknown, or its content is invalid.
        """

"""The desk: the only service that opens sealed explanations, acts for residents, and writes `audit`.

It is the auditors' board. People use it with their own log-in, in a browser or with a token for the command
line, so a trace names a person known to the organisation. Only the desk has the rights and the key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import structlog
from pydantic import ValidationError

from eropaf.board.explaining import Asked, Asking, NotOpened, Slip, Trace, Unfit
from eropaf.cluster.readable import records
from eropaf.desk.deeds import Access, Deed, Erase, Explain, Object, Objections, Overrule
from eropaf.desk.erasures import AskErasure, Erasures, RefuseErasure
from eropaf.desk.letter_code import DrawCode
from eropaf.desk.mismatches import Mismatches, OpenMismatch, SettleMismatch
from eropaf.desk.opening import opened_facts
from eropaf.desk.slips import opened_slips
from eropaf.desk.unknown_addresses import AnswerUnknownAddresses, SettleAddress, UnknownAddresses
from eropaf.process.faults import sentences
from eropaf.risk.plain_words import SENTENCES, in_words
from eropaf.risk.purpose import Purpose
from eropaf.settings import Settings
from eropaf_client.schemas.aside import Asides, SetAside
from eropaf_client.schemas.topics import AUDIT

FIRST_YEAR, LAST_YEAR = 2000, 2199
LONGEST_DEED_TEXT = 1000
DEEDS: dict[str, type[Deed]] = {
    each.name: each
    for each in (
        Explain, Access, Object, Objections, DrawCode, AskErasure, Erasures, Erase, RefuseErasure, Overrule,
        Mismatches, OpenMismatch, SettleMismatch, UnknownAddresses, SettleAddress, AnswerUnknownAddresses,
    )
}  # fmt: skip

Answer = TypeVar("Answer")

log = structlog.get_logger(__name__)


class Desk:
    """The explainer of the auditors' board."""

    purposes: Sequence[str] = tuple(Purpose)

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def explain(self, who: str, household: str, purpose: str) -> Mapping[str, str] | None:
        """Return the explanation in each language; None if nothing is kept about the household.

        Raises:
            NotOpened: no right to read it or to leave a trace, or no answer.

        """
        facts = _told(lambda: opened_facts(self._settings, who, household, Purpose(purpose)))
        if facts is None:
            return None
        contact = self._settings.contact
        return {language: in_words(facts, language, contact) for language in SENTENCES}

    def slips(self, who: str, household: str) -> Sequence[Slip]:
        """Leave a trace, then return the household's contact slips.

        Raises:
            NotOpened: no key, no right to read or to leave a trace, none taken, or no answer.

        """
        return _told(lambda: opened_slips(self._settings, who, household))

    def traces(self) -> list[Trace]:
        """Return all traces, newest first.

        Raises:
            NotOpened: no right to read them, or no answer.

        """
        asides = Asides(_tell)
        found = _told(lambda: list(records(self._settings, AUDIT, "AuditEntry", asides, _trace)))
        return sorted((each for _, each in found if each is not None), key=lambda each: each.at, reverse=True)

    def asked(self, name: str, body: bytes) -> Asked:
        """Parse a command's request.

        Raises:
            Unfit: the deed is unknown, or its content is invalid.

        """
        try:
            deed = DEEDS[name].model_validate_json(body)
        except KeyError:
            raise Unfit(
                "the desk does not know this deed; is the command another version than the desk?"
            ) from None
        except ValidationError as error:
            raise Unfit("; ".join(_place(fault) for fault in error.errors(include_input=False))) from None

        def act(asking: Asking) -> Mapping[str, Any]:
            return _told(lambda: deed.do(self._settings, asking))

        return Asked(deed.role, act)


def desk(settings: Settings) -> Desk | None:
    """Return the desk, if this process holds its key."""
    return None if settings.auditors_private_key is None else Desk(settings)


def _told(ask: Callable[[], Answer]) -> Answer:
    """Return the result of `ask`; turn errors that people can fix into NotOpened."""
    try:
        return ask()
    except Exception as error:
        said = sentences(error)
        if not said:
            raise
        log.warning("not opened", error=type(error).__name__)
        raise NotOpened(" ".join(said)) from error


def _trace(entry: dict[str, Any]) -> Trace:
    """Return a trace that a page can show.

    Raises:
        ValueError, OverflowError: its time is outside the calendar, or a text is far too long.
    """
    made = Trace(**entry)
    if not FIRST_YEAR <= datetime.fromtimestamp(made.at / 1000, UTC).year <= LAST_YEAR:
        raise ValueError("a time that cannot be")
    if max(map(len, (made.who, made.what, made.purpose, made.household))) > LONGEST_DEED_TEXT:
        raise ValueError("a text that is far too long")
    return made


def _tell(aside: SetAside) -> None:
    log.warning("set aside", place=str(aside))


def _place(fault: Any) -> str:
    place = ".".join(map(str, fault["loc"])) or "the body"
    return f"{place}: {str(fault['msg']).removeprefix('Value error, ')}"

"""The one way to a sealed explanation, for the command line and the board: a trace first, then it opens."""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog

from eropaf.agents.sealing import CannotOpen, opened
from eropaf.board.explaining import NotOpened, Trace
from eropaf.commands.append import appender, now_ms
from eropaf.held import latest
from eropaf.readable import records
from eropaf.risk.explanation import SENTENCES, in_words
from eropaf.risk.purpose import Purpose
from eropaf.settings import Settings, SettingsError
from eropaf.streams.errors import StreamsError
from eropaf.streams.runtime.record import Output
from eropaf_client.errors import ClientError
from eropaf_client.schemas.aside import Asides, SetAside
from eropaf_client.schemas.errors import SchemaError
from eropaf_client.schemas.topics import AUDIT, EXPLANATIONS
from eropaf_client.schemas.wire import Codec

EXPLANATION = "explanation"
EVERYTHING = "everything"
OVERRULE = "overrule"
OBJECTION = "objection"
OBJECTION_BACK = "objection-back"
ERASURE = "erasure"
FIRST_YEAR, LAST_YEAR = 2000, 2199
LONGEST_TEXT = 1000


class SealedToAnother(ClientError):
    """The private key does not open the explanation."""


def opened_facts(settings: Settings, who: str, household: str, purpose: Purpose) -> dict[str, Any] | None:
    """Leave a trace, then give the facts that explain `household`; None where none are kept.

    Raises:
        SettingsError: there is no private key.
        SealedToAnother: the private key does not fit.

    """
    key = settings.auditors_private_key
    if key is None:
        raise SettingsError("EROPAF_AUDITORS_PRIVATE_KEY is not set: only who holds it may open explanations")
    leave_trace(settings, who, household, EXPLANATION, purpose)
    kept = latest(settings, [household.encode()], EXPLANATIONS, "Explanation")
    if not kept:
        return None
    try:
        return opened(kept[0], key.get_secret_value())
    except CannotOpen as error:
        raise SealedToAnother(str(error)) from None


def person_here(settings: Settings) -> str:
    """Return who gives a command: the user of this machine, and the principal that the cluster knows.

    The user is the kernel's word, by the process's id, and not what LOGNAME or another variable says. An id
    without a name, as containers have, is a number. The principal is what the broker checked.
    """
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = f"uid {os.getuid()}"
    return f"{name} ({settings.kafka_username})" if settings.kafka_sasl else name


def leave_trace(settings: Settings, who: str, household: str, what: str, purpose: str) -> None:
    """Store who opens what, and what for; returns only once it is stored."""
    appender(settings).write([trace(settings, who, household, what, purpose)])


def trace(settings: Settings, who: str, household: str, what: str, purpose: str) -> Output:
    """Give the record of who did what, and what for."""
    at = now_ms()
    entry = {"who": who, "what": what, "purpose": purpose, "household": household, "at": at}
    return Output(
        AUDIT, household.encode(), Codec("AuditEntry", AUDIT, settings.registry()).encode(entry), at
    )


class Explanations:
    """What the board asks: the same opening and the same trace as the command line's."""

    purposes: Sequence[str] = tuple(Purpose)

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def explain(self, who: str, household: str, purpose: str) -> Mapping[str, str] | None:
        """Give why, in each language; None where nothing is kept of the household.

        Raises:
            NotOpened: there is no right to read it or to leave a trace, or nobody answers.

        """
        try:
            facts = opened_facts(self._settings, who, household, Purpose(purpose))
        except (ClientError, StreamsError, SchemaError) as error:
            raise _not_opened(error) from error
        return None if facts is None else {language: in_words(facts, language) for language in SENTENCES}

    def traces(self) -> list[Trace]:
        """Give every trace that is kept, newest first.

        Raises:
            NotOpened: there is no right to read them, or nobody answers.

        """
        asides = Asides(_tell)
        try:
            told = [entry for _, entry in records(self._settings, AUDIT, "AuditEntry", asides, _trace)]
        except (ClientError, SchemaError) as error:
            raise _not_opened(error) from error
        return sorted((each for each in told if each is not None), key=lambda each: each.at, reverse=True)


def explanations(settings: Settings) -> Explanations | None:
    """Give what opens explanations, where this process holds the key."""
    return None if settings.auditors_private_key is None else Explanations(settings)


def _trace(entry: dict[str, Any]) -> Trace:
    """Make a trace that a page can show.

    Raises:
        ValueError, OverflowError: it holds a time that no calendar has, or a text far too long.
    """
    made = Trace(**entry)
    if not FIRST_YEAR <= datetime.fromtimestamp(made.at / 1000, UTC).year <= LAST_YEAR:
        raise ValueError("a time that cannot be")
    if max(map(len, (made.who, made.what, made.purpose, made.household))) > LONGEST_TEXT:
        raise ValueError("a text that is far too long")
    return made


def _tell(aside: SetAside) -> None:
    structlog.get_logger(__name__).warning("set aside", place=str(aside))


def _not_opened(error: Exception) -> NotOpened:
    structlog.get_logger(__name__).warning("not opened", error=type(error).__name__)
    return NotOpened(type(error).__name__)

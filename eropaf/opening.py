"""The one way to a sealed explanation: a trace first, then it opens."""

from __future__ import annotations

import os
import pwd
from typing import Any

from eropaf.agents.sealing import CannotOpen, opened
from eropaf.commands.append import appender, now_ms
from eropaf.held import latest
from eropaf.risk.purpose import Purpose
from eropaf.settings import Settings, SettingsError
from eropaf.streams.runtime.record import Output
from eropaf_client.errors import ClientError
from eropaf_client.schemas.topics import AUDIT, EXPLANATIONS
from eropaf_client.schemas.wire import Codec

EXPLANATION = "explanation"
EVERYTHING = "everything"
OVERRULE = "overrule"
OBJECTION = "objection"
OBJECTION_BACK = "objection-back"
ERASURE = "erasure"


class SealedToAnother(ClientError):
    """The private key does not open the explanation."""


def opened_facts(settings: Settings, who: str, household: str, purpose: Purpose) -> dict[str, Any] | None:
    """Leave a trace, then give the facts that explain `household`; None where none are kept.

    Raises:
        SettingsError: there is no private key.
        SealedToAnother: the private key does not fit.

    """
    if settings.auditors_private_key is None:
        raise SettingsError("EROPAF_AUDITORS_PRIVATE_KEY is not set: only who holds it may open explanations")
    leave_trace(settings, who, household, EXPLANATION, purpose)
    kept = latest(settings, [household.encode()], EXPLANATIONS, "Explanation")
    if not kept:
        return None
    try:
        return opened(kept[0], settings.auditors_private_keys)
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
    """Return the record of who did what, and what for."""
    at = now_ms()
    entry = {"who": who, "what": what, "purpose": purpose, "household": household, "at": at}
    return Output(
        AUDIT, household.encode(), Codec("AuditEntry", AUDIT, settings.registry()).encode(entry), at
    )

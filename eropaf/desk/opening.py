"""The only way to open a sealed explanation: after leaving a trace."""

from __future__ import annotations

import os
import pwd
from typing import Any

from eropaf.agents.sealing import CannotOpen, opened
from eropaf.cluster.appending import appender, now_ms
from eropaf.desk.held import latest
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
ERASURE_ASKED = "erasure-asked"
ERASURE_REFUSED = "erasure-refused"
CONTACT = "contact"
CODE_DRAWN = "code-drawn"


class SealedToAnother(ClientError):
    """The private key does not open the explanation."""


def opened_facts(settings: Settings, who: str, household: str, purpose: Purpose) -> dict[str, Any] | None:
    """Leave a trace, then return the facts that explain `household`; None if none are stored.

    Raises:
        SettingsError: there is no private key.
        SealedToAnother: the private key does not fit.

    """
    if settings.auditors_private_key is None:
        raise SettingsError("EROPAF_AUDITORS_PRIVATE_KEY is not set: only its holder may open explanations")
    leave_trace(settings, who, household, EXPLANATION, purpose)
    kept = latest(settings, [household.encode()], EXPLANATIONS, "Explanation")
    if not kept:
        return None
    try:
        return opened(kept[0], settings.auditors_private_keys)
    except CannotOpen as error:
        raise SealedToAnother(str(error)) from None


def person_here(settings: Settings) -> str:
    """Return who runs the command: this machine's user, and the principal known to the cluster.

    The user comes from the kernel, by the process's uid, not from LOGNAME or another variable. A uid without
    a name, as in containers, is a number. The principal is the one the broker authenticated.
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
    """Return the record of who did what, and for which purpose."""
    at = now_ms()
    entry = {"who": who, "what": what, "purpose": purpose, "household": household, "at": at}
    return Output(
        AUDIT, household.encode(), Codec("AuditEntry", AUDIT, settings.registry()).encode(entry), at
    )

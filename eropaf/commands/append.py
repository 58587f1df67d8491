"""What commands that append to households' histories share."""

from __future__ import annotations

import time
import uuid
from datetime import date

import typer

from eropaf.agents.append import Appender
from eropaf.risk.policy import EPOCH
from eropaf.settings import Settings


def appender(settings: Settings, name: str | None = None) -> Appender:
    """Connect to where histories are kept; under a `name`, whoever had it before is ended."""
    return Appender(settings.bootstrap, settings.kafka_client, settings.registry(), name)


def now_ms() -> int:
    """Return the time that it is, in milliseconds since 1970 UTC."""
    return int(time.time() * 1000)


def new_id(what: str) -> str:
    """Name an event that a command makes."""
    return f"{what}-{uuid.uuid4()}"


def days(day: date) -> int:
    """Return a date as days since 1970."""
    return (day - EPOCH).days


def a_date(text: str) -> date:
    """Read a date as it is typed.

    Raises:
        typer.BadParameter: it is none.

    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("write a date as YYYY-MM-DD") from None

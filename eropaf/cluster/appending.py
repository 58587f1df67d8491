"""Appends to households' histories for a person: who connects, how an event is named and dated."""

from __future__ import annotations

import time
import uuid
from datetime import date

from eropaf.agents.append import Appender
from eropaf.risk.policy import EPOCH
from eropaf.settings import Settings


def appender(settings: Settings, name: str | None = None) -> Appender:
    """Connect to the households' histories; with a `name`, fence its previous holder."""
    return Appender(settings.bootstrap, settings.kafka_client, settings.registry(), name)


def now_ms() -> int:
    """Return the current time, in milliseconds since 1970 UTC."""
    return int(time.time() * 1000)


def new_id(what: str) -> str:
    """Return a new id of an event that a person caused."""
    return f"{what}-{uuid.uuid4()}"


def days(day: date) -> int:
    """Return a date as days since 1970."""
    return (day - EPOCH).days

"""Faults that a person can mend, told in sentences; anything else is a bug and shows its trace."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from eropaf.deploy.embedded.errors import EmbeddedKafkaError
from eropaf.risk.policy import PolicyError
from eropaf.risk.refusal import Refused
from eropaf.settings import SettingsError
from eropaf.streams.errors import StreamsError
from eropaf_client.errors import ClientError, FileRefused
from eropaf_client.schemas.errors import SchemaError

EXPECTED = (ClientError, StreamsError, SchemaError, EmbeddedKafkaError, PolicyError, Refused, SettingsError)
MOST_PROBLEMS_SHOWN = 50


def sentences(error: Exception) -> list[str]:
    """Return what to tell of `error`; empty where nobody expected it."""
    if isinstance(error, FileRefused):
        return [str(error), *_first(error)]
    if isinstance(error, ValidationError):
        return [_of_setting(fault) for fault in error.errors()]
    return [str(error)] if isinstance(error, EXPECTED) else []


def _first(refused: FileRefused) -> list[str]:
    shown = [f"  {problem}" for problem in refused.problems[:MOST_PROBLEMS_SHOWN]]
    more = len(refused.problems) - len(shown)
    return [*shown, f"  … and {more} more"] if more else shown


def _of_setting(fault: Any) -> str:
    place = f"EROPAF_{'.'.join(map(str, fault['loc'])).upper()}: " if fault["loc"] else ""
    return place + str(fault["msg"]).removeprefix("Value error, ")

"""Errors that a person can fix, as sentences; anything else is a bug and shows its traceback."""

from __future__ import annotations

import errno
from typing import Any

from confluent_kafka import KafkaException
from pydantic import ValidationError

from eropaf.deploy.embedded.errors import EmbeddedKafkaError
from eropaf.deploy.embedded.place import has_no_right, has_no_room
from eropaf.risk.policy import PolicyError
from eropaf.risk.refusal import Refused
from eropaf.settings import SettingsError
from eropaf.streams.errors import (
    DENIED,
    BrokerUnreachable,
    NotAllowed,
    SavepointOfOthers,
    SavepointThere,
    StreamsError,
    TopicMismatch,
    TopicMissing,
    TopicSettingsDiffer,
    is_transient,
)
from eropaf_client.errors import ClientError, FileRefused
from eropaf_client.schemas.errors import SchemaError

EXPECTED = (ClientError, StreamsError, SchemaError, EmbeddedKafkaError, PolicyError, Refused, SettingsError)
MOST_PROBLEMS_SHOWN = 50
BAD_NAME = {errno.ENAMETOOLONG, errno.ELOOP}

# What to do, where only this product's names can say it.
ALLOW = (
    "An administrator gives each role its rights with `eropaf acls apply`; docs/reference/acls.md says which "
    "role has this one, and EROPAF_KAFKA_USERNAME who this user is"
)
TO_DO: dict[type[StreamsError], str] = {
    BrokerUnreachable: "Is it running (`eropaf kafka status`), and is EROPAF_BOOTSTRAP right?",
    NotAllowed: ALLOW,
    SavepointOfOthers: "EROPAF_GROUP, EROPAF_CREDITORS and EROPAF_PARTITIONS say which these are",
    SavepointThere: "Name another, or say --overwrite",
    TopicMissing: "`eropaf topics create` makes those of every creditor in EROPAF_CREDITORS",
    TopicMismatch: (
        "Partitions and what is deleted of a topic never change under its records: set EROPAF_PARTITIONS "
        "to what is there, or move (docs/how-to/upgrade.md)"
    ),
    TopicSettingsDiffer: "`eropaf topics mend` sets them right",
}


def sentences(error: Exception) -> list[str]:
    """Return the sentences for `error`; empty if it is unexpected."""
    if isinstance(error, FileRefused):
        return [str(error), *_first(error)]
    if isinstance(error, ValidationError):
        return [_of_setting(fault) for fault in error.errors()]
    if isinstance(error, KafkaException):
        return _of_kafka(error)
    if isinstance(error, StreamsError) and type(error) in TO_DO:
        return [f"{error}. {TO_DO[type(error)]}"]
    if isinstance(error, OSError) and (
        has_no_room(error) or has_no_right(error) or (error.errno in BAD_NAME and error.filename is not None)
    ):
        return [f"{error.filename or 'a file'} could not be read or written: {error.strerror}"]
    return [str(error)] if isinstance(error, EXPECTED) else []


def _of_kafka(error: KafkaException) -> list[str]:
    """Return the sentences for a broker error that no other part handled."""
    said = error.args[0].str()
    if error.args[0].code() in DENIED:
        return [f"the broker refused a right ({said}). {ALLOW}"]
    return [f"Kafka did not answer as it must ({said}). Try again in a moment"] if is_transient(error) else []


def _first(refused: FileRefused) -> list[str]:
    shown = [f"  {problem}" for problem in refused.problems[:MOST_PROBLEMS_SHOWN]]
    more = len(refused.problems) - len(shown)
    return [*shown, f"  … and {more} more"] if more else shown


def _of_setting(fault: Any) -> str:
    place = f"EROPAF_{'.'.join(map(str, fault['loc'])).upper()}: " if fault["loc"] else ""
    return place + str(fault["msg"]).removeprefix("Value error, ")

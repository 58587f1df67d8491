"""Turns stored numbers into readable days and moments, as the schemas define them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from eropaf.risk.calendar import EPOCH
from eropaf_client.schemas import catalogue

DAY, MOMENT = "date", "timestamp-millis"
# Moments that are kept as plain numbers: of a record as Kafka stored it.
PLAIN_MOMENTS = frozenset({"timestamp_ms"})
# Months since January 1970.
MONTHS = "months"


def dated(value: Any, name: str = "") -> Any:
    """Return `value`, the content of the field `name`, with days and moments as ISO 8601.

    Days are YYYY-MM-DD, months YYYY-MM, moments UTC. A number outside the calendar is unchanged.
    """
    if isinstance(value, dict):
        return {key: dated(part, key) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [dated(part, name) for part in value]
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    try:
        return _as_text(value, name)
    except (OverflowError, ValueError, OSError):
        return value


def _as_text(number: int, name: str) -> str | int:
    if name == MONTHS:
        return f"{EPOCH.year + number // 12}-{number % 12 + 1:02}"
    if name in _named(DAY):
        return (EPOCH + timedelta(days=number)).isoformat()
    if name in _named(MOMENT) | PLAIN_MOMENTS:
        return datetime.fromtimestamp(number / 1000, UTC).isoformat(timespec="seconds")
    return number


@cache
def _named(kind: str) -> frozenset[str]:
    """Return the names of all fields of this kind, in any record: a name has one kind everywhere."""
    schemas = (json.loads(catalogue.latest(record).text) for record in catalogue.RECORDS)
    return frozenset(name for schema in schemas for name in _fields(schema, kind))


def _fields(schema: Any, kind: str) -> Iterator[str]:
    if isinstance(schema, list):
        for part in schema:
            yield from _fields(part, kind)
    elif isinstance(schema, dict):
        for field in schema.get("fields", ()):
            types = field["type"] if isinstance(field["type"], list) else [field["type"]]
            if any(isinstance(each, dict) and each.get("logicalType") == kind for each in types):
                yield field["name"]
            yield from _fields(field["type"], kind)
        yield from _fields(schema.get("items"), kind)

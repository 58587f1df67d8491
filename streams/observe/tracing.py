"""Traces: which record caused which, from stage to stage.

A record's trace is its W3C header `traceparent`. It goes on to what other stages of the flow read, and
to nobody outside: whoever sends a record chooses its trace id, and could say by it who it is (ADR 28).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from eropaf.streams.runtime.record import Record
from eropaf_client.schemas.wire import TRACEPARENT

_FORM = re.compile(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def traceparent_of(record: Record) -> bytes | None:
    """Return the trace of `record`; None where it has none, or one that is malformed."""
    for name, value in record.headers() or ():
        if name == TRACEPARENT and value is not None and _FORM.fullmatch(value):
            return value
    return None


def trace_id(traceparent: bytes) -> str:
    """Return the trace's id, 32 hexadecimal digits."""
    return traceparent[3:35].decode()


class Span(Protocol):
    """What one stage does for one record, until that is saved."""

    traceparent: bytes
    """For the records that come of it."""

    def wrote(self, topics: Iterable[str]) -> None:
        """Record the topics to which its outputs go."""

    def end(self) -> None:
        """Note that it is saved."""


class Tracer(Protocol):
    """Tells a collector of spans."""

    def begin(self, stage: str, record: Record, parent: bytes) -> Span:
        """Begin a span of `stage` for `record`."""


@dataclass(frozen=True, slots=True)
class Tracing:
    """How traces are passed on: to records on `onward`, and to the collector behind `tracer`."""

    onward: frozenset[str]
    tracer: Tracer | None = None

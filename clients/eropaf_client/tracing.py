"""Trace ids on what is published, by W3C's header `traceparent`. Needs no tracing library."""

from __future__ import annotations

import secrets
from typing import Callable

from eropaf_client.schemas.wire import TRACEPARENT

MakeTraceparent = Callable[[], str]


def new_traceparent() -> str:
    """Begin a trace: give the header's value, sampled, with a random trace and span id."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def trace_headers(traceparent: MakeTraceparent | None) -> list[tuple[str, str | bytes | None]] | None:
    """Return the headers of one record; None where nothing is traced."""
    return None if traceparent is None else [(TRACEPARENT, traceparent().encode())]

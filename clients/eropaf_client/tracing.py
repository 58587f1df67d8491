"""Trace ids on published records, in the W3C header `traceparent`. Needs no tracing library."""

from __future__ import annotations

import secrets
from typing import Callable

from eropaf_client.schemas.wire import TRACEPARENT

MakeTraceparent = Callable[[], str]


def new_traceparent() -> str:
    """Begin a trace: return the header's value, sampled, with random trace and span ids."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def trace_headers(traceparent: MakeTraceparent | None) -> list[tuple[str, str | bytes | None]] | None:
    """Return one record's headers; None if it is not traced."""
    return None if traceparent is None else [(TRACEPARENT, traceparent().encode())]

"""Whether a response of the broker may have been lost, told by the Kafka client's own log.

A request is retried without a response only if its connection ended (FAIL) or it timed out (REQTMOUT); the
thread that retries logs both, before it does so. A connection closed because it was idle is not logged. Its
first copy may still arrive, in the next transaction (ADR 54).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

# A librdkafka (syslog) level: it logs each connection that ends with a request outstanding.
INFORMATION = 6
# A client must log failed connections, which it does not report as errors.
LISTENING: Mapping[str, Any] = MappingProxyType({"log_level": INFORMATION, "log.connection.close": True})
# Before a connection is up no request was sent on it. A failed attempt has its own wording, so a line that
# counts is never suppressed as a repetition of one that does not.
NOT_CONNECTED = (" in state CONNECT", " in state TRY_CONNECT")


def may_be_lost(said: str) -> bool:
    """Return whether this line of the client's log says that a response may have been lost."""
    return said.startswith("REQTMOUT ") or (
        said.startswith("FAIL ") and not any(state in said for state in NOT_CONNECTED)
    )


class Listener:
    """A client's `logger` that only listens for lost responses."""

    def __init__(self) -> None:
        self.heard = False
        """Whether a response may have been lost."""

    def log(self, level: int, form: str, *values: object) -> None:
        """Inspect a line of the client's log."""
        self.heard = self.heard or may_be_lost(form % values)

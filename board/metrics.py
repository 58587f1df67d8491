"""Every metric of the board, with unit and reading. No label holds a name, an address or a household."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from eropaf.serving.listening import own_registry

REGISTRY = own_registry()

REQUEST_SECONDS = Histogram(
    "eropaf_board_request_duration_seconds",
    "Time from a request to the first byte of its answer, by route and status.",
    ["route", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10),
    registry=REGISTRY,
)
STREAMS = Gauge(
    "eropaf_board_streams_open", "Browsers to which the list's changes are streamed.", registry=REGISTRY
)
OVERDUE_VISITS = Gauge(
    "eropaf_board_visits_overdue",
    "Workers who checked in at a door longer ago than EROPAF_BOARD_CHECK_OUT_MINUTES, and did not check out.",
    registry=REGISTRY,
)
READY = Gauge(
    "eropaf_board_ready",
    "1 once the board has read its topics to their end, else 0, by whom it serves: `team`, or `desk`.",
    ["serves"],
    registry=REGISTRY,
)
UNREAD = Gauge(
    "eropaf_board_unread_records",
    "Records that are stored and that the board has not read; not a number where no broker answers.",
    registry=REGISTRY,
)
SET_ASIDE = Counter(
    "eropaf_board_set_aside",
    "Records that the board could not use, by topic and reason.",
    ["topic", "reason"],
    registry=REGISTRY,
)
LOGINS = Counter(
    "eropaf_board_logins",
    "Tries to log in, by result: `in`, `wrong`, `limited` (too many tries), `refused` (by the provider).",
    ["result"],
    registry=REGISTRY,
)
for _result in ("in", "wrong", "limited", "refused"):
    LOGINS.labels(result=_result)

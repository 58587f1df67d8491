"""Every metric of the gateway, with unit and reading. No label holds a name, an address or a household."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from eropaf.serving.listening import own_registry

MEASURES = own_registry()

REQUEST_SECONDS = Histogram(
    "eropaf_gateway_request_duration_seconds",
    "Time from a request to the first byte of its answer, by route and status.",
    ["route", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60),
    registry=MEASURES,
)
SIGNALS = Counter(
    "eropaf_gateway_signals",
    "Signals that came in over HTTP, by topic and result: `stored`, `known` (before), `unacknowledged`.",
    ["topic", "result"],
    registry=MEASURES,
)
INVALID = Counter(
    "eropaf_gateway_invalid_requests",
    "Requests refused whole because something in them was wrong, by topic.",
    ["topic"],
    registry=MEASURES,
)
TURNED_AWAY = Counter(
    "eropaf_gateway_turned_away",
    "Requests that were not let in, by reason: a code of the answer.",
    ["reason"],
    registry=MEASURES,
)
IN_HAND = Gauge(
    "eropaf_gateway_requests_in_hand",
    "Requests that are being taken in, by route.",
    ["route"],
    registry=MEASURES,
)
READY = Gauge(
    "eropaf_gateway_ready",
    "1 once the gateway has read its topics, else 0, by whom it serves: `creditors`, `outreach`, `both`.",
    ["serves"],
    registry=MEASURES,
)
UNREAD = Gauge(
    "eropaf_gateway_unread_records",
    "Records that are stored and that the gateway has not read; not a number where no broker answers.",
    registry=MEASURES,
)
SET_ASIDE = Counter(
    "eropaf_gateway_set_aside",
    "Records that the gateway could not use, by topic and reason.",
    ["topic", "reason"],
    registry=MEASURES,
)

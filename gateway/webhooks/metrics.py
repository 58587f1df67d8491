"""What the webhooks measure, with unit and reading. A tool's name is a label; no address, no household is."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

from eropaf.serving.listening import own_registry

WEBHOOK_MEASURES = own_registry()

TRIES = Counter(
    "eropaf_webhook_tries",
    "Tries to tell a tool of an event, by tool and result: `told`, `refused` (this event), `away`.",
    ["tool", "result"],
    registry=WEBHOOK_MEASURES,
)
SECONDS = Histogram(
    "eropaf_webhook_seconds",
    "Time from when the cause of an update was stored until a tool had it, by tool.",
    ["tool"],
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 3600, 86_400),
    registry=WEBHOOK_MEASURES,
)
AWAY = Gauge(
    "eropaf_webhook_away", "1 while a tool takes no events, by tool.", ["tool"], registry=WEBHOOK_MEASURES
)
ENDED = Gauge(
    "eropaf_webhook_ended",
    "1 once a tool is told nothing any more, since something of its own is to be mended, by tool.",
    ["tool"],
    registry=WEBHOOK_MEASURES,
)
OLDEST = Gauge(
    "eropaf_webhook_oldest_waiting_timestamp_seconds",
    "When the cause of the oldest event was stored that a tool does not have, by tool; 0 where it has all.",
    ["tool"],
    registry=WEBHOOK_MEASURES,
)
UNREAD = Gauge(
    "eropaf_webhook_unread_records",
    "Records that are stored and wait to be told, of other areas too, by tool; not a number where no broker "
    "answers.",
    ["tool"],
    registry=WEBHOOK_MEASURES,
)
DEAD = Gauge(
    "eropaf_webhook_dead_letters",
    "Events that a tool did not take within a day, and those that wait behind them, by tool.",
    ["tool"],
    registry=WEBHOOK_MEASURES,
)

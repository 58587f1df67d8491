"""What is measured of the processing log. No label is of a person."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

from eropaf.serving.listening import own_registry

LOGBOEK_MEASURES = own_registry()

LINES = Counter(
    "eropaf_logboek_lines",
    "Lines that the processing log has confirmed, by the activity they are of.",
    ["activity"],
    registry=LOGBOEK_MEASURES,
)
TRIES = Counter(
    "eropaf_logboek_tries",
    "Tries to write lines, by result: `told`, `away` (tried again until it is).",
    ["result"],
    registry=LOGBOEK_MEASURES,
)
REFUSED = Counter(
    "eropaf_logboek_refused_lines",
    "Lines that the processing log confirmed to have refused: they are missing there, and not told again.",
    registry=LOGBOEK_MEASURES,
)
UNTOLD = Gauge(
    "eropaf_logboek_unread_records",
    "Records of which the processing log was not told yet; not a number where no broker answers.",
    registry=LOGBOEK_MEASURES,
)
OLDEST = Gauge(
    "eropaf_logboek_oldest_waiting_timestamp_seconds",
    "When the first of the records was stored that the processing log is being told of; 0 where none is.",
    registry=LOGBOEK_MEASURES,
)

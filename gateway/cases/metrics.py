"""What is measured of accepted help that is handed on. No label is of a person, and none of an address."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

from eropaf.serving.listening import own_registry

CASE_MEASURES = own_registry()

TRIES = Counter(
    "eropaf_case_tries",
    "Tries to hand accepted help on, by result: `told`, `refused` (this one), `away`.",
    ["result"],
    registry=CASE_MEASURES,
)
WAITING = Gauge("eropaf_case_waiting", "Accepted help that is not handed on yet.", registry=CASE_MEASURES)
UNADDRESSED = Gauge(
    "eropaf_case_unaddressed",
    "Of what waits: whose household has no address in any topic, so that nothing hands it on: "
    "`eropaf cases list`.",
    registry=CASE_MEASURES,
)
OLDEST = Gauge(
    "eropaf_case_oldest_waiting_timestamp_seconds",
    "When the oldest accepted help was stored that is not handed on yet and can be; 0 where there is none.",
    registry=CASE_MEASURES,
)
UNREAD = Gauge(
    "eropaf_case_unread_records",
    "Records that are stored and not read yet: outcomes, updates; not a number where no broker answers.",
    registry=CASE_MEASURES,
)
OPEN = Gauge("eropaf_case_open", "Cases of ours that the case system has not ended.", registry=CASE_MEASURES)
DEAD = Gauge(
    "eropaf_case_dead_letters",
    "Accepted help that was refused for a day while other was taken: `eropaf cases list`, mend, "
    "`eropaf cases retry`.",
    registry=CASE_MEASURES,
)

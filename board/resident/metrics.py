"""What a resident's own page measures. No label is of a person, a household or a code."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

from eropaf.serving.listening import own_registry

RESIDENT_MEASURES = own_registry()

REQUEST_SECONDS = Histogram(
    "eropaf_resident_page_request_duration_seconds",
    "Time from a request to the first byte of its answer, by route and status.",
    ["route", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 120),
    registry=RESIDENT_MEASURES,
)
ASKED = Counter(
    "eropaf_resident_page_asked",
    "Questions to the desk, by result: `answered`, `refused` (no such code, log-in or session), `many` (too "
    "often), `away`.",
    ["result"],
    registry=RESIDENT_MEASURES,
)
for _result in ("answered", "refused", "many", "away"):
    ASKED.labels(result=_result)

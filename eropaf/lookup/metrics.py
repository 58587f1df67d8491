"""What is measured of questions to the register of persons. No label is of a person or a creditor."""

from __future__ import annotations

from prometheus_client import Counter, Gauge

from eropaf.serving.listening import own_registry

LOOKUP_MEASURES = own_registry()

QUESTIONS = Counter(
    "eropaf_lookup_questions",
    "Questions to the register of persons, of up to twenty numbers each, by result: `told` or `away`.",
    ["result"],
    registry=LOOKUP_MEASURES,
)
ANSWERS = Counter(
    "eropaf_lookup_answers",
    "Residents of whom the register said something: `ADDRESS`, or why there is none here.",
    ["result"],
    registry=LOOKUP_MEASURES,
)
WAITING = Gauge(
    "eropaf_lookup_waiting", "Residents that the register is still to be asked for.", registry=LOOKUP_MEASURES
)
UNREAD = Gauge(
    "eropaf_lookup_unread_records",
    "Records that may say who waits and are not read yet; not a number where no broker answers.",
    registry=LOOKUP_MEASURES,
)
NUMBERLESS = Counter(
    "eropaf_lookup_numberless",
    "Residents who wait and whose creditor's record is gone, or stood elsewhere before a move: the next "
    "signal brings them.",
    registry=LOOKUP_MEASURES,
)

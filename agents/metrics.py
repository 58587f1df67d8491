"""Every metric of the agents, with unit and reading. No label holds personal data."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram, Info

SETTINGS = Info(
    "eropaf_settings",
    "What this worker runs with; two that differ part what belongs together. `secret` is a fingerprint.",
)
UPDATES = Counter("eropaf_updates", "Priority updates decided, by band and change.", ["band", "change"])
EVENT_TO_UPDATE = Histogram(
    "eropaf_event_to_update_seconds",
    "Time from a creditor's record being stored by the broker to the update being decided; the last "
    "checkpoint comes on top (eropaf_checkpoint_duration_seconds).",
    buckets=(0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10, 30, 60),
)
NEWEST_TICK = Gauge(
    "eropaf_newest_tick_timestamp_seconds",
    "When the newest day began (UTC) that this worker was told of: below a day ago, or no clock runs. "
    "0: none was told since it started.",
)
ANSWERS = Counter("eropaf_answers", "Answers to creditors, by the status they hear.", ["status"])
ANSWERS_TO_NOBODY = Counter(
    "eropaf_answers_to_nobody", "Answers that were not told, as their creditor has retired."
)
QUESTIONS = Counter("eropaf_questions", "Questions to creditors whether their arrears still stand.")
FORGOTTEN = Counter(
    "eropaf_forgotten", "Households forgotten: erased, or kept for as long as the policy says."
)

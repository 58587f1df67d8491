"""Names of the topics, and the record that each holds."""

from __future__ import annotations

ARREARS = "arrears."  # followed by the creditor
FEEDBACK = "feedback."  # followed by the creditor
HOUSEHOLD_EVENTS = "household-events"
HOUSEHOLD_RISK = "household-risk"
PRIORITIES = "outreach.priorities"
REJECTED = "rejected"
RESIDENTS = "residents"
UNRESOLVED_SIGNALS = "unresolved-signals"
RESIDENCY_TICKS = "residency-ticks"
OUTCOMES = "outreach.outcomes"
CLAIMS = "outreach.claims"
EXPLANATIONS = "explanations"
POLICY = "policy"
AUDIT = "audit"
FINGERPRINT = "secret-fingerprint"

# Key of what holds for a whole partition and is of no household: time and policy.
EVERY = "*"


def arrears(creditor: str) -> str:
    """Name the topic on which `creditor`, and nobody else, publishes."""
    return ARREARS + creditor


def creditor(topic: str) -> str:
    """Name the creditor that publishes on `topic`, an arrears topic."""
    return topic[len(ARREARS) :]


def feedback(creditor: str) -> str:
    """Name the topic on which `creditor`, and nobody else, hears what became of its signals."""
    return FEEDBACK + creditor

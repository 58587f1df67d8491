"""Names of the topics, and the record of each."""

from __future__ import annotations

ARREARS = "arrears."  # followed by the creditor
FEEDBACK = "feedback."  # followed by the creditor
CONTACTS = "contacts."  # followed by the creditor
QUESTIONS = "questions."  # followed by the creditor
HOUSEHOLD_EVENTS = "household-events"
HOUSEHOLD_RISK = "household-risk"
PRIORITIES = "outreach.priorities"
REJECTED = "rejected"
RESIDENTS = "residents"
UNRESOLVED_SIGNALS = "unresolved-signals"
RESIDENCY_TICKS = "residency-ticks"
RESIDENT_EVENTS = "resident-events"
OUTCOMES = "outreach.outcomes"
CLAIMS = "outreach.claims"
DOOR_SAFETY = "door-safety"
REGISTER_MISMATCHES = "register-mismatches"
EXPLANATIONS = "explanations"
POLICY = "policy"
AUDIT = "audit"
FINGERPRINT = "secret-fingerprint"

# The key of records that concern a whole partition and no household: time and policy.
EVERY = "*"


def arrears(creditor: str) -> str:
    """Return the topic to which only `creditor` publishes."""
    return ARREARS + creditor


def creditor(topic: str) -> str:
    """Return the creditor that publishes to `topic`, an arrears topic."""
    return topic[len(ARREARS) :]


def feedback(creditor: str) -> str:
    """Return the topic on which only `creditor` receives feedback."""
    return FEEDBACK + creditor


def contacts(creditor: str) -> str:
    """Return the topic on which `creditor` leaves sealed contact slips."""
    return CONTACTS + creditor


def questions(creditor: str) -> str:
    """Return the topic on which only `creditor` is asked whether arrears still stand."""
    return QUESTIONS + creditor

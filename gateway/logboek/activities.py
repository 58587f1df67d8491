"""The register of processing activities: what a record in a topic says was done, why, and by which law.

An activity that changes gets another number: a line refers to one version of it for ever (Logboek
Dataverwerkingen 0.8.0, Component: Register).
"""

from __future__ import annotations

from dataclasses import dataclass

from eropaf_client.schemas.topics import (
    AUDIT,
    CLAIMS,
    EVERY,
    FEEDBACK,
    HOUSEHOLD_EVENTS,
    PRIORITIES,
    QUESTIONS,
    feedback,
    questions,
)

HOUSEHOLD = "household"
CONTRACT = "contract"

TASK = "GDPR art. 6(1)(e); Wgs art. 3 and 4"


# Compared by what it is: a hash of five texts would cost as much as the rest of a line (ADR 74).
@dataclass(frozen=True, slots=True, eq=False)
class Activity:
    """One processing activity: its id in the register, what is done, what for, on which ground, to whom.

    `subject` says whose pseudonym a line has: the household's, or that of a creditor's contract, where no
    household is known.
    """

    code: str
    name: str
    purpose: str
    ground: str
    subject: str = HOUSEHOLD


JOINING = Activity(
    "joining-1", "A report is joined to a household", "see arrears of several creditors as one", TASK
)
TELLING = Activity("telling-1", "The outreach team and its tools are told", "offer help in time", TASK)
TAKING = Activity("taking-1", "A worker takes or gives up a household", "offer help in time", TASK)
OPENING = Activity(
    "opening-1",
    "What is kept on a household is opened, or acted on for its resident",
    "the resident's rights, a complaint, an audit",
    "GDPR art. 6(1)(c), 15 to 22 and 35(11)",
)
ANSWERING = Activity(
    "answering-1", "A creditor is answered", "the creditor knows what became of its signal", TASK, CONTRACT
)
ASKING = Activity(
    "asking-1", "A creditor is asked whether arrears stand", "visit nobody in vain", TASK, CONTRACT
)
FORGETTING = Activity(
    "forgetting-1", "A household is forgotten", "keep no longer than needed", "GDPR art. 5(1)(e) and 17"
)

ACTIVITIES = (JOINING, TELLING, TAKING, OPENING, ANSWERING, ASKING, FORGETTING)

_OF_HOUSEHOLDS = {HOUSEHOLD_EVENTS: JOINING, PRIORITIES: TELLING, CLAIMS: TAKING, AUDIT: OPENING}
NOBODY = EVERY.encode()


def topics(creditors: tuple[str, ...]) -> list[str]:
    """Return the topics whose records are processings."""
    return [*_OF_HOUSEHOLDS, *map(feedback, creditors), *map(questions, creditors)]


def activity_of(topic: str, key: bytes, value: bytes | None) -> Activity | None:
    """Return which activity a record of one of `topics` is of; None: of none, as time and policy are."""
    if key == NOBODY:
        return None
    if value is None:
        # Elsewhere a tombstone repeats it: this is the one that stands longest.
        return FORGETTING if topic == PRIORITIES else None
    found = _OF_HOUSEHOLDS.get(topic)
    if found is not None:
        return found
    if topic.startswith(FEEDBACK):
        return ANSWERING
    return ASKING if topic.startswith(QUESTIONS) else None

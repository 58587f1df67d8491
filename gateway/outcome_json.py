"""An outcome as JSON: the fields of the contract by their names."""

from __future__ import annotations

from typing import Any

from eropaf.gateway.signal_json import DAY, MOMENT, TEXT, TEXTS, TRUTH, must, object_of, one_of, read_fields
from eropaf_client.follow_up import FollowUp
from eropaf_client.outcomes import ContactAttempt, ContactChannel, DayPart, EndResult, OutreachOutcome

ATTEMPT = {
    "channel": must(one_of(ContactChannel)),
    "reached": must(TRUTH),
    "on": must(DAY),
    "day_part": one_of(DayPart),
}
FOLLOW_UP = {
    "until": must(DAY),
    "come_back_on": DAY,
    "evenings": TRUTH,
    "two_together": TRUTH,
    "interpreter": TEXT,
    "card_left": TRUTH,
}
OUTCOME = {
    "outcome_id": must(TEXT),
    "household": must(TEXT),
    "at": must(MOMENT),
    "picked_up_on": DAY,
    "attempt": object_of(ATTEMPT, ContactAttempt),
    "result": one_of(EndResult),
    "follow_up": object_of(FOLLOW_UP, FollowUp),
    "signals": TEXTS,
    "asks_still_open": TRUTH,
}


def read_outcome(content: Any) -> OutreachOutcome:
    """Make an outcome of what JSON held. Whether its values can be so was not looked at.

    Raises:
        Refused: it is none; every field that is missing, unknown or not of its type is named.
    """
    return read_fields(content, OUTCOME, OutreachOutcome)

"""What a sealed explanation may be opened for."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """The purposes that count; whoever opens one names one of them.

    A closed list without free text: the trace is kept far longer than anything else, and nobody must be able
        to write into it what a resident said.

    Source: GDPR art. 5(1)(b), purpose limitation; for each purpose the article named beside it.
    """

    RESIDENT_ASKED = "resident-asked"  # GDPR art. 15
    OBJECTION = "objection"  # GDPR art. 21 and 22(3)
    COMPLAINT = "complaint"  # Awb ch. 9
    COURT = "court"  # GDPR art. 58(1) and 79: a court or the data protection authority asks
    AUDIT = "audit"  # GDPR art. 35(11): does the policy do what it should?
    MISTAKE = "mistake"  # GDPR art. 5(1)(d): something looks wrong

"""What each of the sixteen results of DDAS 1.2 means for the creditors.

The policy says how long a result silences the same arrears, and how long it is remembered. The meaning of a
result is here.
"""

from __future__ import annotations

from eropaf.risk.value import value

NO_WORD = "NO_WORD"
PAUSE = "PAUSE"
RESUME = "RESUME"


@value(frozen=True, slots=True)
class Meaning:
    """What a creditor hears when a case ends with a result.

    `status` is the DDAS status of its signals; `collection` what it is asked to do about collection.
    """

    status: str
    collection: str
    about_a_person: bool = False
    """Says who is no longer there: it ends what was signalled, and nothing that is signalled later."""
    others_stay: bool = False
    """What threatens then threatens a household that stays behind."""
    grows_unheeded: bool = False
    """Growth of the same arrears does not reopen it while it is quiet."""


# What a creditor is asked to do, from what protects a resident least.
_PROTECTION = (RESUME, NO_WORD, PAUSE)

# Help was accepted: the creditor suspends collection (Landelijk Convenant Vroegsignalering; Divosa
# Monitor 2023, ch. 8).
_HELPED = Meaning("PICKED_UP", PAUSE)
# Help was offered and not taken, or nobody was reached: the creditor is told that its own collection
# may go on (Hilversum, privacyverklaring Wgs).
_OFFERED = Meaning("PICKED_UP", RESUME)

# Result -> what it means. Names and definitions: DDAS Vroegsignalering 1.2, EnumEindresultaat.
RESULTS: dict[str, Meaning] = {
    "ADVICE": _HELPED,
    "HELP": _HELPED,
    "HELP_FINANCIAL": _HELPED,
    "HELP_NOT_FINANCIAL": _HELPED,
    "REFERRED_WITHOUT_RESIDENT": Meaning("PICKED_UP", NO_WORD),
    "OTHER_TRAJECTORY": Meaning("PICKED_UP", NO_WORD),
    "KNOWN_AT_DEBT_HELP": Meaning("KNOWN_AT_DEBT_HELP", NO_WORD, grows_unheeded=True),
    "PAID_OR_PLAN": Meaning("PICKED_UP", NO_WORD),
    "ARRANGES_ITSELF": _OFFERED,
    "NO_CONTACT": _OFFERED,
    "NO_REACTION": _OFFERED,
    "DECEASED": Meaning("DECEASED", NO_WORD, about_a_person=True, others_stay=True),
    "NOT_A_RESIDENT": Meaning("NOT_A_RESIDENT", NO_WORD, about_a_person=True),
    "NOT_PICKED_UP_REPEATED": Meaning("NOT_PICKED_UP_REPEATED", NO_WORD),
    "NOT_PICKED_UP_UNJUSTIFIED": Meaning("NOT_PICKED_UP_UNJUSTIFIED", NO_WORD),
    "NOT_PICKED_UP_OTHER": Meaning("NOT_PICKED_UP_OTHER", NO_WORD),
}


def accepted(result: str | None) -> bool:
    """Return whether `result` is that help was accepted."""
    return result is not None and result in RESULTS and RESULTS[result].collection == PAUSE


def precedence(result: str) -> tuple[int, str]:
    """Return which of two results of one moment holds: the one that protects more, else by name."""
    meaning = RESULTS.get(result)  # of a row that a newer version wrote, none
    return (_PROTECTION.index(NO_WORD if meaning is None else meaning.collection), result)

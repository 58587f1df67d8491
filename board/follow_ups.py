"""What the next visitor must know: codes from a list, which expire by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from eropaf_client.follow_up import FollowUp
from eropaf_client.outcomes import OutreachOutcome

# Spoken at doors in the Netherlands, other than Dutch (ISO 639-1), by the name that each has in Dutch.
LANGUAGES = ("ar", "bg", "en", "fr", "pl", "pt", "ro", "es", "so", "ti", "tr", "uk", "zh")
# A household changes: after two months a code would say what is no longer so.
CODE_HOLDS_DAYS = 56
# A day that was agreed on is shown some days more: whoever missed it has to know.
MISSED_DAYS = 3
FARTHEST_DAYS = 60


def farthest(on: date) -> date:
    """Return the last day that can be agreed for a return visit; `on` is the day of the agreement."""
    return on + timedelta(days=FARTHEST_DAYS)


def follow_up_of(form: Mapping[str, str], on: date) -> FollowUp | None:
    """Return a form's information for the next visit, or None; `on` is the day it was given.

    Raises:
        ValueError: the day is past or too far ahead, or the language is not offered.
    """
    said = form.get("come_back_on", "")
    come_back_on = date.fromisoformat(said) if said else None
    if come_back_on is not None and not on <= come_back_on <= farthest(on):
        raise ValueError("come_back_on")
    interpreter = form.get("interpreter") or None
    if interpreter is not None and interpreter not in LANGUAGES:
        raise ValueError("interpreter")
    until = on + timedelta(days=CODE_HOLDS_DAYS)
    if come_back_on is not None:
        until = max(until, come_back_on + timedelta(days=MISSED_DAYS))
    codes = {name: form.get(name) == "on" for name in ("evenings", "two_together", "card_left")}
    if come_back_on is None and interpreter is None and not any(codes.values()):
        return None
    return FollowUp(until, come_back_on, interpreter=interpreter, **codes)


def holding(history: Iterable[OutreachOutcome], today: date) -> FollowUp | None:
    """Return what the newest informative entry of `history` still says `today`."""
    for outcome in history:
        follow_up = outcome.follow_up
        if follow_up is None:
            continue
        if follow_up.until < today:
            return None
        agreed = follow_up.come_back_on
        missed = agreed is not None and agreed + timedelta(days=MISSED_DAYS) < today
        return replace(follow_up, come_back_on=None) if missed else follow_up
    return None

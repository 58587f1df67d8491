"""Reasons for which a creditor's signal cannot be used."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """One code each; docs/reference/reasons.md says what to do."""

    SIGNAL_ID_MISSING = "signal-id-missing"
    CONTRACT_MISSING = "contract-missing"
    TEXT_TOO_LONG = "text-too-long"
    UNKNOWN_KIND = "unknown-kind"
    IMPOSSIBLE_AMOUNT = "impossible-amount"
    IMPOSSIBLE_BILL = "impossible-bill"
    IMPOSSIBLE_VERSION = "impossible-version"
    IMPOSSIBLE_EFFORT = "impossible-effort"
    IMPOSSIBLE_DATE = "impossible-date"
    REPORTED_IN_THE_FUTURE = "reported-in-the-future"
    RESIDENT_MISSING = "resident-missing"
    RESIDENT_TWICE = "resident-twice"
    IMPOSSIBLE_BSN = "impossible-bsn"
    IMPOSSIBLE_POSTCODE = "impossible-postcode"
    IMPOSSIBLE_HOUSE_NUMBER = "impossible-house-number"
    IMPOSSIBLE_ADDITION = "impossible-addition"
    UNKNOWN_EVENT = "unknown-event"


class Refused(Exception):
    """The signal cannot be used. The message names the field, never what it holds."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason

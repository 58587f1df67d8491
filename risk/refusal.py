"""Reasons for not accepting a signal or another event."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """One code each; docs/reference/reasons.md says what to do."""

    SIGNAL_ID_MISSING = "signal-id-missing"
    CONTRACT_MISSING = "contract-missing"
    TEXT_TOO_LONG = "text-too-long"
    TEXT_UNSEEN = "text-unseen"
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
    BSN_WITHOUT_GROUND = "bsn-without-ground"
    IMPOSSIBLE_POSTCODE = "impossible-postcode"
    IMPOSSIBLE_HOUSE_NUMBER = "impossible-house-number"
    IMPOSSIBLE_ADDITION = "impossible-addition"
    UNKNOWN_EVENT = "unknown-event"
    UNKNOWN_HOUSEHOLD = "unknown-household"
    UNKNOWN_RESULT = "unknown-result"
    EMPTY_OUTCOME = "empty-outcome"
    IMPOSSIBLE_HOUSEHOLD = "impossible-household"
    BROKEN_POLICY = "broken-policy"
    # The law and the policy, see risk/lawful.py.
    NO_PERSONAL_CONTACT = "no-personal-contact"
    DEBT_HELP_NOT_POINTED_AT = "debt-help-not-pointed-at"
    NO_WRITTEN_REMINDER = "no-written-reminder"
    NO_OFFER_MADE = "no-offer-made"
    RESIDENT_REFUSED = "resident-refused"
    PARTNER_NOT_ACCEPTED = "partner-not-accepted"
    NO_GROUND = "no-ground"
    GROUND_ENDED = "ground-ended"
    OWN_EFFORT_UNSAID = "own-effort-unsaid"
    TOO_FEW_DAYS = "too-few-days"
    TOO_MANY_DAYS = "too-many-days"
    TOO_LITTLE = "too-little"
    NO_EARLIER_SIGNAL = "no-earlier-signal"
    CHANGED_WITHOUT_VERSION = "changed-without-version"
    HOUSEHOLD_TOO_LARGE = "household-too-large"
    RESIDENT_TOO_LARGE = "resident-too-large"
    ADDRESS_UNKNOWN = "address-unknown"
    # Said with "no resident (any more)", see risk/unregistered.py.
    FORWARDED = "forwarded"


class Refused(Exception):
    """The signal cannot be used, or not here. The message names the field, never its content."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason

"""What a value that a caller sends must be, beyond its type: as the client library checks it, in JSON Schema.

A `format` of ours stands where the rule is more than a pattern can say; the field's description says it.
"""

from __future__ import annotations

from typing import Any

from eropaf_client.follow_up import LANGUAGE
from eropaf_client.outcomes import MOST_SIGNALS_NAMED
from eropaf_client.schemas.limits import (
    BSN,
    HOUSEHOLD_KEY,
    LARGEST_AMOUNT_CENTS,
    LARGEST_VERSION,
    LONGEST_ADDITION,
    LONGEST_TEXT,
    MOST_REMINDERS,
)

TEXT = {"type": "string"}
NULL = {"type": "null"}
OWN_ID = {"minLength": 1, "maxLength": LONGEST_TEXT, "format": "visible"}
NOT_BLANK = {"minLength": 1, "maxLength": LONGEST_TEXT, "pattern": r"\S"}
BOUNDS: dict[str, dict[str, Any]] = {
    "signal_id": OWN_ID,
    "contract": OWN_ID,
    "outcome_id": NOT_BLANK,
    "signals": {"items": NOT_BLANK, "maxItems": MOST_SIGNALS_NAMED},
    "household": {"pattern": f"^{HOUSEHOLD_KEY.pattern}$"},
    "amount_cents": {"minimum": 0, "maximum": LARGEST_AMOUNT_CENTS},
    "monthly_bill_cents": {"minimum": 1, "maximum": LARGEST_AMOUNT_CENTS},
    "version": {"minimum": 0, "maximum": LARGEST_VERSION},
    "written_reminders": {"minimum": 0, "maximum": MOST_REMINDERS},
    "bsn": {"pattern": f"^{BSN.pattern}$", "format": "bsn"},
    "postcode": {"format": "postcode"},
    "house_number": {"format": "house-number"},
    "addition": {"format": "addition"},
    "interpreter": {"pattern": f"^{LANGUAGE.pattern}$"},
}
SEEN = "No space around it, and no character that nobody sees."
# What is added to a field's own words.
MORE_WORDS = {
    "ArrearsSignal.signal_id": SEEN,
    "ArrearsSignal.contract": SEEN,
    "ArrearsSignal.reported_at": "Not before 1990.",
    "ArrearsSignal.arrears_since": "Not before 1990, and not after `reported_at`.",
    "Crisis.on": "Not before 1990, and not over ten years after `reported_at`.",
    "OutreachOutcome.signals": "Only with a `result`.",
    "FollowUp.come_back_on": "Not after `until`.",
    "Resident.bsn": "It passes the eleven test.",
    "Resident.postcode": "Four digits and two letters that PostNL gives out.",
    "Resident.house_number": "It begins with a number from 1 to 99999: `7`, `12 hs`, `3-2`; not `12.0`.",
    "Resident.addition": f"Letters and digits; {LONGEST_ADDITION} at most, with what follows the number.",
}
EMPTY = {"anyOf": [TEXT | {"maxLength": 0}, NULL]}


NONE_NAMED = {"anyOf": [{"type": "array", "maxItems": 0}, NULL]}


def _said(**fields: dict[str, Any]) -> dict[str, Any]:
    needed = [name for name, schema in fields.items() if schema.get("type") == "string"]
    return {"properties": fields, "required": needed}


# Which of its fields belong together, by the name of the record.
SHAPES: dict[str, dict[str, Any]] = {
    "Resident": {
        "anyOf": [
            {"title": "by number"} | _said(bsn=TEXT, postcode=EMPTY, house_number=EMPTY, addition=EMPTY),
            {"title": "by address"}
            | _said(bsn=NULL, postcode=TEXT | {"minLength": 1}, house_number=TEXT | {"minLength": 1}),
        ]
    },
    "OutreachOutcome": {
        "anyOf": [
            _said(picked_up_on=TEXT, signals=NONE_NAMED),
            {"properties": {"attempt": {"type": "object"}, "signals": NONE_NAMED}, "required": ["attempt"]},
            _said(result=TEXT),
            {
                "properties": {"asks_still_open": {"const": True}, "signals": NONE_NAMED},
                "required": ["asks_still_open"],
            },
        ]
    },
}

"""What the next visitor must know: codes that apply for a while, and no reasons.

Runs on Python 3.9, so without the newer forms of dataclass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from eropaf_client.errors import Fault
from eropaf_client.records import EPOCH
from eropaf_client.validation import of_type

LANGUAGE = re.compile("[a-z]{2}")
# As `validation.SIGNAL`.
FIELDS = (
    ("until", date, False),
    ("come_back_on", date, True),
    ("evenings", bool, False),
    ("two_together", bool, False),
    ("interpreter", str, True),
    ("card_left", bool, False),
)


@dataclass(frozen=True)
class FollowUp:
    """Codes for the next visit, up to and including `until`; `interpreter` is a language (ISO 639-1)."""

    until: date
    come_back_on: date | None = None
    evenings: bool = False
    two_together: bool = False
    interpreter: str | None = None
    card_left: bool = False

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> FollowUp:
        """Make it from its Avro value."""
        come_back_on = record["come_back_on"]
        return cls(
            until=EPOCH + timedelta(days=record["until"]),
            come_back_on=None if come_back_on is None else EPOCH + timedelta(days=come_back_on),
            evenings=record["evenings"],
            two_together=record["two_together"],
            interpreter=record["interpreter"],
            card_left=record["card_left"],
        )

    def to_record(self) -> dict[str, Any]:
        """Return the Avro value: dates as days since 1970."""
        return {
            "until": (self.until - EPOCH).days,
            "come_back_on": self.come_back_on and (self.come_back_on - EPOCH).days,
            "evenings": self.evenings,
            "two_together": self.two_together,
            "interpreter": self.interpreter,
            "card_left": self.card_left,
        }


def faults(follow_up: FollowUp) -> Iterator[Fault]:
    """Yield every fault of `follow_up`, each naming its field."""
    wrong = list(of_type(follow_up, FIELDS, "follow_up."))
    yield from wrong
    if wrong:
        return
    if follow_up.come_back_on is not None and follow_up.come_back_on > follow_up.until:
        yield Fault("follow_up.until", "too-early", "must not be before come_back_on")
    if follow_up.interpreter is not None and LANGUAGE.fullmatch(follow_up.interpreter) is None:
        yield Fault("follow_up.interpreter", "no-language", "must be two letters, such as ar (ISO 639-1)")

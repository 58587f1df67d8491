"""Records that others may write and the board reads, accepted only if it can show them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from eropaf_client.outcomes import OutreachOutcome

LONGEST_KEY = 64
LONGEST_ID = 300
LONGEST_HOLDER_NAME = 200
# Days that every calendar, zone and figure of the board can handle.
FIRST, LAST = date(2000, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement that a household passes from one holder to another (None: nobody).

    `at` is in milliseconds since 1970 UTC.
    """

    household: str
    before: str | None
    holder: str | None
    holder_name: str
    at: int

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Claim:
        """Make the claim from its Avro value.

        Raises:
            ValueError, OverflowError: it holds what no board can show.
        """
        _days(datetime.fromtimestamp(record["at"] / 1000, UTC).date())
        return cls(
            _text(record["household"], LONGEST_KEY),
            None if record["before"] is None else _text(record["before"], LONGEST_ID),
            None if record["holder"] is None else _text(record["holder"], LONGEST_ID),
            _text(record["holder_name"] or "", LONGEST_HOLDER_NAME),
            record["at"],
        )


def outcome(record: Mapping[str, Any]) -> OutreachOutcome:
    """Make an outcome from its Avro value.

    Raises:
        ValueError, OverflowError: it holds what no board can show.
    """
    made = OutreachOutcome.from_record(record)
    _text(made.outcome_id, LONGEST_ID)
    _text(made.household, LONGEST_KEY)
    _days(made.at.date(), made.attempt.on if made.attempt else None, made.picked_up_on)
    return made


def _text(text: str, longest: int) -> str:
    if len(text) > longest:
        raise ValueError("a text that is far too long")
    return text


def _days(*days: date | None) -> None:
    if not all(day is None or FIRST <= day <= LAST for day in days):
        raise ValueError("a day that cannot be")

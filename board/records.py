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

    `at` is in milliseconds since 1970 UTC; so is `at_the_door_since`, if the holder is checked in there.
    """

    household: str
    before: str | None
    holder: str | None
    holder_name: str
    at: int
    at_the_door_since: int | None = None

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Claim:
        """Make the claim from its Avro value.

        Raises:
            ValueError, OverflowError: it holds what no board can show.
        """
        on_a_day(datetime.fromtimestamp(record["at"] / 1000, UTC).date())
        return cls(
            known_text(record["household"], LONGEST_KEY),
            None if record["before"] is None else known_text(record["before"]),
            None if record["holder"] is None else known_text(record["holder"]),
            known_text(record["holder_name"] or "", LONGEST_HOLDER_NAME),
            record["at"],
            record["at_the_door_since"],
        )


def outcome(record: Mapping[str, Any]) -> OutreachOutcome:
    """Make an outcome from its Avro value.

    Raises:
        ValueError, OverflowError: it holds what no board can show.
    """
    made = OutreachOutcome.from_record(record)
    known_text(made.outcome_id)
    known_text(made.household, LONGEST_KEY)
    for day in (made.at.date(), made.attempt.on if made.attempt else None, made.picked_up_on):
        if day is not None:
            on_a_day(day)
    return made


def known_text(text: str, longest: int = LONGEST_ID) -> str:
    """Return a text that a page can show.

    Raises:
        ValueError: it is longer than anybody's.
    """
    if len(text) > longest:
        raise ValueError("a text that is far too long")
    return text


def on_a_day(day: date) -> date:
    """Return a day that every calendar, zone and figure of the board can handle.

    Raises:
        ValueError: it is none.
    """
    if not FIRST <= day <= LAST:
        raise ValueError("a day that cannot be")
    return day

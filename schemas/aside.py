"""Reads records that others may write: unusable ones are set aside, counted, and reported with their place.

For readers outside the flow. A worker sets records aside in its own checkpoint, on the topic `rejected`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from eropaf_client.schemas.errors import SchemaError, Undecodable

Made = TypeVar("Made")

# It decodes, but its content is impossible: a date in no calendar, a text far longer than any of ours.
UNUSABLE = "unusable"
# A flood of them must fill neither memory nor log; counting continues.
MOST_PLACES = 20


@dataclass(frozen=True)
class SetAside:
    """The place of a record that could not be used, and the reason (a code of docs/reference/reasons.md)."""

    topic: str
    partition: int
    offset: int
    reason: str

    def __str__(self) -> str:
        return f"{self.topic}-{self.partition}-{self.offset} ({self.reason})"


@dataclass
class Asides:
    """What one reader set aside: counts by topic and reason, and the places of the first few."""

    tell: Callable[[SetAside], object] = lambda aside: None
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    first: list[SetAside] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.counts)

    @property
    def total(self) -> int:
        """How many records were set aside."""
        return sum(self.counts.values())

    def beside(self, other: Asides) -> Asides:
        """Return the current total of both."""
        both = Counter(dict(self.counts)) + Counter(dict(other.counts))
        return Asides(counts=both, first=[*self.first, *other.first][:MOST_PLACES])

    def usable(self, message: Any, read: Callable[[Any], Made]) -> Made | None:
        """Return `read` applied to a message's value; None if it cannot be used and was set aside.

        Raises:
            RegistryUnavailable: the writer's schema cannot be fetched now. Nothing was set aside.
        """
        try:
            return read(message.value())
        except Undecodable as error:
            reason = error.reason
        except SchemaError:
            raise
        except Exception:  # a value that only the schema allows: it may raise anything
            reason = UNUSABLE
        self.add(SetAside(message.topic() or "", message.partition() or 0, message.offset() or 0, reason))
        return None

    def add(self, aside: SetAside) -> None:
        """Count one, and log it while they are few."""
        self.counts[aside.topic, aside.reason] += 1
        if len(self.first) < MOST_PLACES:
            self.first.append(aside)
            self.tell(aside)

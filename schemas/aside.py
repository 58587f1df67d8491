"""Reads records that others may write: what cannot be used is set aside, counted, and said where it is.

For readers outside the flow. A worker sets aside in its own checkpoint, on the topic `rejected`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from eropaf_client.schemas.errors import SchemaError, Undecodable

Made = TypeVar("Made")

# It decodes, and holds what cannot be: a date that no calendar has, a text far longer than any of ours.
UNUSABLE = "unusable"
# A flood of them must not fill the memory, nor the log; the count goes on.
MOST_PLACES = 20


@dataclass(frozen=True)
class SetAside:
    """Where a record stands that could not be used, and why (a code of docs/reference/reasons.md)."""

    topic: str
    partition: int
    offset: int
    reason: str

    def __str__(self) -> str:
        return f"{self.topic}-{self.partition}-{self.offset} ({self.reason})"


@dataclass
class Asides:
    """What one reader set aside: how many by topic and reason, and where the first of them stand."""

    tell: Callable[[SetAside], object] = lambda aside: None
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    first: list[SetAside] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.counts)

    @property
    def total(self) -> int:
        """How many were set aside."""
        return sum(self.counts.values())

    def beside(self, other: Asides) -> Asides:
        """Return what both set aside, as it is now."""
        both = Counter(dict(self.counts)) + Counter(dict(other.counts))
        return Asides(counts=both, first=[*self.first, *other.first][:MOST_PLACES])

    def usable(self, message: Any, read: Callable[[Any], Made]) -> Made | None:
        """Return what `read` makes of a message's value; None where that cannot be used, and is set aside.

        Raises:
            RegistryUnavailable: the writer's schema could not be asked for now. Nothing was set aside.
        """
        try:
            return read(message.value())
        except Undecodable as error:
            reason = error.reason
        except SchemaError:
            raise
        except Exception:  # a value that the schema allows and nothing else does: whatever that trips over
            reason = UNUSABLE
        self.add(SetAside(message.topic() or "", message.partition() or 0, message.offset() or 0, reason))
        return None

    def add(self, aside: SetAside) -> None:
        """Count one, and tell of it while they are few."""
        self.counts[aside.topic, aside.reason] += 1
        if len(self.first) < MOST_PLACES:
            self.first.append(aside)
            self.tell(aside)

"""Addresses that are unsafe to visit, until a date: how workers go there, never why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from eropaf.board.kept import now_ms
from eropaf.board.records import known_text, on_a_day
from eropaf_client.cluster import Cluster
from eropaf_client.errors import NotAcknowledged
from eropaf_client.schemas.epoch import EPOCH
from eropaf_client.schemas.limits import LONGEST_MARK_DAYS
from eropaf_client.schemas.topics import DOOR_SAFETY
from eropaf_client.sending import Acknowledged, Sender


class Level(StrEnum):
    """How workers go to an address."""

    NOT_ALONE = "NOT_ALONE"
    OFFICE_ONLY = "OFFICE_ONLY"

    @classmethod
    def _missing_(cls, value: object) -> Level:
        return cls.OFFICE_ONLY  # of a newer version: nobody comes to harm by the strictest


@dataclass(frozen=True, slots=True)
class Mark:
    """How workers go to an address up to and including a day; `decided_by` is None for the loaded list."""

    level: Level
    until: date
    decided_by: str | None = None

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Mark:
        """Make the mark from its Avro value.

        Raises:
            ValueError, OverflowError: it holds what no board can show.
        """
        decided_by = record["decided_by"]
        return cls(
            Level(record["level"]),
            on_a_day(EPOCH + timedelta(record["until"])),
            None if decided_by is None else known_text(decided_by),
        )

    def to_record(self, household: str) -> dict[str, object]:
        """Return its Avro value for a household, decided now."""
        until = (self.until - EPOCH).days
        said = {"level": self.level.value, "until": until, "decided_by": self.decided_by, "at": now_ms()}
        return {"household": household, **said}


@dataclass(frozen=True, slots=True)
class Decision:
    """What was last decided of an address: a mark, or that there is none."""

    household: str
    mark: Mark | None


class Marks:
    """The marks that hold, as the topic last said; each ends by itself."""

    def __init__(self) -> None:
        self._marks: dict[str, Mark] = {}

    def of(self, household: str, today: date) -> Mark | None:
        """Return the mark of `household` that holds `today`."""
        mark = self._marks.get(household)
        return None if mark is None or mark.until < today else mark

    def take(self, decision: Decision) -> None:
        """Replace what was decided before."""
        self._marks.pop(decision.household, None)
        if decision.mark is not None:
            self._marks[decision.household] = decision.mark

    def forget_old(self, today: date) -> None:
        """Forget the marks that have ended."""
        for household in [each for each, mark in self._marks.items() if mark.until < today]:
            del self._marks[household]


def farthest_mark(on: date) -> date:
    """Return the last day on which a mark made `on` a day may hold."""
    return on + timedelta(LONGEST_MARK_DAYS)


class MarkSender:
    """Publishes what a lead decides; every board shows it once it is read back."""

    def __init__(self, cluster: Cluster) -> None:
        self._sender = Sender(cluster, DOOR_SAFETY, "DoorSafety")

    def send(self, household: str, mark: Mark | None) -> Acknowledged:
        """Publish a household's mark, or that it has none.

        Raises:
            NotAcknowledged: no answer in time; it may or may not be stored.
        """
        value = None if mark is None else self._sender.encode(mark.to_record(household))
        sent = self._sender.store(household, value)
        if sent.at is None:
            raise NotAcknowledged(f"what was decided was not acknowledged ({sent.error})")
        return sent.at

    def close(self) -> None:
        """Wait for records in flight."""
        self._sender.close()

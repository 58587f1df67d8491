"""What is compared: an order and its ties, a delivery, a team and its channel, a model of help, a silence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from eropaf.simulate.years.sectors import NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

NOBODY = "nobody"


class Delivery(StrEnum):
    """When what creditors say reaches the list."""

    LIVE = "live"
    WEEKLY = "weekly"
    MONTHLY = "monthly"

    def releases(self, day: int, list_day: int) -> bool:
        """Say whether a list is released on the morning of a day: with all that was said before it."""
        if self is Delivery.LIVE:
            return True
        if self is Delivery.WEEKLY:
            return day % 7 == 1  # a Monday
        return day == list_day


class Channel(StrEnum):
    """How a team spends its hours."""

    MIXED = "mixed"
    CALLS = "calls"
    VISITS = "visits"


class Effect(StrEnum):
    """For whom help works: with equal chances, or more or less often the more strain there is."""

    EQUAL = "equal"
    RISING = "rising"
    FALLING = "falling"


class Ties(StrEnum):
    """Who of several that an order puts level comes first: who draws it, or who needs no help."""

    LOT = "lot"
    AGAINST = "against"


# 0.33 full-time worker per 10,000 inhabitants (Ontwikkelingen in de vroegsignalering, Divosa 2023).
WORKERS = 0.33
MOST_WORKERS = 10
# Hours: a choice. "Ten addresses planned in an afternoon" (Volkskrant) is less than half an hour each.
VISIT_HOURS, CALL_HOURS = 0.5, 0.25


class WrongArm(ValueError):
    """What is to be compared cannot be; the message says why."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One course of the city. `order` is a policy's version, or the name of a baseline.

    `workers` are full-time ones per 10,000 inhabitants. Only a policy's ties can go `against` who needs help:
    what is shown of it then is its least. Of a `silent` kind no creditor says anything; empty is of none.
    """

    order: str
    delivery: Delivery = Delivery.LIVE
    workers: float = WORKERS
    channel: Channel = Channel.MIXED
    effect: Effect = Effect.EQUAL
    ties: Ties = Ties.LOT
    silent: str = ""

    def __post_init__(self) -> None:
        if not 0 < self.workers <= MOST_WORKERS:
            raise WrongArm(
                f"workers are {self.workers:g} and must be above 0, to {MOST_WORKERS} per 10,000 inhabitants"
            )
        if self.silent and self.silent not in NAMES:
            raise WrongArm(f"there are no creditors of {self.silent}; there are {', '.join(NAMES)}")

    @property
    def name(self) -> str:
        """Return it in one line: what is as usual in ties and silence is left out."""
        ties = "" if self.ties is Ties.LOT else f"/ties {self.ties}"
        silent = f"/{self.silent} silent" if self.silent else ""
        return f"{self.order}/{self.delivery}/{self.workers!r}/{self.channel}/{self.effect}{ties}{silent}"

    @property
    def cells(self) -> tuple[str, ...]:
        """Return it as the cells of `ARM`; `read` understands them."""
        return (
            self.order, self.delivery.value, repr(self.workers), self.channel.value, self.effect.value,
            self.ties.value, self.silent,
        )  # fmt: skip

    @classmethod
    def read(cls, row: Mapping[str, str]) -> Arm:
        """Return that of a line of results.

        Raises:
            ValueError: a cell is none of ours.
        """
        return cls(
            row["order"],
            Delivery(row["delivery"]),
            float(row["workers"]),
            Channel(row["channel"]),
            Effect(row["effect"]),
            Ties(row["ties"]),
            row["silent"],
        )


# In every file of results: which course a line is of.
ARM = ("order", "delivery", "workers", "channel", "effect", "ties", "silent")


def monthly(arm: Arm, reports: float, visited: float, phoned: float) -> tuple[float, float]:
    """Return the visits and calls that an arm's team makes in a month.

    A team of `WORKERS` makes those that the city is fitted to, `visited` and `phoned` shares of `reports`;
    others by their hours.
    """
    hours = reports * (visited * VISIT_HOURS + phoned * CALL_HOURS) * arm.workers / WORKERS
    if arm.channel is Channel.CALLS:
        return 0.0, hours / CALL_HOURS
    if arm.channel is Channel.VISITS:
        return hours / VISIT_HOURS, 0.0
    more = arm.workers / WORKERS
    return reports * visited * more, reports * phoned * more

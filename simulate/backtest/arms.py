"""What is compared: an order, a delivery, a team and its channel, a model of what help does."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

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

    `workers` are full-time ones per 10,000 inhabitants.
    """

    order: str
    delivery: Delivery = Delivery.LIVE
    workers: float = WORKERS
    channel: Channel = Channel.MIXED
    effect: Effect = Effect.EQUAL

    def __post_init__(self) -> None:
        if not 0 < self.workers <= MOST_WORKERS:
            raise WrongArm(
                f"workers are {self.workers:g} and must be above 0, to {MOST_WORKERS} per 10,000 inhabitants"
            )

    @property
    def name(self) -> str:
        """Return it in one line, as it stands in results."""
        return f"{self.order}/{self.delivery}/{self.workers!r}/{self.channel}/{self.effect}"


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

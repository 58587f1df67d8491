"""What befalls a schedule: many faults, and several at once. All of them follow from the seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

KINDS = (
    "kill", "pause", "cut", "drain", "join", "weather", "move transactions", "move groups", "move leaders",
    "compact", "age", "stale", "half-way", "host",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Strike:
    """One fault: when it comes, how long it stays, and whom it hits."""

    at_s: float
    kind: str
    lasts_s: float
    target: int

    def __str__(self) -> str:
        return f"{self.at_s:.3f} s: {self.kind} of {self.target} for {self.lasts_s:.2f} s"


def drawn(random: Random, most: int, within_s: float) -> list[Strike]:
    """Return the faults of one schedule, in order."""
    return sorted(
        (
            Strike(
                random.random() * within_s,
                random.choice(KINDS),
                random.choice((0.1, 0.5, 2.0)) * (0.5 + random.random()),
                random.randrange(3),
            )
            for _ in range(random.randint(1, most))
        ),
        key=lambda strike: strike.at_s,
    )


def shrunk(strikes: list[Strike], fails: Callable[[list[Strike]], bool]) -> list[Strike]:
    """Return as few of `strikes` as still fail, in a few rounds of leaving some out."""
    size = max(1, len(strikes) // 2)
    while size:
        start = 0
        while start < len(strikes):
            fewer = strikes[:start] + strikes[start + size :]
            if fails(fewer):
                strikes = fewer
            else:
                start += size
        size //= 2
    return strikes

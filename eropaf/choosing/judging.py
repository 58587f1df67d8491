"""What the best of the policies that were tried gain on cities that did not choose them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eropaf.choosing.cities import Courses
from eropaf.choosing.points import KNOBS, Numbers, policy_of
from eropaf.choosing.search import Tried
from eropaf.simulate.backtest.arms import Arm
from eropaf.simulate.backtest.figures import Figures
from eropaf.simulate.backtest.orders import OLDEST_FIRST
from eropaf.simulate.backtest.summary import Interval

# So many of the best are judged: were it the best alone, nothing would show how far luck chose it.
JUDGED = 5
JUDGED_HEAD = (
    "order", *(knob.title for knob in KNOBS), "chosen_on", "chosen_on_low", "chosen_on_high",
    "others", "others_low", "others_high",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finalists:
    """The policy that was begun with, and the best of those that were tried, the best one first."""

    start: Tried
    ahead: tuple[Tried, ...]

    @property
    def best(self) -> Tried:
        """Return what gained most where it was chosen; what was begun with, where nothing gained more."""
        return self.ahead[0] if self.ahead else self.start

    def courses(self, text: str) -> Courses:
        """Return the courses by which they are judged: what was begun with, the best, and oldest first."""
        policies = [policy_of(text, each.numbers) for each in (self.start, *self.ahead)]
        return [*((Arm(policy.version), policy) for policy in policies), (Arm(OLDEST_FIRST), policies[0])]


def finalists(tried: Sequence[Tried], start: Numbers, by: str) -> Finalists:
    """Return those of `tried` that gained most."""
    begun = next(each for each in tried if each.numbers == start)
    better = sorted(
        (each for each in tried if each.mean(by) > begun.mean(by)),
        key=lambda each: (-each.mean(by), each.numbers),
    )
    return Finalists(begun, tuple(better[:JUDGED]))


@dataclass(frozen=True, slots=True)
class Chosen:
    """How much more an order gains than the policy that was begun with; `trained` where it was chosen."""

    name: str
    numbers: Numbers
    trained: Interval | None
    judged: Interval

    def cells(self) -> tuple[object, ...]:
        """Return it as a line of `judged.csv`."""
        trained = ("", "", "") if self.trained is None else _cells(self.trained)
        return (self.name, *(self.numbers or [""] * len(KNOBS)), *trained, *_cells(self.judged))

    def said(self, by: str) -> str:
        """Return it in a sentence."""
        here = "" if self.trained is None else f"{self.trained} more on the cities it was chosen on, "
        points = ", ".join(
            f"{knob.title} {number}" for knob, number in zip(KNOBS, self.numbers, strict=False)
        )
        return f"{self.name}: {by} {here}{self.judged} more on {self.judged.cities} others" + (
            points and f" ({points})"
        )


def told(of: Finalists, rows: Sequence[Sequence[Figures]], by: str, version: str) -> list[Chosen]:
    """Return how much more each order gains, city by city; `rows` are of other cities, a figure a course."""
    found = []
    for at, each in enumerate(of.ahead, 1):
        trained = [mine[by] - begun[by] for mine, begun in zip(each.cities, of.start.cities, strict=True)]
        judged = Interval.of([row[at][by] - row[0][by] for row in rows])
        found.append(Chosen(f"{version}, tried {at}", each.numbers, Interval.of(trained), judged))
    oldest = Interval.of([row[-1][by] - row[0][by] for row in rows])
    return [*found, Chosen(OLDEST_FIRST, (), None, oldest)]


def _cells(of: Interval) -> tuple[str, str, str]:
    return f"{of.mean:.6g}", f"{of.low:.6g}", f"{of.high:.6g}"

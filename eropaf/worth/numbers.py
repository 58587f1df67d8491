"""The page's numbers as lines of a file: all that it says, whole, in no language."""

from __future__ import annotations

from collections.abc import Iterator

from eropaf.simulate.backtest.levers import GAIN
from eropaf.simulate.backtest.summary import Interval
from eropaf.worth.facts import Change, Facts

HEAD = ("part", "of", "figure", "policy", "other", "more", "low", "high")


def numbers(facts: Facts) -> Iterator[tuple[str, ...]]:
    """Yield what the policy has, what the other, and how much more the policy has, with its 95 % interval."""
    yield from _changes("delivery", "monthly", facts.delivery)
    for order, changes in facts.baselines.items():
        yield from _changes("order", order, changes)
    for lever in facts.levers:
        name, more, low, high, _ = lever.cells()
        yield "lever", name, "visits and calls", "", "", more, low, high
    for verdict in facts.verdicts:
        yield "effect", verdict.effect, verdict.figure, "", "", *_cells(verdict.more)
    for verdict in facts.leasts:
        yield "effect, ties against", verdict.effect, verdict.figure, "", "", *_cells(verdict.more)
    if facts.least is not None:
        yield "ties against", facts.policy, GAIN, "", "", *_cells(facts.least)
    for each in facts.list_days:
        yield "list day", f"{each.day}", "wasted", "", "", *_cells(each.wasted)
        yield "list day", f"{each.day}", GAIN, "", "", *_cells(each.spoken)
    for silence in facts.silences:
        yield "silent", silence.kind, GAIN, "", "", *_cells(silence.spoken)
    for cell in facts.cells:
        where = f"areas {cell.inequality:g}, workers {cell.workers:g}"
        yield "map", where, GAIN, "", "", *_cells(cell.more)
    for group in facts.groups:
        name = f"{group.dimension}:{group.group}"
        yield "group, than the rest", name, "recall", _number(group.recall.mean), "", *_cells(group.than_rest)
        yield "group, than monthly", name, "recall", _number(group.recall.mean), "", *_cells(group.change)


def _changes(part: str, of: str, changes: tuple[Change, ...]) -> Iterator[tuple[str, ...]]:
    for each in changes:
        yield (
            part, of, each.figure, _number(each.here.mean), _number(each.there.mean), *_cells(each.more),
        )  # fmt: skip


def _cells(of: Interval) -> tuple[str, str, str]:
    return _number(of.mean), _number(of.low), _number(of.high)


def _number(number: float) -> str:
    return "" if number != number else f"{number:.6g}"

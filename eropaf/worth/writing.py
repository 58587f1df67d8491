"""Numbers, intervals and names as they are written in a language."""

from __future__ import annotations

from eropaf.simulate.backtest.fairness import Fair
from eropaf.simulate.backtest.levers import Lever
from eropaf.simulate.backtest.summary import Interval
from eropaf.worth.words import Words

# Between the orders of a lever's name.
INSTEAD = " instead of "
SHARES = frozenset({"wasted", "precision", "recall"})
# Figures of which less is better.
LESS = frozenset({"wasted", "days_to_talk"})


def turned(of: Interval) -> Interval:
    """Return how much less, of how much more."""
    return Interval(-of.mean, -of.high, -of.low, of.cities)


def state_of(figure: str, more: Interval) -> str:
    """Return whether a difference is a gain beyond chance, a loss, or neither."""
    if not more.sure:
        return "same"
    gains = (more.mean < 0) if figure in LESS else (more.mean > 0)
    return "better" if gains else "worse"


def named(words: Words, of: Fair) -> str:
    """Return the name of a group; areas have theirs."""
    return words.groups_named.get(of.group, of.group)


def lever_named(words: Words, name: str) -> str:
    """Return a lever's name in words; an order instead of another one has those of both."""
    if name in words.levers:
        return words.levers[name]
    order, other = name.split(INSTEAD, 1)
    return f"{words.orders.get(order, order)}{words.instead}{words.orders.get(other, other)}"


def percent(words: Words, lever: Lever, number: float) -> str:
    """Return a lever's number in percent; at least or at most where no team beyond it was run."""
    bound = {1: words.at_least, -1: words.at_most, 0: ""}[lever.bound(number)]
    sign = "+" if number > 0 else ""
    return f"{bound}{sign}{written(words, 100 * number, 0)}{words.percent}"


def points(words: Words, of: Interval) -> str:
    """Return a share in points of 100."""
    return written(words, 100 * of.mean, 1)


def reach(words: Words, of: Interval) -> str:
    """Return the ends of a share's interval, in points of 100."""
    return f" {words.to} ".join(written(words, 100 * number, 1) for number in (of.low, of.high))


def with_interval(words: Words, of: Interval, scale: float = 1) -> str:
    """Return so many times a number, with its interval."""
    return "{more} ({low} {to} {high})".format(to=words.to, **spread(words, of, scale))


def spread(words: Words, of: Interval, scale: float = 1) -> dict[str, str]:
    """Return so many times a number, and its interval's ends, as sentences take them."""
    return {
        name: written(words, scale * number, 1)
        for name, number in (("more", of.mean), ("low", of.low), ("high", of.high))
    }


def written(words: Words, number: float, digits: int) -> str:
    """Return a number as it is written in the language; an unknown one as a hyphen."""
    if number != number:
        return "-"
    text = f"{number:,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        text = text.replace("-", "")
    return text if words.decimal == "." else text.translate(str.maketrans(",.", ".,"))

"""The page itself: facts put into sentences, plots and tables, in one file that opens without a network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources

from jinja2 import Environment, StrictUndefined

from eropaf.simulate.backtest.fairness import Fair
from eropaf.simulate.backtest.levers import Lever
from eropaf.simulate.backtest.summary import Interval
from eropaf.worth.facts import Change, Facts
from eropaf.worth.plots import intervals
from eropaf.worth.words import WORDS, Language, Words

# Between the orders of a lever's name.
INSTEAD = " instead of "
SHARES = frozenset({"wasted", "precision", "recall"})
# Figures of which less is better.
LESS = frozenset({"wasted", "days_to_talk"})


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with its sentences."""

    title: str
    sentences: list[str]


@dataclass(frozen=True, slots=True)
class Plot:
    """A heading with its drawing."""

    title: str
    drawing: str


def page(facts: Facts, language: Language, files: str) -> str:
    """Return the page in a language; `files` says which folders it was made from."""
    words = WORDS[language]
    template = resources.files("eropaf.worth").joinpath("page.html").read_text("utf-8")
    made = Environment(autoescape=True, undefined=StrictUndefined).from_string(template)
    return made.render(
        words=words,
        subtitle=words.subtitle.format(
            policy=facts.policy, cities=facts.cities, dwellings=_number(words, facts.dwellings, 0),
            workers=_number(words, facts.workers, 2),
        ),
        first=first_page(facts, words),
        plots=list(_plots(facts, words)),
        baselines=[row for name, changes in facts.baselines.items() for row in _rows(words, name, changes)],
        groups=list(_groups(facts, words)),
        made=words.made.format(version=facts.version, files=files),
    )  # fmt: skip


def first_page(facts: Facts, words: Words) -> list[Part]:
    """Return what decides, in the order in which it does."""
    return [
        Part(words.short, list(_short(facts, words))),
        Part(words.change, [*_delivery(facts, words), *_levers(facts, words)]),
        Part(words.how_sure, list(_sure(facts, words))),
        Part(words.turn, [*_verdicts(facts, words), words.chosen, _cost(facts, words)]),
        Part(words.loses, list(_loses(facts, words))),
    ]


def _short(facts: Facts, words: Words) -> Iterator[str]:
    """Yield the answer: what is shown, and what is not."""
    said = {"same": words.short_same, "better": words.short_better, "worse": words.short_worse}
    of = {change.figure: change for change in facts.delivery}
    for figure, scale in (("wasted", 100), ("spoken_in_need", 1), ("averted", 1)):
        more, state = of[figure].more, _state(figure, of[figure].more)
        # Where the sentence itself says fewer, the number has no sign.
        size = _turned(more) if more.mean < 0 and state != "same" else more
        yield said[state][figure].format(**_spread(words, size, scale))
    yield words.short_losers if any(each.loses for each in facts.groups) else words.short_nobody_loses
    best = _surely_most(facts)
    if best is not None:
        yield words.short_lever.format(name=_lever(words, best.name), more=_percent(words, best, best.more))


def _surely_most(facts: Facts) -> Lever | None:
    """Return the lever that gains, and surely more than each other that was run; None where none does."""
    for lever in facts.levers:
        if lever.low > 0 and all(lever.low > each.high for each in facts.levers if each is not lever):
            return lever
    return None


def _turned(of: Interval) -> Interval:
    return Interval(-of.mean, -of.high, -of.low, of.cities)


def _delivery(facts: Facts, words: Words) -> Iterator[str]:
    of = {change.figure: change for change in facts.delivery}
    wasted = of["wasted"]
    yield words.wasted.format(
        here=_number(words, 100 * wasted.here.mean, 1),
        there=_number(words, 100 * wasted.there.mean, 1),
        verdict=_verdict(words, "wasted", wasted.more),
        **_spread(words, _turned(wasted.more), 100),
    )
    spoken, averted = of["spoken_in_need"], of["averted"]
    yield words.spoken.format(
        here=_number(words, spoken.here.mean, 1),
        there=_number(words, spoken.there.mean, 1),
        verdict=_verdict(words, "spoken_in_need", spoken.more),
        **_spread(words, spoken.more),
    )
    yield words.harm.format(verdict=_verdict(words, "averted", averted.more), **_spread(words, averted.more))


def _levers(facts: Facts, words: Words) -> Iterator[str]:
    if not facts.levers:
        yield words.no_levers
        return
    said = []
    for lever in facts.levers:
        more, low, high = (_percent(words, lever, number) for number in (lever.more, lever.low, lever.high))
        said.append(words.lever.format(name=_lever(words, lever.name), more=more, low=low, high=high))
    yield words.levers_said.format(levers="; ".join(said))
    yield words.small_levers


def _sure(facts: Facts, words: Words) -> Iterator[str]:
    yield words.sure.format(cities=facts.cities)
    if facts.calibration is None:
        yield words.not_calibrated
    else:
        of = facts.calibration
        yield words.calibrated.format(
            fitted=of.fitted, fitted_met=of.fitted_met, held_out=of.held_out, held_out_met=of.held_out_met
        )


def _verdicts(facts: Facts, words: Words) -> Iterator[str]:
    if not facts.verdicts:
        yield words.no_effects
    for figure in dict.fromkeys(each.figure for each in facts.verdicts):
        scale = 100 if figure in SHARES else 1
        effects = "; ".join(
            words.under_effect.format(
                effect=words.effects[each.effect],
                verdict=words.verdicts[_state(figure, each.more)],
                **_spread(words, each.more, scale),
            )
            for each in facts.verdicts
            if each.figure == figure
        )
        yield words.against_oldest.format(policy=facts.policy, figure=words.figures[figure], effects=effects)


def _cost(facts: Facts, words: Words) -> str:
    cost, evictions, accepted = facts.costs
    return words.cost.format(
        cost=_number(words, cost.mean, 0),
        accepted=_number(words, accepted.mean, 0),
        evictions=_number(words, evictions.mean, 2),
        low=_number(words, evictions.low, 2),
        high=_number(words, evictions.high, 2),
    )


def _loses(facts: Facts, words: Words) -> Iterator[str]:
    losing = [each for each in facts.groups if each.loses]
    yield words.lose.format(names=_changes(words, losing)) if losing else words.nobody_loses
    if less := [each for each in facts.groups if each.gains_less and not each.loses]:
        yield words.gain_less.format(names=", ".join(_named(words, each) for each in less))
    names = ", ".join(f"{_named(words, each)} ({_points(words, each.recall)})" for each in facts.left_out)
    yield words.left_out.format(names=names) if names else words.nobody_left_out
    if small := ", ".join(_named(words, each) for each in facts.groups if each.too_few):
        yield words.too_small.format(names=small)
    yield words.groups_sure.format(groups=len([each for each in facts.groups if not each.too_few]))


def _changes(words: Words, groups: Sequence[Fair]) -> str:
    return ", ".join(
        f"{_named(words, each)} ({_points(words, each.change)}; {_reach(words, each.change)})"
        for each in groups
    )


def _plots(facts: Facts, words: Words) -> Iterator[Plot]:
    for title, figure, scale in zip(words.plots[:2], ("wasted", "spoken_in_need"), (100, 1), strict=True):
        of = {name: {each.figure: each for each in changes} for name, changes in facts.baselines.items()}
        live = next(each for each in facts.delivery if each.figure == figure)
        rows = [(f"{facts.policy}, live", live.here), (f"{facts.policy}, {words.monthly}", live.there)]
        rows += [(words.orders[name], changes[figure].there) for name, changes in of.items()]
        drawn = [(name, scale * each.low, scale * each.mean, scale * each.high) for name, each in rows]
        yield Plot(title, intervals(title, drawn))
    known = [each for each in facts.groups if not each.too_few]
    changed = [
        (_named(words, each), 100 * each.change.low, 100 * each.change.mean, 100 * each.change.high)
        for each in known
    ]
    yield Plot(words.plots[2], intervals(words.plots[2], changed))


def _rows(words: Words, name: str, changes: Iterable[Change]) -> Iterator[tuple[str, ...]]:
    for change in changes:
        scale, digits = (100, 1) if change.figure in SHARES else (1, 1)
        yield (
            words.orders[name],
            words.figures[change.figure] + (" (%)" if change.figure in SHARES else ""),
            _number(words, scale * change.here.mean, digits),
            _number(words, scale * change.there.mean, digits),
            "{more} ({low} {to} {high})".format(to=words.to, **_spread(words, change.more, scale)),
        )


def _groups(facts: Facts, words: Words) -> Iterator[tuple[str, ...]]:
    for each in facts.groups:
        yield (
            _named(words, each),
            _number(words, each.harms, 0),
            _points(words, each.recall),
            _whole_reach(words, each.than_rest),
            _whole_reach(words, each.change),
            _number(words, 100 * each.false_omission, 1),
            words.notes[each.note],
        )


def _verdict(words: Words, figure: str, more: Interval) -> str:
    said = {"same": words.same, "better": words.better, "worse": words.worse}
    return said[_state(figure, more)]


def _state(figure: str, more: Interval) -> str:
    """Return whether a difference is a gain beyond chance, a loss, or neither."""
    if not more.sure:
        return "same"
    gains = (more.mean < 0) if figure in LESS else (more.mean > 0)
    return "better" if gains else "worse"


def _named(words: Words, of: Fair) -> str:
    """Return the name of a group; areas have theirs."""
    return words.groups_named.get(of.group, of.group)


def _lever(words: Words, name: str) -> str:
    """Return a lever's name in words; an order instead of another one has those of both."""
    if name in words.levers:
        return words.levers[name]
    order, other = name.split(INSTEAD, 1)
    return f"{words.orders.get(order, order)}{words.instead}{words.orders.get(other, other)}"


def _percent(words: Words, lever: Lever, number: float) -> str:
    bound = {1: words.at_least, -1: words.at_most, 0: ""}[lever.bound(number)]
    sign = "+" if number > 0 else ""
    return f"{bound}{sign}{_number(words, 100 * number, 0)}{words.percent}"


def _points(words: Words, of: Interval) -> str:
    return _number(words, 100 * of.mean, 1)


def _reach(words: Words, of: Interval) -> str:
    return f" {words.to} ".join(_number(words, 100 * number, 1) for number in (of.low, of.high))


def _whole_reach(words: Words, of: Interval) -> str:
    return f"{_points(words, of)} ({_reach(words, of)})"


def _spread(words: Words, of: Interval, scale: float = 1) -> dict[str, str]:
    return {
        name: _number(words, scale * number, 1)
        for name, number in (("more", of.mean), ("low", of.low), ("high", of.high))
    }


def _number(words: Words, number: float, digits: int) -> str:
    """Return a number as it is written in the language; an unknown one as a hyphen."""
    if number != number:
        return "-"
    text = f"{number:,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        text = text.replace("-", "")
    return text if words.decimal == "." else text.translate(str.maketrans(",.", ".,"))

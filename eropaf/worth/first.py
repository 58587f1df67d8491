"""The first page, which decides: what changes, how sure that is, what would turn it, who loses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eropaf.simulate.backtest.fairness import Fair
from eropaf.simulate.backtest.levers import GAIN, Lever
from eropaf.worth.facts import Facts, Verdict
from eropaf.worth.turning import ListDay
from eropaf.worth.turns import turns
from eropaf.worth.words import Words
from eropaf.worth.writing import (
    SHARES,
    lever_named,
    named,
    percent,
    points,
    reach,
    spread,
    state_of,
    turned,
    with_interval,
    written,
)

# What orders are held against each other by, on the first page.
ORDERED_BY = ("wasted", GAIN, "recall", "averted")


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with its sentences."""

    title: str
    sentences: list[str]


def first_page(facts: Facts, words: Words) -> list[Part]:
    """Return what decides, in the order in which it does."""
    return [
        Part(words.short, list(_short(facts, words))),
        Part(words.change, [_delivery(facts, words), *_levers(facts, words)]),
        Part(words.how_sure, list(_sure(facts, words))),
        Part(words.turn, [*_verdicts(facts, words), *turns(facts, words), words.chosen, _cost(facts, words)]),
        Part(words.loses, list(_loses(facts, words))),
    ]


def _short(facts: Facts, words: Words) -> Iterator[str]:
    """Yield the answer: what is shown, and what is not."""
    said = {"same": words.short_same, "better": words.short_better, "worse": words.short_worse}
    of = {change.figure: change for change in facts.delivery}
    yield " ".join(_headline(facts, words))
    for figure, scale in (("wasted", 100), ("spoken_in_need", 1), ("averted", 1)):
        more, state = of[figure].more, state_of(figure, of[figure].more)
        # Where the sentence itself says fewer, the number has no sign.
        size = turned(more) if more.mean < 0 and state != "same" else more
        yield said[state][figure].format(**spread(words, size, scale))
    yield from _orders(facts, words)
    if worse := [_under(words, each, "") for each in facts.verdicts if each.state == "worse"]:
        yield words.short_oldest_better.format(said="; ".join(worse))
    elif facts.verdicts and not any(each.state == "better" for each in facts.verdicts):
        yield words.short_oldest_same
    yield words.short_losers if any(each.loses for each in facts.groups) else words.short_nobody_loses
    best = _surely_most(facts)
    if best is not None:
        yield words.short_lever.format(
            name=lever_named(words, best.name),
            more=percent(words, best, best.more),
            low=percent(words, best, best.low),
            high=percent(words, best, best.high),
        )


def _headline(facts: Facts, words: Words) -> Iterator[str]:
    """Yield what is to be decided by, and on which days of the list it does not hold."""
    states = {each.figure: state_of(each.figure, each.more) for each in facts.delivery}
    helps = {states[GAIN], states["averted"]}
    said = "helps" if "better" in helps else "saves" if states["wasted"] == "better" else "nothing"
    said = "worse" if "worse" in {*helps, states["wasted"]} else said
    yield words.headline[said]
    if said not in ("helps", "saves") or not facts.list_days:
        return
    for sentence, wanted in ((words.headline_holds, True), (words.headline_not, False)):
        days = [f"{each.day}" for each in facts.list_days if _shown_too(said, each) is wanted]
        if days:
            yield sentence.format(days=words.also.join(days))


def _shown_too(said: str, of: ListDay) -> bool:
    figure, more = ("wasted", of.wasted) if said == "saves" else (GAIN, of.spoken)
    return state_of(figure, more) == "better"


def _orders(facts: Facts, words: Words) -> Iterator[str]:
    """Yield which simple orders the policy's surely beats, and which surely beat it, figure by figure."""
    heads = {"better": words.orders_better, "worse": words.orders_worse}
    by_figure: dict[str, dict[str, list[str]]] = {}
    for order, changes in facts.baselines.items():
        for change in changes:
            names = by_figure.setdefault(change.figure, {}).setdefault(
                state_of(change.figure, change.more), []
            )
            names.append(words.orders[order])
    said = [
        words.of_figure.format(
            figure=words.figures[figure],
            said=", ".join(
                head.format(names=", ".join(by_figure[figure][state]))
                for state, head in heads.items()
                if state in by_figure[figure]
            )
            or words.orders_same,
        )
        for figure in ORDERED_BY
        if figure in by_figure
    ]
    if said:
        yield words.short_orders.format(orders=len(facts.baselines), said="; ".join(said))


def _surely_most(facts: Facts) -> Lever | None:
    """Return the lever that gains, and surely more than each other that was run; None where none does."""
    for lever in facts.levers:
        if lever.low > 0 and all(lever.low > each.high for each in facts.levers if each is not lever):
            return lever
    return None


def _delivery(facts: Facts, words: Words) -> str:
    of = {change.figure: change for change in facts.delivery}
    wasted, spoken = of["wasted"], of[GAIN]
    return words.delivered.format(
        wasted_here=with_interval(words, wasted.here, 100),
        wasted_there=with_interval(words, wasted.there, 100),
        spoken_here=with_interval(words, spoken.here),
        spoken_there=with_interval(words, spoken.there),
    )


def _levers(facts: Facts, words: Words) -> Iterator[str]:
    if not facts.levers:
        yield words.no_levers
        return
    said = []
    for lever in facts.levers:
        more, low, high = (percent(words, lever, number) for number in (lever.more, lever.low, lever.high))
        said.append(words.lever.format(name=lever_named(words, lever.name), more=more, low=low, high=high))
    yield words.levers_said.format(cities=facts.lever_cities, levers="; ".join(said))
    yield words.small_levers


def _sure(facts: Facts, words: Words) -> Iterator[str]:
    yield words.sure.format(cities=facts.cities)
    if facts.least is not None:
        yield words.least.format(**spread(words, facts.least))
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
        return
    said = [
        words.of_figure.format(
            figure=_figure(words, figure),
            said=", ".join(
                _verdict(words, each) + words.verdicts[each.state]
                for each in facts.verdicts
                if each.figure == figure
            ),
        )
        for figure in dict.fromkeys(each.figure for each in facts.verdicts)
    ]
    yield words.against_oldest.format(
        policy=facts.policy,
        effects=", ".join(words.effects[each] for each in dict.fromkeys(of.effect for of in facts.verdicts)),
        cities=facts.verdicts[0].more.cities,
        said="; ".join(said),
    )
    others = [
        _under(words, least, words.verdicts[least.state])
        for each, least in zip(facts.verdicts, facts.leasts, strict=True)
        if least.state != each.state
    ]
    yield words.least_differs.format(said="; ".join(others)) if others else words.least_same


def _verdict(words: Words, of: Verdict) -> str:
    return with_interval(words, of.more, 100 if of.figure in SHARES else 1)


def _under(words: Words, of: Verdict, verdict: str) -> str:
    said = words.under_effect.format(effect=words.effects[of.effect], said=_verdict(words, of) + verdict)
    return words.of_figure.format(figure=_figure(words, of.figure), said=said)


def _figure(words: Words, figure: str) -> str:
    return words.figures[figure] + (words.of_100 if figure in SHARES else "")


def _cost(facts: Facts, words: Words) -> str:
    cost, evictions, accepted = facts.costs
    return words.cost.format(
        cost=written(words, cost.mean, 0),
        cost_low=written(words, cost.low, 0),
        cost_high=written(words, cost.high, 0),
        accepted=written(words, accepted.mean, 0),
        evictions=written(words, evictions.mean, 2),
        low=written(words, evictions.low, 2),
        high=written(words, evictions.high, 2),
    )


def _loses(facts: Facts, words: Words) -> Iterator[str]:
    losing = [each for each in facts.groups if each.loses]
    yield words.lose.format(names=_changes(words, losing)) if losing else words.nobody_loses
    if less := [each for each in facts.groups if each.gains_less and not each.loses]:
        yield words.gain_less.format(names=", ".join(named(words, each) for each in less))
    names = ", ".join(f"{named(words, each)} ({points(words, each.recall)})" for each in facts.left_out)
    yield words.left_out.format(names=names) if names else words.nobody_left_out
    kinds = [each for each in facts.groups if each.left_out and each.dimension == "harm"]
    if kinds:
        said = ", ".join(f"{named(words, each)} ({points(words, each.recall)})" for each in kinds)
        yield words.kinds_left_out.format(names=said)
    if small := ", ".join(named(words, each) for each in facts.groups if each.too_few):
        yield words.too_small.format(names=small)
    yield words.groups_sure.format(groups=len([each for each in facts.groups if not each.too_few]))


def _changes(words: Words, groups: Sequence[Fair]) -> str:
    return ", ".join(
        f"{named(words, each)} ({points(words, each.change)}; {reach(words, each.change)})" for each in groups
    )

"""What may turn the conclusion, in sentences: another day of the list, a silence, areas ranked."""

from __future__ import annotations

from collections.abc import Iterator

from eropaf.simulate.backtest.levers import GAIN
from eropaf.worth.facts import Facts
from eropaf.worth.words import Words
from eropaf.worth.writing import spread, state_of, with_interval, written


def turns(facts: Facts, words: Words) -> Iterator[str]:
    """Yield them; what was not run is said to be missing."""
    if not facts.list_days:
        yield words.no_list_day
    for each in facts.list_days:
        wasted, spoken = spread(words, each.wasted, 100), spread(words, each.spoken)
        yield words.list_day.format(
            day=each.day,
            cities=each.spoken.cities,
            wasted=wasted["more"], wasted_low=wasted["low"], wasted_high=wasted["high"],
            spoken=spoken["more"], spoken_low=spoken["low"], spoken_high=spoken["high"],
        )  # fmt: skip
    yield _silences(facts, words) if facts.silences else words.no_silences
    yield _map(facts, words) if facts.cells else words.no_map


def map_rows(facts: Facts, words: Words) -> list[tuple[str, ...]]:
    """Return the map as the lines of a table, its head first; a line for each inequality."""
    teams = sorted({each.workers for each in facts.cells})
    by_place = {(each.inequality, each.workers): each.more for each in facts.cells}
    head = (words.map_head, *(words.team.format(workers=written(words, team, 2)) for team in teams))
    lines = [
        (written(words, inequality, 2), *(with_interval(words, by_place[inequality, team]) for team in teams))
        for inequality in sorted({each.inequality for each in facts.cells})
    ]
    return [head, *lines]


def _silences(facts: Facts, words: Words) -> str:
    said = (
        words.silence.format(creditors=words.creditors[each.kind], **spread(words, each.spoken))
        for each in facts.silences
    )
    cities = min(each.spoken.cities for each in facts.silences)
    return words.silences.format(cities=cities, said="; ".join(said))


def _map(facts: Facts, words: Words) -> str:
    states = [state_of(GAIN, each.more) for each in facts.cells]
    cities = min(each.more.cities for each in facts.cells)
    return words.map_said.format(
        cities=cities, all=len(states), more=states.count("better"), fewer=states.count("worse")
    )

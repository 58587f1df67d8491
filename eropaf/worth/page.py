"""The page itself: facts put into sentences, plots and tables, in one file that opens without a network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources

from jinja2 import Environment, StrictUndefined

from eropaf.worth.facts import Change, Facts
from eropaf.worth.first import first_page
from eropaf.worth.languages import WORDS
from eropaf.worth.plots import intervals
from eropaf.worth.turns import map_rows
from eropaf.worth.words import Language, Words
from eropaf.worth.writing import SHARES, named, points, with_interval, written


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
            policy=facts.policy, cities=facts.cities, dwellings=written(words, facts.dwellings, 0),
            workers=written(words, facts.workers, 2),
        ),
        first=first_page(facts, words),
        plots=list(_plots(facts, words)),
        baselines=[row for name, changes in facts.baselines.items() for row in _rows(words, name, changes)],
        groups=list(_groups(facts, words)),
        map=map_rows(facts, words) if facts.cells else [],
        made=words.made.format(version=facts.version, files=files),
    )  # fmt: skip


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
        (named(words, each), 100 * each.change.low, 100 * each.change.mean, 100 * each.change.high)
        for each in known
    ]
    yield Plot(words.plots[2], intervals(words.plots[2], changed))


def _rows(words: Words, name: str, changes: Iterable[Change]) -> Iterator[tuple[str, ...]]:
    for change in changes:
        scale, digits = (100, 1) if change.figure in SHARES else (1, 1)
        yield (
            words.orders[name],
            words.figures[change.figure] + (" (%)" if change.figure in SHARES else ""),
            written(words, scale * change.here.mean, digits),
            written(words, scale * change.there.mean, digits),
            with_interval(words, change.more, scale),
        )


def _groups(facts: Facts, words: Words) -> Iterator[tuple[str, ...]]:
    for each in facts.groups:
        yield (
            named(words, each),
            written(words, each.harms, 0),
            points(words, each.recall),
            with_interval(words, each.than_rest, 100),
            with_interval(words, each.change, 100),
            written(words, 100 * each.false_omission, 1),
            words.notes[each.note],
        )

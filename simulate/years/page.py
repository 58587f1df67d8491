# ruff: noqa: E501  # rows of a table
"""The page of the calibration: every target beside what the city gives, and every parameter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from eropaf.simulate.years import fit
from eropaf.simulate.years.bills import TO_CAK
from eropaf.simulate.years.course import BURN_IN_MONTHS
from eropaf.simulate.years.creditors import BILLS_BEFORE_STEP, MONTHS_TO_END
from eropaf.simulate.years.days import DAYS_OF_A_MONTH, INCOME_FROM
from eropaf.simulate.years.measured import Figures
from eropaf.simulate.years.misses import WHY
from eropaf.simulate.years.parameters import Parameters, ranges
from eropaf.simulate.years.population import (
    AREAS,
    CORPORATION_SHARE,
    DWELLINGS,
    FORMS,
    INCOMES,
    NEIGHBOURHOODS,
    TENANCIES,
    Form,
    Income,
)
from eropaf.simulate.years.sectors import ENERGY, RENT, SECTORS
from eropaf.simulate.years.targets import TARGETS, Target

# What was measured, by the year whose practice held.
ByYear = Mapping[str, Figures]

HEAD = """# How far the simulated city is to be believed

Written by `eropaf simulate calibrate --dwellings {dwellings} --years {years} --seed {seed}`. The numbers
were found by `eropaf simulate fit --dwellings {fit.DWELLINGS} --years {fit.YEARS} --seed {fit.SEED} --rounds {fit.ROUNDS}`.
Each fit goes on from where the numbers stand. What was decided, and what the city cannot show: [ADR 60](../adr/0060-a-city-of-years.md).

A target is met within 10 % of the published figure, or inside the source's own range. **Held-out** figures
were never turned to by the fit; the shape of the city was changed after most of them had been seen (ADR 60). Where a figure is
of 2021 or 2024, the city is judged under that year's practice. What was **put in**, and what **follows** from figures that
were fitted or put in, tests nothing: it is shown, with what it follows from, and counted in neither.

"Almost 800,000 households were offered help" in 2024 is read as offers: there are no more households than reports,
and 2.9 reports a month per 1,000 inhabitants, published for 2023, are 0.07 a household and year.
"""


def head(dwellings: int, years: int, seed: int) -> str:
    """Return the top of the page: how it was made, and how the numbers were found."""
    return HEAD.format(dwellings=dwellings, years=years, seed=seed, fit=fit)


def page(figures: ByYear, parameters: Parameters, made: str) -> str:
    """Return the page, in Markdown; `made` says how, and stands on top."""
    parts = [made, "## In short\n", _short(figures), "## Targets\n", _targets(figures)]
    parts += [
        "## What is missed, and why\n",
        _misses(figures),
        "## Parameters\n",
        parameters_table(parameters),
        "## Constants\n",
        "What no command changes. All but those with a source are choices.\n",
        constants_tables(),
    ]
    return "\n".join(parts)


def parameters_table(parameters: Parameters) -> str:
    """Return every parameter with value, range, unit and source, as a table."""
    rows = (
        (
            f"`{name}`",
            _number(getattr(parameters, name)),
            f"{known.low:g} to {known.high:g}",
            known.unit,
            known.source,
        )
        for name, known in ranges().items()
    )
    return _table(("parameter", "value", "range", "unit", "source"), rows)


def constants_tables() -> str:
    """Return what the code holds beside its parameters: households, areas, bills, steps."""
    incomes = [income.name.lower().replace("_", " ") for income in Income]
    households = (
        (form.name.lower().replace("_", " "), _number(share), *(_number(each) for each in of))
        for form, share, of in zip(Form, FORMS, INCOMES, strict=True)
    )
    areas = (
        (area, _number(dwellings), _number(corporation))
        for area, dwellings, corporation in zip(AREAS, DWELLINGS, CORPORATION_SHARE, strict=True)
    )
    bills = (
        (
            sector.name,
            f"{sector.bill_eur[0]} to {sector.bill_eur[1]}",
            f"{sector.reported_from} to {sector.reported_to}",
            f"{sector.creditors}",
            _number(sector.distress_share),
        )
        for sector in SECTORS
    )
    return "\n".join(
        (
            _table(("household", "share", *incomes), households),
            _table(("area", "share of dwellings", "corporation's (AFWC Jaarbericht 2021)"), areas),
            _table(
                ("bill", "EUR a month", "months of arrears when reported", "creditors", "share of distress"),
                bills,
            ),
            _table(("constant", "value", "unit"), CONSTANTS),
        )
    )


CONSTANTS = (
    ("corporation, private rent, of dwellings", f"{TENANCIES[0]:g}, {TENANCIES[1]:g}", "share (WiA 2023)"),
    ("neighbourhoods of an area", f"{NEIGHBOURHOODS}", "of one size"),
    (
        "court order, end of delivery",
        f"{BILLS_BEFORE_STEP[RENT]}, {BILLS_BEFORE_STEP[ENERGY]}",
        "unpaid bills at least; three reminders of fourteen days before an end of delivery (Stedin 2023)",
    ),
    ("eviction, disconnection", f"{MONTHS_TO_END}", "months after it"),
    ("the premium goes to CAK", f"{TO_CAK}", "months (Zorgwijzer)"),
    ("days of a month", f"{DAYS_OF_A_MONTH}", "lived; a step is taken on any of them"),
    ("income", f"{INCOME_FROM}", "day of the month from which on it comes"),
    ("before the first month that counts", f"{BURN_IN_MONTHS}", "months"),
)


def missed(figures: ByYear) -> list[Target]:
    """Return the targets that `figures` do not meet."""
    return [target for target in TARGETS if not target.met(figures[target.year][target.figure])]


def _short(figures: ByYear) -> str:
    misses = {target.what for target in missed(figures)}

    def met(held_out: bool) -> tuple[int, int]:
        of = [target.what for target in TARGETS if target.counted and target.held_out is held_out]
        return len(of), len([what for what in of if what not in misses])

    (fitted, fitted_met), (of, held_out_met) = met(held_out=False), met(held_out=True)
    return (
        f"Of {fitted} targets that were fitted {fitted_met} are met, of {of} held-out ones "
        f"**{held_out_met}** ({round(100 * held_out_met / of)} %). The aim is 90 %. "
        f"{len(TARGETS) - fitted - of} more were put in or follow, and are counted in neither.\n"
    )


def _targets(figures: ByYear) -> str:
    rows = (
        (
            target.what,
            _number(target.value),
            _number(figures[target.year][target.figure]),
            _role(target),
            "met" if target.met(figures[target.year][target.figure]) else "**missed**",
            target.source,
        )
        for target in TARGETS
    )
    return _table(("what", "published", "city", "role", "", "source"), rows)


def _role(target: Target) -> str:
    if target.follows:
        return target.follows if target.follows.startswith("put in") else f"follows: {target.follows}"
    return "held out" if target.held_out else "fitted"


def _misses(figures: ByYear) -> str:
    return "".join(
        f"- **{target.what}** ({_number(target.value)}, city {_number(figures[target.year][target.figure])}): "
        f"{WHY.get(target.what, 'not explained yet')}.\n"
        for target in missed(figures)
    )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _number(number: float) -> str:
    return f"{number:.3g}" if number >= 0.001 or number == 0 else f"{number:.6f}"

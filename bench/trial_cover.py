# ruff: noqa: E501  # a page's tables
"""How often intervals of simulated trials cover the truth, and tests err (`make trial-cover`).

Ten thousand trials with an effect and as many without, for each design that a municipality may have: with a
thousand, chance alone takes one rate in seven out of 4 to 6 %. Prints docs/explanation/trial-cover.md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat

from eropaf.trial.plan import Design, Plan, WrongPlan
from eropaf.trial.simulated import Power, power

TRIALS = 10_000
DRAW = "a public draw"
HEAD = f"""# How far the trial kit's intervals are to be believed

Written by `make trial-cover`: {TRIALS:,} simulated trials with the effect, and as many without, of each design. Meant are 95 % of intervals that
hold the truth, and 5 % of trials that find an effect where there is none; wanted are 93.5 to 96.5 % and 4 to 6 %. *Refused*: the design was planned, but
so few came to have the outcome that no interval is said. How it is done: [ADR 61](../adr/0061-backtests-through-the-rules.md).

Shares of strata and areas differ by a standard deviation of 5 points, or half the share where that is less; areas drift, and some are three times as
large as others.

## By lots

| households | in strata of | have the outcome | effect | found | found where there is none | intervals that hold the truth | refused |
|---|---|---|---|---|---|---|---|
"""
WEDGE = """
## By areas that begin one after another

| areas | periods | households in each | have the outcome | effect | found | found where there is none | intervals that hold the truth |
|---|---|---|---|---|---|---|---|
"""
REFUSED = """
## What is refused

With fewer outcomes neither the interval nor the test can hold what it says: most trials would see no difference at all between arms.

"""
LOTS_OF = (
    (50, 5, 0.5, 0.2),
    (80, 5, 0.2, 0.15),
    (80, 2, 0.5, -0.3),
    (100, 2, 0.2, 0.15),
    (100, 3, 0.5, 0.2),
    (140, 5, 0.1, 0.1),
    (200, 2, 0.1, 0.1),
    (200, 5, 0.2, -0.15),
    (200, 8, 0.5, 0.15),
    (300, 5, 0.05, 0.08),
    (650, 5, 0.02, 0.04),
    (1600, 5, 0.2, 0.06),
)
WEDGE_OF = (
    (6, 4, 40, 0.2, 0.15),
    (6, 7, 20, 0.05, 0.06),
    (7, 4, 60, 0.5, 0.15),
    (8, 5, 40, 0.02, 0.03),
    (10, 3, 60, 0.2, 0.15),
    (12, 5, 40, 0.1, 0.08),
    (22, 6, 20, 0.2, 0.1),
    (22, 12, 20, 0.02, 0.02),
)
TOO_SMALL = (
    (Design.LOTS, 20, 0.5, 0, 0),
    (Design.LOTS, 40, 0.2, 0, 0),
    (Design.LOTS, 200, 0.02, 0, 0),
    (Design.WEDGE, 40, 0.2, 4, 4),
    (Design.WEDGE, 40, 0.2, 6, 3),
    (Design.WEDGE, 10, 0.02, 8, 5),
)


def plans() -> Iterator[Plan]:
    """Yield the designs, those by lots first."""
    for households, stratum, share, effect in LOTS_OF:
        yield Plan(
            Design.LOTS, DRAW, "o", share, effect, households, stratum=stratum, spread=min(0.05, share / 2)
        )
    for areas, periods, households, share, effect in WEDGE_OF:
        yield Plan(
            Design.WEDGE, DRAW, "o", share, effect, households, areas=areas, periods=periods,
            spread=min(0.05, share / 2),
        )  # fmt: skip


def row(plan: Plan, found: Power) -> str:
    """Return a design's line of the page."""
    rates = [f"{plan.effect:+.0%}", f"{found.found:.0%}", f"{found.without:.2%}", f"{found.covered:.2%}"]
    if plan.design is Design.WEDGE:
        of = [f"{plan.areas}", f"{plan.periods}", f"{plan.households}", f"{plan.share:.0%}"]
    else:
        most = 2 * plan.stratum - 2
        of = [f"{plan.households:,}", f"2 to {most}" if most > 2 else "2", f"{plan.share:.0%}"]
        rates.append(f"{found.refused:.1%}")
    return f"| {' | '.join([*of, *rates])} |\n"


def refusals() -> Iterator[str]:
    """Yield what is said of designs that are too small.

    Raises:
        AssertionError: one is not refused.
    """
    for design, households, share, areas, periods in TOO_SMALL:
        try:
            Plan(design, DRAW, "o", share, 0.1, households, areas=areas, periods=periods)
        except WrongPlan as error:
            yield f"- {error}.\n"
        else:
            raise AssertionError(f"{households} households with {share:.0%} are not refused")


def main() -> int:
    """Print the page; 1 where a design does not hold what it says."""
    designs = list(plans())
    with ProcessPoolExecutor(2) as pool:
        found = dict(zip(designs, pool.map(power, designs, repeat(TRIALS)), strict=True))
    lots = "".join(row(plan, of) for plan, of in found.items() if plan.design is Design.LOTS)
    wedge = "".join(row(plan, of) for plan, of in found.items() if plan.design is Design.WEDGE)
    print(HEAD + lots + WEDGE + wedge + REFUSED + "".join(refusals()), end="")
    off = [
        plan
        for plan, of in found.items()
        if not (0.935 <= of.covered <= 0.965 and 0.04 <= of.without <= 0.06)
    ]
    for plan in off:
        print(f"does not hold what it says: {plan}", file=sys.stderr)
    return 1 if off else 0


if __name__ == "__main__":
    sys.exit(main())

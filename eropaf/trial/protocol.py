# ruff: noqa: E501  # a page's paragraphs
"""A trial's protocol, in words: what is done, to whom, what is counted, and what is decided beforehand."""

from __future__ import annotations

from eropaf.trial.effect import OTHER_ORDERS
from eropaf.trial.plan import Design, Plan

HEAD = """# Protocol

Outcome: {outcome}. Today {share:.1%} have it; an effect of {effect:+.1%} is not to be missed.

## Whom it touches

Every household is offered help all the same, as the law asks (Wgs art. 3): what differs is who comes first, or by which list. Nobody is
left out. Have it looked at by the data protection officer, and say it where you say that you signal early.

## The draw

The phrase is `{phrase}`. The lot of a name is the sha256 of the phrase, a line's end, and the name, as UTF-8. Publish the phrase before the list
is known; `eropaf trial assign` draws once, and `assigned.json` holds the sha256 of plan, list and draw.

"""
LOTS = """Households that the policy cannot tell apart (`stratum`: one band and score, or a band in an area) are put in the order of their lots, and go by
turns to `first` and `later`; which of the two begins is a lot too. Strata of fewer than four are drawn as one, `rest`.
`first` is visited or called before `later`. About {households} households take part.

## The analysis

Everybody counts as drawn, visited or not. The difference of shares is taken within each stratum and weighted by its size; the 95 % interval is Neyman's.
Who has no outcome is counted by arm and told beside the result.
"""
WEDGE = """{areas} areas, {periods} periods, about {households} households in an area and period. In the first period no area has the new way, in the last one every
area has; in between they begin in the order of their lots, spread evenly.

## The analysis

Shares of areas by periods: each area and each period has its own level, and what is left is laid against when each area began. Chance is that of the draw:
the same is asked of {orders} other orders of the areas, and the 95 % interval holds every effect that they do not rule out.
"""
POWER = """
## Power

Of {trials} simulated trials the effect is found in {found:.1%}; where there is none, one is found in {without:.1%} (5 % is meant). Areas or strata differ in
them by a standard deviation of {spread:.1%}.

## Decided beforehand

One outcome, one analysis, one look at the end. What else is found is told as found, not as tested. The trial ends early only where harm shows.
"""


def protocol(plan: Plan, found: float, without: float, trials: int) -> str:
    """Return the protocol of a plan, in Markdown."""
    text = HEAD + (LOTS if plan.design is Design.LOTS else WEDGE) + POWER
    return text.format(
        outcome=plan.outcome, share=plan.share, effect=plan.effect, phrase=plan.phrase, households=plan.households,
        areas=plan.areas, periods=plan.periods, orders=OTHER_ORDERS, trials=trials, found=found, without=without,
        spread=plan.spread,
    )  # fmt: skip

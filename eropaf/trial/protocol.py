# ruff: noqa: E501  # a page's paragraphs
"""A trial's protocol, in words: what is done, to whom, what is counted, and what is decided beforehand."""

from __future__ import annotations

from eropaf.trial.plan import Design, Plan
from eropaf.trial.simulated import Power
from eropaf.trial.wedge import MOST_DRAWS

PROTOCOL = "protocol.md"

HEAD = """# Protocol

Outcome: {outcome}. Today {share:.1%} have it; an effect of {points:+.1f} points is not to be missed.

## Whom it touches

Every household is offered help all the same, as the law asks (Wgs art. 3): what differs is who comes first, or by which list. Nobody is
left out. Have it looked at by the data protection officer, and say it where you say that you signal early.

## The draw

Nobody who makes the list can know the draw, and nobody who knows the draw can change the list:

1. this page and `plan.json` are published;
2. the list is made and fixed (`eropaf trial assign` without a phrase), and its sha256 is published;
3. after that, **{public_draw}** brings the phrase, which nobody can choose (`eropaf trial assign … --phrase`).

The lot of a name is the sha256 of the phrase, a line's end, and the name without spaces around it, as UTF-8. Whoever has the list draws the same
again; `assigned.json` holds the phrase and the sha256 of plan, list and draw.

"""
LOTS = """Households that the policy cannot tell apart (`stratum`: one band and score, or a band in an area) are put in the order of their lots, and go by
turns to `first` and `later`; which of the two begins is a lot too. Whoever is alone in a stratum takes no part, and is counted.
`first` is visited or called before `later`. About {households:,} households take part, {stratum} in a stratum.

## The analysis

Everybody counts as drawn, visited or not. The difference of shares is taken within strata (Mantel and Haenszel). p is the draw's own: how many of the draws that
the strata allow would part the same outcomes as far, draws that part them just as far counted half. The 95 % interval is Klingenberg's (2014), from Sato's variance;
whether zero lies in it p decides. It is of the chance that such a household has the outcome, taken as the same effect in all strata.
Whoever has no outcome is counted by arm and told beside the result. With too few outcomes no interval is said.
"""
WEDGE = """{areas} areas, {periods} periods, about {households:,} households in an area and period. In the first period no area has the new way, in the last one every
area has; in between they begin in the order of their lots, spread evenly.

## The analysis

Shares of areas by periods, each area as much as another: each area and each period has its own level, and what is left is laid against when each area began. Chance is
that of the draw: the same is asked of all orders of the areas, or of {orders:,} where there are more, and the 95 % interval holds every effect that they do not rule
out. The effect is taken as the same in every area from the period on in which it begins: where it grows with time, it is understated.
"""
POWER = """
## Power

Of {trials:,} simulated trials the effect is found in {found:.1%}; where there is none, one is found in {without:.1%} (5 % is meant); the intervals hold the truth in
{covered:.1%} (95 % is meant). In {refused:.1%} outcomes are too few for an interval. {differ}

## Decided beforehand

One outcome, one analysis, one look at the end. What else is found is told as found, not as tested. The trial ends early only where harm shows.
"""
DIFFER = {
    Design.LOTS: "Strata of two to nearly twice the mean differ in them by a standard deviation of {spread:.1%}.",
    Design.WEDGE: "Areas differ in them by a standard deviation of {spread:.1%}, periods by half of it; areas drift, and some are three times as large as others.",
}


def protocol(plan: Plan, power: Power, trials: int) -> str:
    """Return the protocol of a plan, in Markdown."""
    text = HEAD + (LOTS if plan.design is Design.LOTS else WEDGE) + POWER
    return text.format(
        **{**plan.to_record(), "differ": DIFFER[plan.design].format(spread=plan.spread)},
        points=100 * plan.effect, orders=MOST_DRAWS, trials=trials, found=power.found, without=power.without, covered=power.covered, refused=power.refused,
    )  # fmt: skip

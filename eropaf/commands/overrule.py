"""`eropaf overrule`: a worker's decision over a household's band."""

from __future__ import annotations

from typing import Annotated

import typer

from eropaf.at_the_desk import answer, made
from eropaf.commands.append import a_date
from eropaf.deeds import Decision, Overrule
from eropaf.settings import Settings


def overrule(
    household: Annotated[str, typer.Argument(help="Household key, as the priority update gives it.")],
    decision: Annotated[Decision, typer.Argument(help="One band higher, one lower, or as it was told.")],
    until: Annotated[str, typer.Option(help="Last day on which it holds, YYYY-MM-DD.")],
    reason: Annotated[str, typer.Option(help="Why. Shown with the explanation, never in an update.")],
) -> None:
    """Put a household higher or lower than its points, or keep it as it is, until a date. Leaves a trace."""
    deed = made(Overrule, household=household, decision=decision, until=a_date(until), reason=reason)
    typer.echo(answer(Settings(), deed)["decided"])

"""`eropaf overrule`: a worker's decision over a household's band."""

from __future__ import annotations

from typing import Annotated

import typer

from eropaf.commands.dates import a_date
from eropaf.desk.at_the_desk import answer, made
from eropaf.desk.deeds import Decision, Overrule
from eropaf.settings import Settings


def overrule(
    household: Annotated[str, typer.Argument(help="Household key, as in the priority update.")],
    decision: Annotated[Decision, typer.Argument(help="One band higher, one lower, or unchanged.")],
    until: Annotated[str, typer.Option(help="Last day it applies, YYYY-MM-DD.")],
    reason: Annotated[str, typer.Option(help="Why. Shown with the explanation, never in an update.")],
) -> None:
    """Move a household's band up or down, or keep it, until a date. Leaves a trace."""
    deed = made(Overrule, household=household, decision=decision, until=a_date(until), reason=reason)
    typer.echo(answer(Settings(), deed)["decided"])

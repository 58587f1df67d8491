"""`eropaf overrule`: a worker's decision over a household's band."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from eropaf.commands.append import a_date, appender, days, new_id, now_ms
from eropaf.opening import OVERRULE, person_here, trace
from eropaf.risk.events import Overrule
from eropaf.risk.outreach import HOUSEHOLD
from eropaf.risk.records import HouseholdEvent
from eropaf.settings import Settings

LONGEST_REASON = 500


class Decision(StrEnum):
    """What a worker may decide."""

    RAISE = "raise"
    LOWER = "lower"
    HOLD = "hold"


def overrule(
    household: Annotated[str, typer.Argument(help="Household key, as the priority update gives it.")],
    decision: Annotated[Decision, typer.Argument(help="One band higher, one lower, or as it was told.")],
    until: Annotated[str, typer.Option(help="Last day on which it holds, YYYY-MM-DD.")],
    reason: Annotated[str, typer.Option(help="Why. Shown with the explanation, never in an update.")],
) -> None:
    """Put a household higher or lower than its points, or keep it as it is, until a date. Leaves a trace."""
    if HOUSEHOLD.fullmatch(household) is None:
        raise typer.BadParameter("a household key has 32 hexadecimal digits")
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise typer.BadParameter(f"give a reason of at most {LONGEST_REASON} characters")
    day = a_date(until)
    at = now_ms()
    event = HouseholdEvent(
        household, new_id("overrule"), at, overrule=Overrule(decision.name, days(day), reason.strip())
    )
    settings = Settings()
    opened = appender(settings)
    # The reason goes with the explanation, and is forgotten with it; the trace is kept for longer.
    decided = f"{decision.value} until {day.isoformat()}"
    left = trace(settings, person_here(settings), household, OVERRULE, decided)
    opened.write([opened.event(event, at), left])
    typer.echo(decided)

"""`eropaf tick`: announce the day, if no clock runs."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

import typer

from eropaf.agents.clock import ticks
from eropaf.cluster.appending import appender, days, now_ms
from eropaf.cluster.policy_held import in_force
from eropaf.commands.dates import a_date
from eropaf.risk.calendar import is_possible_day
from eropaf.risk.policy import EPOCH
from eropaf.settings import Settings


def tick(
    on: Annotated[
        str | None, typer.Option(help="The day, YYYY-MM-DD; without it today, in the policy's time zone.")
    ] = None,
    ahead: Annotated[
        bool,
        typer.Option("--ahead", help="The day lies ahead: what has its time by then is forgotten for good."),
    ] = False,
) -> None:
    """Let time pass up to a day: deadlines approach, pauses end, and expired data is forgotten."""
    settings = Settings()
    today = EPOCH + timedelta(in_force(settings).zone.day_of(now_ms()))
    day = today if on is None else a_date(on)
    if not is_possible_day(days(day)):
        raise typer.BadParameter(f"{day.isoformat()} is before 1990 or after 2099")
    if not ahead:
        _check_come(day, today)
    opened = appender(settings)
    opened.write(ticks(opened, days(day)))
    typer.echo(f"it is {day.isoformat()} in {opened.partitions} partitions")


def _check_come(day: date, today: date) -> None:
    """Refuse a day after tomorrow: no day goes back, and what is forgotten too early is lost.

    Raises:
        typer.BadParameter: it is one.

    """
    if day > today + timedelta(1):
        raise typer.BadParameter(
            f"{day.isoformat()} lies ahead: today is {today.isoformat()}. What has its time by then would be "
            "forgotten, and no day goes back. If that is what you want, as in a trial, say --ahead"
        )

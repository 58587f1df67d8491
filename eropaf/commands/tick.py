"""`eropaf tick`: say which day it is, where no clock runs."""

from __future__ import annotations

from typing import Annotated

import typer

from eropaf.agents.clock import ticks
from eropaf.commands.append import a_date, appender, days
from eropaf.settings import Settings


def tick(on: Annotated[str, typer.Option(help="The day, YYYY-MM-DD.")]) -> None:
    """Let time pass up to a day: deadlines come near, pauses end, what had its time is forgotten."""
    day = a_date(on)
    opened = appender(Settings())
    opened.write(ticks(opened, days(day)))
    typer.echo(f"it is {day.isoformat()} in {opened.partitions} partitions")

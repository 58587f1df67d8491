"""Dates as they are typed on a command line."""

from __future__ import annotations

from datetime import date

import typer


def a_date(text: str) -> date:
    """Parse a date from the command line.

    Raises:
        typer.BadParameter: it is none.

    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("write a date as YYYY-MM-DD") from None

"""The ranked list as a table in a terminal."""

from __future__ import annotations

from rich.table import Table

from eropaf_client.files.understood import counted
from eropaf_client.live_list import LiveList
from eropaf_client.records import Band

COLOURS = {Band.URGENT: "bold red", Band.HIGH: "dark_orange", Band.MEDIUM: "yellow", Band.LOW: "green"}


def table(ranking: LiveList, area: str | None, rows: int) -> Table:
    """Draw the first `rows` of the list, of one area where given."""
    counts = ", ".join(f"{count} {band.value.lower()}" for band, count in ranking.bands().items())
    drawn = Table(title=f"{counted(len(ranking), 'household')}: {counts}", title_justify="left", expand=True)
    for name, justify in (("#", "right"), ("band", "left"), ("urgency", "right"), ("address", "left")):
        drawn.add_column(name, justify=justify)  # type: ignore[arg-type]
    for name in ("respond by", "moved"):
        drawn.add_column(name)
    for place, update in enumerate(ranking.ranked(area, rows), 1):
        drawn.add_row(
            str(place),
            f"[{COLOURS[update.band]}]{update.band.value.lower()}[/]",
            f"{update.urgency / 100:.1f}",
            f"{update.postcode} {update.house_number} {update.addition}".strip(),
            update.respond_by.isoformat() if update.respond_by else "",
            update.change.lower(),
        )
    return drawn

"""The ranked list as a table in a terminal."""

from __future__ import annotations

from collections.abc import Collection

from rich.table import Table
from rich.text import Text

from eropaf_client.files.understood import counted
from eropaf_client.live_list import LiveList
from eropaf_client.records import Band, PriorityUpdate

COLOURS = {Band.URGENT: "bold red", Band.HIGH: "dark_orange", Band.MEDIUM: "yellow", Band.LOW: "green"}
# Below this many columns a terminal shows what a doorbell needs: how urgent, where, by when.
WIDE = 64
# Told apart without colours too.
MARK = ">"


def table(
    ranking: LiveList, area: str | None, rows: int, width: int, changed: Collection[str] = frozenset()
) -> Table:
    """Draw the first `rows` of the list, of one area if given, in `width` columns; mark those `changed`."""
    counts = ", ".join(f"{count} {band.value.lower()}" for band, count in ranking.bands().items())
    title = f"{counted(len(ranking), 'household')}: {counts}"
    drawn = Table(title=title, title_justify="left", expand=True, pad_edge=width >= WIDE)
    shown = WIDE_COLUMNS if width >= WIDE else NARROW_COLUMNS
    for name, justify in shown.items():
        drawn.add_column(name, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    for place, update in enumerate(ranking.ranked(area, rows), 1):
        is_new = update.household in changed
        cells = _cells(place, update, MARK if is_new else "")
        drawn.add_row(*(cells[name] for name in shown), style="bold" if is_new else "")
    return drawn


def written(update: PriorityUpdate) -> str:
    """Return the address as people and the board write it."""
    postcode = f"{update.postcode[:4]} {update.postcode[4:]}"
    return f"{postcode} {update.house_number} {update.addition}".strip()


NARROW_COLUMNS = {"": "left", "band": "left", "address": "left", "by": "left"}
WIDE_COLUMNS = {
    "": "left",
    "#": "right",
    "band": "left",
    "urgency": "right",
    "address": "left",
    "respond by": "left",
    "moved": "left",
}


def _cells(place: int, update: PriorityUpdate, mark: str) -> dict[str, str | Text]:
    respond_by = update.respond_by
    return {
        "": mark,
        "#": str(place),
        "band": Text(update.band.value.lower(), COLOURS[update.band]),
        "urgency": f"{update.urgency / 100:.1f}",
        "address": Text(written(update)),
        "respond by": respond_by.isoformat() if respond_by else "",
        "by": f"{respond_by.day} {respond_by:%b}" if respond_by else "",
        "moved": update.change.lower(),
    }

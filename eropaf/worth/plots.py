"""Intervals as SVG that stands in a page by itself: a line from low to high, a dot at the mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

import pygal  # type: ignore[import-untyped]  # it has no types: nothing of it leaves this file
from pygal.etree import etree  # type: ignore[import-untyped]
from pygal.style import Style  # type: ignore[import-untyped]

from eropaf.board.plot import SVG  # which takes pygal's finder of plugins out of every import

WIDTH, ROW, AROUND, DOTS_HEIGHT = 900, 30, 70, 420
# Of more rows than this, each is as low as its label allows, so that the plot fits a page with others.
FEW_ROWS, LOW_ROW = 10, 20
# What draws nothing, or asks for something beside the page.
LEFT_OUT = ("script", "title", "desc")
INK = "#1b3a57"
# Told apart without colour too: each group lies over the one before it.
COLOURS = ("#9fb2c4", "#1b3a57", "#b3541e")


def dots(label: str, groups: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """Return a plot of points, each group in a colour of its own with its name in the legend."""
    chart = pygal.XY(
        width=WIDTH,
        height=DOTS_HEIGHT,
        margin=6,
        js=[],
        style=_style(COLOURS),
        disable_xml_declaration=True,
        stroke=False,
        legend_at_bottom=True,
        legend_at_bottom_columns=1,
        truncate_legend=-1,
        dots_size=4,
    )
    for name, points in groups.items():
        chart.add(name, points)
    return _alone(chart, label)


def intervals(label: str, rows: Sequence[tuple[str, float, float, float]]) -> str:
    """Return a plot of `rows`, each a name with low, mean and high, the first on top.

    `label` says what it shows to whoever does not see it; a table beside it holds the numbers.
    """
    rows = [row for row in rows if all(number == number for number in row[1:])]
    chart = pygal.XY(
        width=WIDTH,
        height=AROUND + (ROW if len(rows) <= FEW_ROWS else LOW_ROW) * max(1, len(rows)),
        margin=6,
        js=[],
        style=_style((INK,) * max(1, len(rows))),
        disable_xml_declaration=True,
        show_legend=False,
        truncate_label=-1,
        dots_size=4,
        show_y_guides=False,
        range=(-0.6, len(rows) - 0.4),
        x_label_rotation=0,
    )  # fmt: skip
    chart.y_labels = [{"label": name, "value": len(rows) - 1 - at} for at, (name, *_) in enumerate(rows)]
    for at, (name, low, mean, high) in enumerate(rows):
        height = len(rows) - 1 - at
        chart.add(name, [(low, height), (mean, height), (high, height)])
    return _alone(chart, label)


def _style(colours: Sequence[str]) -> Style:
    return Style(
        background="transparent", plot_background="transparent", foreground=INK, foreground_strong=INK,
        foreground_subtle="#8a99a8", colors=tuple(colours), font_family="sans-serif",
        label_font_size=13, major_label_font_size=13, value_font_size=13, legend_font_size=13,
    )  # fmt: skip


def _alone(chart: Any, label: str) -> str:
    """Return the drawing as one picture with one name, without anything that is fetched or run."""
    # Its styles are told apart by it; drawn by chance, one report would be other bytes each time.
    chart.uuid = f"{crc32(label.encode()):08x}"
    root = chart.render_tree()
    for parent in list(root.iter()):
        for child in list(parent):
            name = child.tag.removeprefix(SVG) if isinstance(child.tag, str) else "comment"
            if name in (*LEFT_OUT, "comment"):
                parent.remove(child)
    root.set("role", "img")
    root.set("aria-label", label)
    drawn: str = etree.tostring(root, encoding="unicode")
    return drawn

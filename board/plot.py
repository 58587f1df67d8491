"""Plots as inline SVG: pygal lays them out, the board's stylesheet styles them.

pygal's embedded style and script are removed: the page's security policy forbids them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import pygal  # type: ignore[import-untyped]  # it has no types: nothing of it leaves this file
from markupsafe import Markup
from pygal.etree import etree  # type: ignore[import-untyped]

# pygal puts a finder of its own into every import, for plugins, by a protocol that Python 3.12 dropped
# (its __init__.py). We use no plugin: the finder goes, so that no later import asks it, and warns.
sys.meta_path[:] = [each for each in sys.meta_path if type(each).__module__ != "pygal"]

WIDTH, HEIGHT = 1000, 220
# A label of each eighth day or so: as many as stand beside each other.
MOST_LABELS = 8
SVG = "{http://www.w3.org/2000/svg}"
LEFT_OUT = ("defs", "title", "desc")


def bars(
    label: str, names: Sequence[str], values: Sequence[int], parts: Sequence[int] | None = None
) -> Markup:
    """Return a bar per name, with its value above it and the part that counts filled.

    `label` is the text for those who cannot see the plot; a table next to it holds the numbers.
    """
    chart = pygal.StackedBar(
        width=WIDTH,
        height=HEIGHT,
        margin=4,
        spacing=6,
        js=[],
        css=[],
        no_prefix=True,
        disable_xml_declaration=True,
        show_legend=False,
        show_y_guides=False,
        show_y_labels=False,
        show_minor_x_labels=False,
        truncate_label=-1,
        print_values=True,
        print_values_position="top",
        range=(0, max(1, *values) * 1.15),
    )
    every = -(-len(names) // MOST_LABELS)
    chart.x_labels = list(names)
    chart.x_labels_major = list(names)[::every]
    if parts is None:
        chart.add("all", [_said(value, value) for value in values])
    else:
        chart.add("part", [_said(part, 0) for part in parts])
        rest = zip(values, parts, strict=True)
        chart.add("rest", [_said(value - part, value) for value, part in rest])
    return Markup(_drawing(chart.render_tree(), label))  # noqa: S704  # names are escaped as they are added


def _said(height: int, number: int) -> dict[str, Any]:
    shown: Callable[[object], str] = lambda _: str(number) if number else ""  # noqa: E731
    return {"value": height, "formatter": shown}


def _drawing(root: Any, label: str) -> str:
    """Return only the drawing, as one picture with one name."""
    for parent in list(root.iter()):
        for child in list(parent):
            name = child.tag.removeprefix(SVG) if isinstance(child.tag, str) else "comment"
            if name in (*LEFT_OUT, "comment") or "tooltip-overlay" in (child.get("class") or ""):
                parent.remove(child)
    root.attrib.pop("id", None)
    root.set("class", "plot")
    root.set("role", "img")
    root.set("aria-label", label)
    drawn: str = etree.tostring(root, encoding="unicode")
    return drawn

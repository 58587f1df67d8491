"""The page that decides prints on two sheets, with everything on it that a study may hold."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from eropaf.simulate.backtest.plans import Compare
from eropaf.simulate.years.parameters import Parameters
from tests.integration.processes import PATIENCE_S
from tests.unit.eropaf.test_worth import CALIBRATION, held, written

SHEETS = 2
A_PAGE = re.compile(rb"/Type\s*/Page\b")


def sheets(pdf: bytes) -> int:
    """Return how many pages a PDF has: they stand in its objects, or in streams of them."""
    texts = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            texts.append(zlib.decompress(stream))
        except zlib.error:  # a picture, or a font
            continue
    return sum(len(A_PAGE.findall(text)) for text in texts)


@pytest.fixture
def pages(tmp_path: Path) -> dict[str, str]:
    held(tmp_path / "orders", Compare.ORDERS, {})
    more: list[str | Path] = ["--calibration", CALIBRATION]
    for compare in (Compare.EFFECTS, Compare.LEVERS, Compare.SILENT):
        more += [f"--{compare}", held(tmp_path / compare, compare, {})]
    for day in (3, 19):
        of = Parameters(list_day_from=day, list_day_to=day)
        more += ["--list-day", held(tmp_path / f"on-{day}", Compare.ORDERS, {}, of=of)]
    for unequal in (0.0, 0.45, 0.9):
        of = Parameters(area_inequality=unequal)
        more += ["--map", held(tmp_path / f"map-{unequal}", Compare.MAP, {}, of=of)]
    return written(tmp_path, *more)


def test_the_page_prints_on_two_sheets(pages: dict[str, str], browser: Browser) -> None:
    for language, text in pages.items():
        page = browser.new_page()
        page.set_default_timeout(PATIENCE_S * 1000)
        page.set_content(text)

        assert sheets(page.pdf(prefer_css_page_size=True)) == SHEETS, language
        page.close()

"""A drawing that a page may hold: no script, no style, and nothing in it that somebody wrote."""

from __future__ import annotations

import sys

from eropaf.board.plot import bars


def test_a_plot_holds_its_values_and_no_script_or_style() -> None:
    drawn = str(bars('attempts <by> "day"', ["1 <b>", "2"], [7, 12], [3, 12]))

    assert ">7<" in drawn
    assert ">12<" in drawn
    assert "<script" not in drawn
    assert "style=" not in drawn
    assert "<style" not in drawn
    assert "<b>" not in drawn
    assert 'aria-label="attempts &lt;by&gt; &quot;day&quot;"' in drawn


def test_no_import_goes_through_the_plotting_library() -> None:
    assert not [each for each in sys.meta_path if type(each).__module__.startswith("pygal")]


def test_days_without_anything_are_drawn_too() -> None:
    assert "<svg" in bars("nothing", ["1", "2"], [0, 0])

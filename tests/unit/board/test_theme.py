"""A municipality's own design: its style comes after the board's, and names what the board has."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from eropaf.board.web import STATIC
from eropaf.settings import Settings
from tests.unit.board.a_board import Board, with_board

EXAMPLE = Path(__file__).parents[3] / "deploy" / "board-theme" / "theme.css"


def test_a_theme_is_served_and_linked_after_the_boards_own_style(tmp_path: Path) -> None:
    theme = tmp_path / "theme"
    theme.mkdir()
    (theme / "theme.css").write_text(":root { --accent: #00a03c; }")

    async def tried(board: Board) -> None:
        page = (await board.ask("GET", "/round")).text
        styles = re.findall('<link rel="stylesheet" href="([^"]*)"', page)
        assert [each.rsplit("/", 1)[-1] for each in styles] == ["board.css", "theme.css"]
        style = await board.ask("GET", styles[1])
        assert (style.status_code, style.text) == (200, ":root { --accent: #00a03c; }")

    asyncio.run(with_board(tmp_path, tried, theme=theme))


def test_without_a_theme_none_is_asked_for(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        assert "theme.css" not in (await board.ask("GET", "/round")).text
        assert (await board.ask("GET", "/theme/theme.css")).status_code == 404

    asyncio.run(with_board(tmp_path, tried))


def test_a_folder_without_a_style_is_refused_where_it_is_set(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=r"holds no theme\.css"):
        Settings(board_theme=tmp_path)


def test_the_example_sets_nothing_that_the_board_does_not_use() -> None:
    used = set(re.findall(r"var\((--[a-z0-9-]+)", (STATIC / "board.css").read_text()))
    named = set(re.findall(r"^\s+(--[a-z0-9-]+):", EXAMPLE.read_text(), re.MULTILINE))

    assert len(named) > 10
    assert named <= used

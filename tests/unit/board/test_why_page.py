"""What an auditor is shown: of whatever was ever on the list, in both languages by one trace, as a letter."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from eropaf.board.reading import News
from eropaf.board.row import Row
from eropaf.board.user import Role
from eropaf_client.inbox import Received
from eropaf_client.records import Band
from tests.integration.clients.telling import an_update
from tests.unit.board.a_board import HOME, NOW_KNOWN, Board, with_board

SAID = {"nl": "Waarom staat dit adres hier?\n- rent meldde iets.", "en": "Why?\n- rent reported something."}
LISTED = an_update(household=HOME)
GONE = replace(LISTED, sequence=2, band=Band.NONE, respond_by=None)


class Opens:
    """A desk that opens everything, and remembers its traces."""

    purposes = ("complaint",)

    def __init__(self) -> None:
        self.traces: list[str] = []

    def explain(self, who: str, household: str, purpose: str) -> Mapping[str, str]:
        """Leave a trace, and open."""
        self.traces.append(household)
        return SAID


@pytest.mark.parametrize("left", [False, True], ids=["on the list", "left it"])
def test_a_household_is_found_by_its_address_also_after_it_left_the_list(tmp_path: Path, left: bool) -> None:
    desk = Opens()

    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        if left:
            board.state.take(News([Received(HOME, GONE, 0, 1, 0, b"")]))
        address = Row(LISTED, None).postal.lower().replace(" ", "")

        opened = await board.ask("POST", "/why", household=address, purpose="complaint")

        assert (opened.status_code, desk.traces) == (200, [HOME])
        assert "rent meldde iets." in opened.text
        # The other language came with it, and its link leads there: no second trace.
        assert '<a class="quiet" href="#other-language"' in opened.text
        assert "rent reported something." in opened.text

    asyncio.run(with_board(tmp_path, tried, Role.AUDITOR, explainer=desk))


def test_what_was_opened_prints_as_a_letter_with_its_day_and_its_address(tmp_path: Path) -> None:
    async def tried(board: Board) -> None:
        board.state.take(NOW_KNOWN)
        opened = await board.ask("POST", "/why", household=HOME, purpose="complaint")
        letter = opened.text.split('<section class="card why" role="status">')[1].split("</section>")[0]

        assert re.search(r'<p class="letter">Datum: \d{1,2} \w+ \d{4}</p>', letter)
        assert f"</span> {Row(LISTED, None).address}</h2>" in letter
        assert "data-print" in letter

    asyncio.run(with_board(tmp_path, tried, Role.AUDITOR, explainer=Opens()))

"""The file that a page has a newcomer make is one that is sent, and stays on the list when days pass."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path

import pytest

from eropaf.risk.events import Tick
from eropaf.risk.history import tell
from eropaf.risk.intake import ForHousehold, take_in
from eropaf.risk.records import DAY_MS, HouseholdEvent
from eropaf_client.files.reading import read_by_creditor
from tests.builders import SECRET, amsterdam_example
from tests.integration.processes import REPO

PAGES = ("README.md", "docs/tutorial/tour-creditor.md")
MADE = re.compile(r"^cat > signals\.csv <<END\n.*?^END\n", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_a_file_made_as_a_page_says_is_on_the_list_and_stays_there_when_days_pass(
    page: str, tmp_path: Path
) -> None:
    (made,) = MADE.findall((REPO / page).read_text("utf-8"))
    subprocess.run(["sh", "-c", made], cwd=tmp_path, check=True)
    now = int(time.time() * 1000)

    events = []
    for place, signal in read_by_creditor(tmp_path / "signals.csv", "rent").by_creditor["rent"]:
        taken = take_in(signal.to_record(), creditor="rent", event_id=place, received_at=now, secret=SECRET)
        assert isinstance(taken, ForHousehold)
        events.append(taken.event)
    week = now // DAY_MS + 7
    events.append(HouseholdEvent("*", "tick", week * DAY_MS, tick=Tick(week, 0, 1)))

    bands = [row.band for row in tell(events, amsterdam_example()).rankings.values()]
    assert len(bands) == len(events) - 1
    assert "NONE" not in bands

"""The page "what changed for whom" says of the demo city what the rules make of it today."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path

from eropaf.risk.history import tell
from eropaf.risk.intake import ForHousehold, take_in
from eropaf.risk.ranking import ALL_BANDS, ORDER
from eropaf.risk.records import HouseholdEvent
from eropaf.simulate.month import month
from tests.builders import SECRET, amsterdam_example

PAGE = Path(__file__).parents[3] / "docs" / "explanation" / "what-changed.md"


def city() -> list[HouseholdEvent]:
    """Return what the demo's March is to its households, in the order in which it is sent."""
    events: list[HouseholdEvent] = []
    for day in month(40_000, date(2026, 3, 1), 1):
        for sent in (each for wave in day.waves for each in wave):
            record = sent.signal.to_record()
            taken = take_in(
                record,
                creditor=sent.creditor,
                event_id=f"e-{len(events)}",
                received_at=record["reported_at"],
                secret=SECRET,
            )
            assert isinstance(taken, ForHousehold)
            events.append(taken.event)
    return events


def test_the_highest_band_of_each_household_is_as_the_page_has_it() -> None:
    events = city()
    highest = dict.fromkeys((event.household for event in events), "NONE")
    for update in tell(events, amsterdam_example()).updates:
        if ORDER[update.band] > ORDER[highest[update.household]]:
            highest[update.household] = update.band
    counts = Counter(highest.values())

    text = PAGE.read_text("utf-8")
    (together,) = re.findall(r"^\| together \|(.*)\|$", text, re.MULTILINE)
    assert [int(cell) for cell in together.split("|")] == [
        *(counts[band] for band in ALL_BANDS),
        len(highest),
    ]
    assert f"the same {len(events)} signals of {len(highest)} households" in text

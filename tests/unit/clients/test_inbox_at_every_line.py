"""An inbox that is killed, or raised in, at whatever line: each record once, in order."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from eropaf_client import inbox
from eropaf_client.inbox import Inbox
from eropaf_client.journal import Journal
from eropaf_client.ledger import Ledger
from tests.fakes import FakeSource
from tests.points import Killed, happens, killed, reached
from tests.tool import Tool

ON_THE_WAY = (Inbox, inbox._Partition, Journal, Ledger.transaction, FakeSource.poll)
STORY = ("a 1", "b 1", "a 2", "a", "a 1", "b 1", "b 2")
HANDLED = ["a 1", "a 2", "a", "a 1", "b 1", "b 2"]


def points(memory: Path) -> list[Any]:
    made = Tool(memory / "points.db")
    made.tell(*STORY)
    made.start()
    passed = reached(ON_THE_WAY, made.see_everything)
    made.kill()
    return [point for point in passed if point.time <= 2]


@pytest.mark.parametrize("goes_on", [False, True], ids=["killed", "raised in"])
def test_at_whatever_line_each_record_is_handled_once_and_in_order(memory: Path, goes_on: bool) -> None:
    for number, point in enumerate(points(memory)):
        made = Tool(memory / f"{number}.db")
        made.tell(*STORY)
        made.start()
        with happens(point, ON_THE_WAY, killed), suppress(Killed):
            made.see_everything()
        if goes_on:
            made.see_everything()
        # What was taken, and lost on the way to its handler, comes with the next start.
        made.kill()
        made.start()
        made.see_everything()

        assert sorted(made.seen) == sorted(HANDLED), point
        for household in "ab":
            mine = [each for each in HANDLED if each[0] == household]
            assert [each for each in made.seen if each[0] == household] == mine, point
        made.kill()

"""Who objects at an address, whatever of it workers have read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from eropaf.desk import objecting as told
from eropaf.desk.objecting import objecting
from eropaf.risk.history import tell
from eropaf.risk.records import DAY_MS, NOWHERE, HouseholdEvent
from eropaf.risk.rows import HouseholdRow, ResidentRow
from eropaf.settings import Settings
from eropaf.streams.runtime.stage import changelog
from eropaf.streams.topic_partition import TP
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, RESIDENT_EVENTS
from tests.builders import HOME, HOUSEHOLD, NOON, amsterdam_example, an_event
from tests.fakes import FakeRecord

RESIDENT = "a" * 32


class Flow:
    """Stands for the topics: what was said, how far workers read, and the rows by then."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.said: dict[str, list[HouseholdEvent]] = {HOUSEHOLD_EVENTS: [], RESIDENT_EVENTS: []}
        self.read_until = {HOUSEHOLD_EVENTS: 0, RESIDENT_EVENTS: 0}
        self.rows: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []
        monkeypatch.setattr(told, "admin", lambda *_: None)
        monkeypatch.setattr(told, "reading", SimpleNamespace(partitions=lambda _, topic: [TP(topic, 0)]))
        monkeypatch.setattr(told, "noted", self._noted)
        monkeypatch.setattr(told, "latest", self._latest)
        monkeypatch.setattr(told, "records", self._records)

    def _noted(self, bootstrap: str, client: Any, group: str, tps: list[TP]) -> dict[TP, int]:
        self.asked.append("position")
        return {tp: self.read_until[tp.topic] for tp in tps}

    def _latest(self, settings: Settings, keys: list[bytes], topic: str, record: str) -> list[dict[str, Any]]:
        self.asked.append("row")
        return [self.rows[topic]] if topic in self.rows else []

    def _records(self, settings: Settings, topic: str, *read: Any) -> Any:
        for offset, event in enumerate(self.said[topic]):
            message = FakeRecord(topic, 0, offset, event.household.encode(), b"v")
            if read[-1](message):
                yield message, event.to_record()

    def has(self, row: HouseholdRow) -> None:
        self.rows[changelog("eropaf", "household")] = row.to_record() | {"tenancy": None}

    def read(self, *events: HouseholdEvent) -> None:
        """Have workers read `events`, of a household with arrears."""
        self.said[HOUSEHOLD_EVENTS] += events
        self.read_until[HOUSEHOLD_EVENTS] = len(events)
        self.has(tell([an_event(), *events], amsterdam_example()).households[HOUSEHOLD])

    def unread(self, *events: HouseholdEvent) -> None:
        self.said[HOUSEHOLD_EVENTS] += events


@pytest.fixture
def flow(monkeypatch: pytest.MonkeyPatch) -> Flow:
    return Flow(monkeypatch)


def objects(
    day: int, objector: str | None, stands: bool = True, household: str = HOUSEHOLD
) -> HouseholdEvent:
    at, where = NOON + day * DAY_MS, HOME if household == HOUSEHOLD else NOWHERE
    return HouseholdEvent(household, f"o-{day}", at, where, objection_stands=stands, objector=objector)


def test_who_objects_is_known_of_what_no_worker_has_read_too(flow: Flow) -> None:
    """Workers stand still, and nothing else was ever known of the household."""
    flow.unread(objects(1, "anna"), objects(1, None), objects(2, "bram"), objects(3, "bram", stands=False))

    assert objecting(Settings(), HOUSEHOLD) == {"anna", None}


def test_an_objection_that_is_unread_stands_however_far_ahead_the_row_is_dated(flow: Flow) -> None:
    """A creditor's signal, or another's word, is dated later than who objects now."""
    flow.read(objects(5, "carl"))
    flow.unread(objects(2, "dora"), objects(2, None))

    assert objecting(Settings(), HOUSEHOLD) == {"carl", "dora", None}


def test_of_two_words_on_an_objection_the_one_said_last_holds(flow: Flow) -> None:
    flow.read(objects(3, None), objects(3, "bram"))
    flow.unread(objects(2, "bram", stands=False), objects(4, None, stands=False))

    assert objecting(Settings(), HOUSEHOLD) == {"bram"}


def test_what_workers_have_read_is_as_the_row_has_it(flow: Flow) -> None:
    """A move ended an objection, of which the log still holds the word."""
    flow.read(objects(1, "anna"), objects(2, "bram"))
    flow.has(HouseholdRow(HOME, NOON, 1, (), objectors=("bram",), objectors_at=(NOON + 2 * DAY_MS,)))

    assert objecting(Settings(), HOUSEHOLD) == {"bram"}


def test_the_position_is_asked_before_the_row_so_that_no_word_is_missed(flow: Flow) -> None:
    objecting(Settings(), HOUSEHOLD)

    assert flow.asked == ["position", "row", "row"]


def test_a_resident_whom_the_register_does_not_know_objects_wherever_the_word_is(flow: Flow) -> None:
    word = objects(1, RESIDENT, household=RESIDENT)
    rows = changelog("eropaf", "resident")

    flow.unread(word)
    assert objecting(Settings(), RESIDENT) == {RESIDENT}, "unread"
    flow.read_until[HOUSEHOLD_EVENTS] = 1
    assert objecting(Settings(), RESIDENT) == set(), "not said"
    flow.said[RESIDENT_EVENTS].append(word)
    assert objecting(Settings(), RESIDENT) == {RESIDENT}, "passed on"
    flow.read_until[RESIDENT_EVENTS] = 1
    flow.rows[rows] = ResidentRow(None, (), objected_at=word.at).to_record()
    assert objecting(Settings(), RESIDENT) == {RESIDENT}, "kept"
    flow.unread(objects(2, RESIDENT, stands=False, household=RESIDENT))
    assert objecting(Settings(), RESIDENT) == set(), "taken back"

"""After an undo outreach hears how each household stood then, under a sequence that nobody has passed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eropaf.agents import undo
from eropaf.agents.codecs import household_events
from eropaf.risk.ranking import UNTOLD
from eropaf.risk.records import Address, HouseholdEvent
from eropaf.risk.rows import RankingRow
from eropaf.risk.told import PriorityUpdate
from eropaf.streams.operate import savepoint_file
from eropaf.streams.operate.savepoint_file import SAVEPOINT_VERSION, STOOD_NOWHERE, Manifest, read_entries
from eropaf_client.inbox import Inbox
from eropaf_client.journal import Journal
from eropaf_client.records import PriorityUpdate as Heard
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, PRIORITIES
from eropaf_client.schemas.wire import Codec
from tests.fakes import FakeSource

ROWS = "eropaf-ranking-changelog"
REGISTRY = LocalRegistry()
UPDATES = Codec("PriorityUpdate", PRIORITIES, REGISTRY, PriorityUpdate, PriorityUpdate.from_record)
ROW = Codec("RankingRow", ROWS, REGISTRY, RankingRow, RankingRow.from_record)


def update(household: str, sequence: int, band: str) -> bytes:
    address = Address("1011AB", 12, "")
    told = PriorityUpdate(
        f"{household}/{sequence}", household, sequence, address, 5_000, band, 20_000, "RAISED", "v", sequence,
        action="VISIT", respond_by_norm="LEGAL",
    )  # fmt: skip
    return UPDATES.encode(told)


def entry(topic: str, key: bytes, value: bytes | None, offset: int) -> dict[str, Any]:
    return {
        "topic": topic, "partition": 0, "offset": offset, "timestamp_ms": 1, "key": key, "value": value,
        "headers": [],
    }  # fmt: skip


def entries_of(source: FakeSource) -> list[dict[str, Any]]:
    return [
        entry(source.topic, each.key() or b"", each.value(), each.offset())
        for each in source.logs[0]
        if each is not None
    ]


class World:
    """A topic that outreach reads, and a savepoint of it."""

    def __init__(self, folder: Path) -> None:
        self.topic = FakeSource(topic=PRIORITIES)
        self.savepoint, self.amended = folder / "savepoint", folder / "amended"
        self.rows: dict[str, RankingRow] = {}

    def tell(self, household: str, sequence: int, band: str) -> None:
        self.topic.write(household, update(household, sequence, band))
        self.rows[household] = RankingRow(sequence, band, 20_000, 7)

    def erase(self, household: str) -> None:
        self.topic.write(household, None)
        self.rows.pop(household)

    def save(self) -> None:
        rows = [entry(ROWS, key.encode(), ROW.encode(row), 0) for key, row in self.rows.items()]
        manifest = Manifest(SAVEPOINT_VERSION, "here", "eropaf", "", {ROWS: 1, PRIORITIES: 1}, {})
        savepoint_file.write(self.savepoint, manifest, [*rows, *entries_of(self.topic)])

    def undo(self) -> int:
        """Amend the savepoint, and write what an import writes."""
        anew = undo.amend(self.savepoint, self.amended, entries_of(self.topic), REGISTRY)
        self.rows = {}
        for entry in read_entries(self.amended):
            if entry["topic"] == ROWS:
                self.rows[entry["key"].decode()] = ROW.decode(entry["value"])
            elif entry["offset"] == STOOD_NOWHERE:
                self.topic.write(entry["key"].decode(), entry["value"])
        return anew


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def heard(inbox: Inbox) -> list[tuple[str, str | None]]:
    """Complete all that there is; return who it is about, and the band."""
    found = []
    while (received := inbox.take(0)) is not None:
        band = None if received.update is None else received.update.band.value
        found.append((received.household, band))
        inbox.complete(received)
    return found


def test_a_tool_that_was_connected_hears_how_it_was_and_then_what_is_right(
    world: World, tmp_path: Path
) -> None:
    world.tell("a", 1, "HIGH")
    world.save()
    decode = Codec("PriorityUpdate", PRIORITIES, REGISTRY).decode
    journal = Journal(tmp_path / "journal.db")
    inbox = Inbox(world.topic, lambda value: Heard.from_record(decode(value)), journal)
    world.tell("a", 2, "URGENT")  # wrong, as it turns out
    world.tell("a", 3, "LOW")
    assert heard(inbox)[-1] == ("a", "LOW")

    assert world.undo() == 1
    assert heard(inbox) == [("a", "HIGH")]
    world.tell("a", world.rows["a"].sequence + 1, "MEDIUM")

    assert heard(inbox) == [("a", "MEDIUM")]
    journal.close()


def test_a_row_counts_on_from_what_was_told_and_is_otherwise_that_of_the_savepoint(world: World) -> None:
    world.tell("a", 1, "HIGH")
    world.tell("same", 4, "LOW")
    world.save()
    world.tell("a", 2, "URGENT")

    world.undo()

    assert world.rows == {"a": RankingRow(3, "HIGH", 20_000, 7), "same": RankingRow(4, "LOW", 20_000, 7)}


def test_who_was_on_no_list_then_is_off_it_again_and_counts_on(world: World) -> None:
    world.save()
    world.tell("new", 1, "URGENT")

    world.undo()

    last = world.topic.logs[0][-1]
    assert last is not None
    told = UPDATES.decode(last.value() or b"")
    assert (told.sequence, told.band, told.change, told.respond_by) == (2, "NONE", "WITHDRAWN", None)
    assert (told.action, told.respond_by_norm) == (None, None)
    assert world.rows["new"] == RankingRow(2, UNTOLD.band, None, 0)


def test_no_two_updates_have_one_id(world: World) -> None:
    world.tell("a", 1, "HIGH")
    world.save()
    world.tell("a", 2, "URGENT")

    world.undo()

    values = [each.value() for each in world.topic.logs[0] if each is not None]
    assert len({UPDATES.decode(value).update_id for value in values}) == len(values)


def test_of_who_was_erased_since_nothing_is_told_anew(world: World) -> None:
    world.tell("erased", 5, "HIGH")
    world.save()
    world.tell("erased", 6, "LOW")
    world.erase("erased")

    assert world.undo() == 0

    assert world.topic.logs[0][-1] is not None
    assert world.topic.logs[0][-1].value() is None


def test_who_was_erased_and_told_of_since_counts_on_beyond_both(world: World) -> None:
    world.tell("a", 5, "HIGH")
    world.save()
    world.erase("a")
    world.tell("a", 1, "LOW")

    world.undo()

    assert world.rows["a"].sequence == 6


def test_who_was_erased_and_told_of_since_is_told_of_as_on_no_list(world: World) -> None:
    world.tell("a", 5, "HIGH")
    world.save()
    world.erase("a")
    world.tell("a", 1, "LOW")

    world.undo()

    last = world.topic.logs[0][-1]
    assert last is not None
    told = UPDATES.decode(last.value() or b"")
    assert (told.sequence, told.band, told.change) == (6, "NONE", "WITHDRAWN")
    assert world.rows["a"] == RankingRow(6, UNTOLD.band, None, 0)


def test_the_households_erased_since_are_named(tmp_path: Path) -> None:
    events, codec = FakeSource(topic=HOUSEHOLD_EVENTS), household_events(REGISTRY)
    manifest = Manifest(
        SAVEPOINT_VERSION, "here", "eropaf", "", {HOUSEHOLD_EVENTS: 1}, {HOUSEHOLD_EVENTS: [1]}
    )
    savepoint_file.write(tmp_path / "savepoint", manifest, [])
    for household, what in (("before", 1), ("c", 1), ("kept", None), ("b", 1), ("b", 1)):
        said: dict[str, Any] = {"erasure_requested_on": what, "objection_stands": None if what else True}
        events.write(household, codec.encode(HouseholdEvent(household, "e", 1, **said)))
    events.write("nobody reads it", b"x")

    assert undo.erased_since(tmp_path / "savepoint", entries_of(events), REGISTRY) == ["b", "c"]

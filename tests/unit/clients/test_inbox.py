"""What an inbox promises, whatever becomes of what it hands out. No broker is needed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from eropaf_client import handling, inbox
from eropaf_client.errors import JournalMissing, LedgerFull, LedgerMoved, NotInHand
from eropaf_client.handling import Handling
from eropaf_client.inbox import Inbox, Received
from eropaf_client.journal import Journal, Parked
from eropaf_client.ledger import Identity, Ledger
from tests.fakes import FakeSource, decoded
from tests.points import Killed, happens, killed, quick_folder, reached


class Tool:
    """A topic, and a tool that reads it; killed and started again at will."""

    def __init__(self, path: Path, partitions: int = 1) -> None:
        self.path = path
        self.source = FakeSource(partitions)
        self.journal: Journal | None = None
        self.db: Any = None

    def tell(self, *updates: str, partition: int = 0) -> None:
        """Write updates, `household sequence`, and erasures, `household` alone."""
        for each in updates:
            household, _, sequence = each.partition(" ")
            self.source.write(household, each.encode() if sequence else None, partition)

    def start(self) -> Tool:
        self.journal = Journal(self.path)
        self.db = self.journal.db
        self.db.execute("CREATE TABLE IF NOT EXISTS seen (what TEXT)")
        self.inbox = Inbox(self.source, decoded, self.journal)
        return self

    def kill(self) -> None:
        assert self.journal is not None
        self.journal.db.shut()

    def take(self) -> str | None:
        self.received = self.inbox.take(0)
        return None if self.received is None else said(self.received)

    def complete(self) -> None:
        assert self.received is not None
        self.inbox.complete(self.received)

    def everything(self) -> list[str]:
        """Complete all that there is."""
        found = []
        while (each := self.take()) is not None:
            found.append(each)
            self.complete()
        return found

    def see_everything(self) -> None:
        """Note each record in the journal's database, together with its position."""
        while (received := self.inbox.take(0)) is not None:
            with self.inbox.completing(received):
                self.db.execute("INSERT INTO seen VALUES (?)", (said(received),))

    @property
    def seen(self) -> list[str]:
        return [row[0] for row in self.db.execute("SELECT what FROM seen ORDER BY rowid")]


def said(received: Received) -> str:
    return received.household + ("" if received.update is None else f" {received.update.sequence}")


@pytest.fixture
def tool(tmp_path: Path) -> Iterator[Tool]:
    made = Tool(tmp_path / "journal.db")
    yield made
    if made.journal:
        made.journal.close()


def test_what_was_taken_and_not_completed_comes_again(tool: Tool) -> None:
    tool.tell("a 1", "b 1", "a 2")
    tool.start()
    assert (tool.take(), tool.take()) == ("a 1", "b 1")
    tool.complete()
    assert tool.take() is None  # a 2 waits for a 1
    tool.kill()

    tool.start()

    assert tool.everything() == ["a 1", "a 2"]


def test_a_position_never_passes_a_record_that_is_not_dealt_with(tool: Tool) -> None:
    tool.tell("a 1", "b 1", "c 1", "b 2")
    tool.start()
    held = tool.inbox.take(0)
    tool.everything()
    assert held is not None
    tool.kill()

    tool.start()

    assert tool.everything() == ["a 1"]


def test_updates_after_an_erasure_are_given_though_they_count_from_one_again(tool: Tool) -> None:
    tool.tell("a 7", "a", "a 1", "a 2")
    tool.start()

    assert tool.everything() == ["a 7", "a", "a 1", "a 2"]


def test_an_erasure_that_is_read_again_brings_back_nothing_that_came_before_it(tool: Tool) -> None:
    tool.tell("held 1", "a 5", "a", "a 1")
    tool.start()
    assert tool.take() == "held 1"
    assert tool.everything() == ["a 5", "a", "a 1"]
    tool.kill()

    tool.start()

    assert tool.everything() == ["held 1"]


def test_a_repeat_is_passed_over_also_after_a_restart(tool: Tool) -> None:
    tool.tell("a 1", "a 2", "a 1", "a 2", "a 3")
    tool.start()
    assert tool.everything() == ["a 1", "a 2", "a 3"]
    tool.kill()
    tool.tell("a 3", "a 4")

    tool.start()

    assert tool.everything() == ["a 4"]


def test_what_is_given_back_comes_before_later_ones_of_its_household_and_holds_up_no_other(
    tmp_path: Path,
) -> None:
    now = [0.0]
    source = FakeSource()
    for each in ("a 1", "a 2", "b 1"):
        source.write(each[0], each.encode())
    box = Inbox(source, decoded, clock=lambda: now[0])
    first = box.take(0)
    assert first is not None
    box.retry_later(first, 5.0)

    other = box.take(0)
    assert other is not None
    assert said(other) == "b 1"
    assert box.take(0) is None

    now[0] = 5.0
    again = box.take(0)
    assert again == first
    box.complete(again)
    assert said(box.take(0) or again) == "a 2"


def test_what_is_not_in_hand_cannot_be_completed_twice_or_after_it_was_given_back(tool: Tool) -> None:
    tool.tell("a 1")
    tool.start()
    received = tool.inbox.take(0)
    assert received is not None
    tool.inbox.retry_later(received)

    for way in (tool.inbox.complete, tool.inbox.retry_later, lambda each: tool.inbox.park(each, "x")):
        with pytest.raises(NotInHand):
            way(received)


def test_later_updates_of_a_household_are_parked_behind_what_is_parked(tool: Tool) -> None:
    tool.tell("a 1", "a 2", "b 1")
    tool.start()
    received = tool.inbox.take(0)
    assert received is not None
    tool.inbox.park(received, "OSError")

    assert tool.everything() == ["b 1"]

    assert tool.journal is not None
    parked = [(each.household, each.sequence, each.error) for each in tool.journal.parked()]
    assert parked == [("a", 1, "OSError"), ("a", 2, inbox.BEHIND_ANOTHER)]


def test_an_erasure_takes_what_is_parked_with_it_and_cannot_be_parked(tool: Tool) -> None:
    tool.tell("a 1", "a", "a 1")
    tool.start()
    received = tool.inbox.take(0)
    assert received is not None
    tool.inbox.park(received, "OSError")
    erasure = tool.inbox.take(0)
    assert erasure is not None
    assert erasure.erased
    with pytest.raises(ValueError, match="retry it later"):
        tool.inbox.park(erasure, "OSError")
    tool.inbox.complete(erasure)

    assert tool.everything() == ["a 1"]
    assert tool.journal is not None
    assert tool.journal.parked() == []


def test_of_a_household_that_was_forgotten_no_byte_is_left_in_the_journal(tool: Tool) -> None:
    tool.tell("forgotten-household 1", "forgotten-household 2", "other 1")
    tool.start()
    received = tool.inbox.take(0)
    assert received is not None
    tool.inbox.park(received, "OSError")
    tool.everything()
    tool.tell("forgotten-household")

    tool.everything()

    for each in tool.path.parent.iterdir():
        assert b"forgotten-household" not in each.read_bytes(), each


def test_what_cannot_be_read_is_passed_over_counted_and_holds_nobody_up(
    tool: Tool, caplog: pytest.LogCaptureFixture
) -> None:
    tool.tell("a 1")
    tool.source.write("b", b"x")
    tool.tell("b 1")
    tool.start()

    assert tool.everything() == ["a 1", "b 1"]

    assert tool.inbox.asides.total == 1
    assert "outreach.priorities-0-1 (broken-body) cannot be used" in caplog.text
    tool.kill()
    assert tool.start().everything() == []


def test_without_a_journal_parking_is_refused() -> None:
    source = FakeSource()
    source.write("a", b"a 1")
    box = Inbox(source, decoded)
    received = box.take(0)
    assert received is not None

    with pytest.raises(JournalMissing):
        box.park(received, "x")


def test_another_cluster_is_noticed_and_a_list_that_moved_is_passed_over_once_that_is_meant(
    tool: Tool,
) -> None:
    tool.tell("a 1", "b 1")
    tool.start().everything()
    tool.kill()
    tool.source = FakeSource()
    tool.source.which = Identity("another", "topic")
    tool.tell("b 1", "a 1", "a 2")
    with pytest.raises(LedgerMoved):
        tool.start()
    assert tool.journal is not None

    tool.journal.unbind()
    tool.kill()

    assert tool.start().everything() == ["a 2"]


def test_memory_is_bounded_and_everything_comes_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "MOST_OPEN", 10)
    source = FakeSource()
    source.at_once = 7
    for number in range(100):
        source.write(f"h{number}", f"h{number} 1".encode())
    box = Inbox(source, decoded)
    found = []
    while (received := box.take(0)) is not None:
        box.complete(received)
        found.append(received)

    assert len(found) == 100


# What a tool shares with us.


IDIOMS: dict[str, Callable[[Any], None]] = {}


def idiom(write: Callable[[Any], None]) -> Callable[[Any], None]:
    IDIOMS[write.__name__] = write
    return write


@idiom
def with_the_connection(db: Any) -> None:
    with db:
        db.execute("INSERT INTO seen VALUES ('x')")


@idiom
def with_commit(db: Any) -> None:
    db.execute("INSERT INTO seen VALUES ('x')")
    db.commit()


@idiom
def with_a_script(db: Any) -> None:
    db.executescript("INSERT INTO seen VALUES ('x'); SELECT 1;")


@idiom
def with_a_cursor(db: Any) -> None:
    db.cursor().execute("INSERT INTO seen VALUES ('x')")
    db.close()


@pytest.mark.parametrize("name", IDIOMS)
def test_a_handlers_write_is_saved_with_the_position_or_not_at_all_however_it_commits(
    tool: Tool, name: str
) -> None:
    tool.tell("a 1")
    tool.start()
    received = tool.inbox.take(0)
    assert received is not None
    for _ in range(3):
        with suppress(OSError), tool.inbox.completing(received):
            IDIOMS[name](tool.db)
            raise OSError
    assert tool.seen == []

    with tool.inbox.completing(received):
        IDIOMS[name](tool.db)

    assert tool.seen == ["x"]
    tool.kill()
    assert tool.start().seen == ["x"]
    assert tool.everything() == []


@pytest.mark.parametrize("sql", ["COMMIT", "END", "ROLLBACK", "BEGIN"])
def test_a_handler_cannot_end_our_transaction_by_its_own_sql(tool: Tool, sql: str) -> None:
    tool.tell("a 1")
    tool.start()
    received = tool.inbox.take(0)
    assert received is not None

    with pytest.raises(sqlite3.DatabaseError, match="not authorized"), tool.inbox.completing(received):
        tool.db.cursor().execute(sql)

    assert tool.everything() == []  # still in hand
    tool.inbox.complete(received)


def test_a_block_that_fails_inside_a_handler_takes_back_its_own_writes_alone(tool: Tool) -> None:
    tool.tell("a 1")
    tool.start()
    received = tool.inbox.take(0)
    assert received is not None

    with tool.inbox.completing(received):
        tool.db.execute("INSERT INTO seen VALUES ('kept')")
        with suppress(KeyError), tool.db:
            tool.db.execute("INSERT INTO seen VALUES ('taken back')")
            raise KeyError

    assert tool.seen == ["kept"]


def test_rollback_inside_a_handler_goes_back_to_where_it_began(tool: Tool) -> None:
    tool.tell("a 1")
    tool.start()
    received = tool.inbox.take(0)
    assert received is not None

    with tool.inbox.completing(received):
        tool.db.execute("INSERT INTO seen VALUES ('taken back')")
        tool.db.rollback()
        tool.db.execute("INSERT INTO seen VALUES ('kept')")

    assert tool.seen == ["kept"]


def test_a_disk_that_fills_while_a_handler_writes_moves_no_position(tool: Tool) -> None:
    tool.tell("a 1")
    tool.start()
    received = tool.inbox.take(0)
    assert received is not None
    pages = tool.db.execute("PRAGMA page_count").fetchone()[0]
    tool.db.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(LedgerFull), tool.inbox.completing(received), suppress(sqlite3.OperationalError):
        tool.db.execute("INSERT INTO seen VALUES (?)", ("x" * 1_000_000,))  # and the handler says nothing

    tool.db.execute("PRAGMA max_page_count = 100000")
    tool.kill()
    assert tool.start().everything() == ["a 1"]


# Whatever line it happens at.


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    with quick_folder(tmp_path) as folder:
        yield folder


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


# Handlers that fail.


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handling, "BACKOFF_S", 0.001)
    monkeypatch.setattr(handling, "LONGEST_PAUSE_S", 0.01)
    monkeypatch.setattr(handling, "WAIT_S", 0.01)


class Handler:
    """Notes what it is given; raises where `broken` says so."""

    def __init__(self, tool: Tool) -> None:
        self.tool = tool
        self.handled: list[str] = []
        self.parked: list[Parked] = []
        self.tries = 0
        self.broken: Callable[[str], bool] = lambda what: False

    def _do(self, what: str) -> None:
        self.tries += 1
        if self.broken(what):
            raise ConnectionError("away")
        self.handled.append(what)

    def run(self, until: Callable[[], bool]) -> None:
        assert self.tool.journal is not None
        Handling(
            self.tool.inbox,
            self.tool.journal,
            lambda update: self._do(f"{update.household} {update.sequence}"),
            self._do,
            self.parked.append,
        ).run(until)


def test_an_update_that_fails_while_others_go_through_is_parked_and_told(tool: Tool) -> None:
    tool.tell("a 1", "a 2", "b 1")
    handler = Handler(tool.start() and tool)
    handler.broken = lambda what: what.startswith("a")

    handler.run(lambda: bool(handler.parked))

    assert handler.handled == ["b 1"]
    assert [(each.household, each.sequence, each.error) for each in handler.parked] == [
        ("a", 1, "ConnectionError")
    ]
    assert handler.tries == 2 * handling.ATTEMPTS + 1


def test_while_the_backend_is_away_nothing_is_parked_and_everything_is_handled_when_it_is_back(
    tool: Tool,
) -> None:
    tool.tell(*(f"h{number} 1" for number in range(20)))
    handler = Handler(tool.start() and tool)
    handler.broken = lambda what: handler.tries < 60

    handler.run(lambda: len(handler.handled) == 20)

    assert handler.parked == []
    assert sorted(handler.handled) == sorted(f"h{number} 1" for number in range(20))


def test_an_erasure_is_never_parked_and_holds_up_its_own_household_alone(tool: Tool) -> None:
    tool.tell("a", "a 1", *(f"b {number}" for number in range(1, 30)))
    handler = Handler(tool.start() and tool)
    handler.broken = lambda what: what == "a" and handler.tries < 60

    handler.run(lambda: "a 1" in handler.handled)

    assert handler.parked == []
    assert handler.handled.index("a") < handler.handled.index("a 1")


def test_stopping_in_the_middle_and_handling_again_drops_nothing(tool: Tool) -> None:
    tool.tell(*(f"h{number} 1" for number in range(50)))
    handler = Handler(tool.start() and tool)
    for most in (1, 10, 50):
        handler.run(lambda most=most: len(handler.handled) >= most)  # type: ignore[misc]

    assert sorted(handler.handled) == sorted(f"h{number} 1" for number in range(50))

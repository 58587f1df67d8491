"""What an outreach tool is promised, on a real broker."""

from __future__ import annotations

import random
import sqlite3
import time
from contextlib import closing
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.streams.operate.topics import Topic, admin, ensure
from eropaf_client.errors import JournalInUse
from eropaf_client.inbox import Received
from eropaf_client.journal import Parked
from eropaf_client.live_list import Moved, Snapshot
from eropaf_client.records import Band, PriorityUpdate
from eropaf_client.schemas.topics import PRIORITIES
from eropaf_client.subscriber import PrioritySubscriber
from tests.integration.clients.telling import Ranking, an_update
from tests.integration.processes import PATIENCE_S, Process, ended

pytestmark = pytest.mark.kafka

TOOL = "tests.integration.clients.tool_process"


@pytest.fixture
def ranking(fresh: EmbeddedKafka) -> Ranking:
    ensure(admin(fresh.bootstrap, {}), [Topic(PRIORITIES, 3)])
    return Ranking(fresh.bootstrap)


def test_kill_9_of_a_tool_at_any_moment_loses_and_doubles_nothing(
    fresh: EmbeddedKafka, ranking: Ranking, tmp_path: Path
) -> None:
    households, each = 40, 50
    journal, moments = tmp_path / "updates.db", random.Random(8)

    def counted() -> list[tuple[str, int]]:
        # A folder for each look: a copy over one that is still open would be neither.
        with (
            TemporaryDirectory(dir=tmp_path) as folder,
            closing(sqlite3.connect(copy(journal, Path(folder)))) as db,
        ):
            return list(db.execute("SELECT household, sequence FROM seen ORDER BY rowid"))

    def everything_counted() -> bool:
        try:
            return len(counted()) >= households * each
        except sqlite3.DatabaseError:  # copied in the middle of a write: look again
            return False

    for kill in range(5):
        process = Process(["-m", TOOL, fresh.bootstrap, str(journal)], tmp_path / "tool.log")
        with ended(process):
            process.until(lambda: (tmp_path / "updates.db-wal").exists(), PATIENCE_S, "the tool at work")
            if kill == 0:
                for sequence in range(1, each + 1):
                    ranking.tell(
                        *(an_update(household=f"h-{n}", sequence=sequence) for n in range(households))
                    )
            time.sleep(moments.uniform(0.0, 0.4) if kill < 4 else 0.0)
            if kill == 4:
                process.until(everything_counted, PATIENCE_S, "everything counted")

    seen = counted()
    assert len(seen) == len(set(seen)) == households * each
    for number in range(households):
        mine = [sequence for household, sequence in seen if household == f"h-{number}"]
        assert mine == list(range(1, each + 1))


def copy(journal: Path, folder: Path) -> Path:
    """Copy a database that its process holds; SQLite reads the copy's log as after a crash."""
    target = folder / "copy.db"
    for suffix in ("", "-wal"):
        source = Path(f"{journal}{suffix}")
        Path(f"{target}{suffix}").write_bytes(source.read_bytes() if source.exists() else b"")
    return target


def test_an_update_whose_handling_fails_is_parked_and_its_household_waits_in_order(
    fresh: EmbeddedKafka, ranking: Ranking, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eropaf_client.handling.BACKOFF_S", 0.01)
    handled: list[tuple[str, int]] = []
    told: list[Parked] = []
    tries = 0
    broken = True

    def handle(update: PriorityUpdate) -> None:
        nonlocal tries
        if broken and update.household == "h-1" and update.sequence == 2:
            tries += 1
            if tries == 5:  # while it waits, another household's update goes through
                ranking.tell(an_update(household="h-2"))
            raise OSError("the tool's own database is away")
        handled.append((update.household, update.sequence))

    ranking.tell(an_update(), an_update(sequence=2), an_update(sequence=3))
    with PrioritySubscriber(fresh.bootstrap, journal=tmp_path / "updates.db") as subscriber:
        subscriber.handle(
            handle,
            forget=lambda household: None,
            on_parked=told.append,
            stopped=lambda: len(handled) == 2 and len(subscriber.parked()) == 2,
        )

        assert sorted(handled) == [("h-1", 1), ("h-2", 1)]
        assert tries >= 5
        assert [(each.household, each.sequence) for each in told] == [("h-1", 2)]
        assert [(each.sequence, each.error) for each in subscriber.parked()] == [
            (2, "OSError"),
            (3, "behind another"),
        ]

        broken = False
        assert subscriber.retry_parked(handle) == 2
        assert handled[-2:] == [("h-1", 2), ("h-1", 3)]
        assert subscriber.parked() == []


def test_a_loop_over_updates_goes_on_where_it_was(
    fresh: EmbeddedKafka, ranking: Ranking, tmp_path: Path
) -> None:
    ranking.tell(*(an_update(sequence=sequence) for sequence in (1, 2, 3, 4)))

    with PrioritySubscriber(fresh.bootstrap, journal=tmp_path / "updates.db") as subscriber:
        assert [sequence(each) for each in islice(subscriber, 2)] == [1, 2]
        with pytest.raises(JournalInUse):
            PrioritySubscriber(fresh.bootstrap, journal=tmp_path / "updates.db")
    with PrioritySubscriber(fresh.bootstrap, journal=tmp_path / "updates.db") as subscriber:
        # The second was in hand when the loop was left: it comes again.
        assert [sequence(each) for each in islice(subscriber, 3)] == [2, 3, 4]


def sequence(received: Received) -> int:
    assert received.update is not None
    return received.update.sequence


def test_a_loop_that_fails_and_is_begun_again_gives_everything_and_erasures_too(
    fresh: EmbeddedKafka, ranking: Ranking, tmp_path: Path
) -> None:
    ranking.tell(*(an_update(household=f"h-{number}") for number in range(1_000)))
    ranking.forget("h-1")
    ranking.tell(an_update(household="h-1"), an_update(household="h-1", sequence=2))
    seen: list[Received] = []
    with PrioritySubscriber(fresh.bootstrap, journal=tmp_path / "updates.db") as subscriber:
        while len(seen) < 1_003:
            try:
                for received in subscriber:
                    if received not in seen and len(seen) % 50 == 7:
                        seen.append(received)
                        raise ConnectionError("the tool's own")
                    if received not in seen:
                        seen.append(received)
                    if len(seen) == 1_003:
                        break
            except ConnectionError:
                continue

    mine = [each.update and each.update.sequence for each in seen if each.household == "h-1"]
    assert mine == [1, None, 1, 2]


def test_the_live_list_is_whole_also_where_a_journal_has_handled_everything(
    fresh: EmbeddedKafka, ranking: Ranking, tmp_path: Path
) -> None:
    ranking.tell(*(an_update(household=f"h-{number}") for number in range(3)))
    with PrioritySubscriber(fresh.bootstrap, journal=tmp_path / "updates.db") as subscriber:
        handled: list[PriorityUpdate] = []
        subscriber.handle(handled.append, forget=lambda household: None, stopped=lambda: len(handled) == 3)

        snapshot = next(subscriber.live_list())

    assert isinstance(snapshot, Snapshot)
    assert len(snapshot.rows) == 3


def test_the_live_list_is_a_snapshot_and_then_each_move(fresh: EmbeddedKafka, ranking: Ranking) -> None:
    ranking.tell(
        an_update(), an_update(household="h-2", urgency=6_000), an_update(household="x", area="1102")
    )

    with PrioritySubscriber(fresh.bootstrap) as subscriber:
        changes = subscriber.live_list("1011")
        first = next(changes)
        assert isinstance(first, Snapshot)
        assert [row.household for row in first.rows] == ["h-2", "h-1"]

        raised = an_update(sequence=2, band=Band.URGENT)
        ranking.tell(an_update(household="x", sequence=2, area="1102"), raised)
        assert next(changes) == Moved("h-1", raised, was=1, now=0)

        ranking.forget("h-2")
        assert next(changes) == Moved("h-2", None, was=1, now=None)


def test_a_tool_knows_how_far_it_is_behind(fresh: EmbeddedKafka, ranking: Ranking) -> None:
    ranking.tell(*(an_update(household=f"h-{n}") for n in range(5)))
    with PrioritySubscriber(fresh.bootstrap) as subscriber:
        assert subscriber.behind() == 5

        while not subscriber.caught_up:
            subscriber.poll(0.1)

        assert subscriber.behind() == 0

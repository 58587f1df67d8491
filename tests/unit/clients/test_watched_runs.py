"""What a watched folder opens, how it waits, and what in it is left alone."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from eropaf_client.errors import BrokerUnreachable, NotPermitted
from eropaf_client.files import watched_folder
from eropaf_client.files.folders import Folder
from eropaf_client.files.watched_folder import WatchedFolder
from tests.unit.clients.test_watched_folder import HEADER, Creditors, everything, line, unanswered


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(watched_folder, "SETTLED_S", 0.0)
    return tmp_path / "dropped"


@pytest.fixture
def creditors() -> Creditors:
    return Creditors()


@pytest.fixture
def watched(folder: Path, creditors: Creditors) -> Iterator[WatchedFolder]:
    with WatchedFolder(folder, "nowhere", "rent", publisher=creditors.make, feedback=unanswered) as made:
        yield made


def test_it_publishes_through_an_outbox_of_its_own_and_reads_the_creditors_feedback(
    folder: Path, creditors: Creditors, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Any] = []

    def publisher(at: Any, creditor: str, path: Path) -> Creditors:
        opened.append((at.bootstrap, creditor, path))
        return creditors.make(creditor, path)

    def feedback(at: Any, creditor: str) -> None:
        opened.append((at.bootstrap, creditor))
        raise BrokerUnreachable("nobody answers")

    monkeypatch.setattr(watched_folder, "OutboxPublisher", publisher)
    monkeypatch.setattr(watched_folder, "FeedbackReader", feedback)
    folder.mkdir()
    (folder / "march.csv").write_text(HEADER + line(1))
    looks = iter([False, True])

    with WatchedFolder(folder, "kafka:9092", "rent") as watched:
        watched.watch(lambda answered: None, lambda: next(looks))

    assert opened == [
        ("kafka:9092", "rent", folder / ".eropaf" / "outbox-rent.db"),
        ("kafka:9092", "rent"),
    ]


@pytest.mark.parametrize(
    ("mode", "of_folders", "of_receipts"), [(0o755, 0o700, 0o600), (0o775, 0o750, 0o640)]
)
def test_answers_may_be_read_by_whom_the_folder_lets_put_files_there(
    folder: Path, creditors: Creditors, mode: int, of_folders: int, of_receipts: int
) -> None:
    folder.mkdir()
    folder.chmod(mode)
    (folder / "march.csv").write_text(HEADER + line(1))
    (folder / "bad.csv").write_text(HEADER + "x\n")

    with WatchedFolder(folder, "nowhere", "rent", publisher=creditors.make, feedback=unanswered) as watched:
        answered = everything(watched)

    modes = {
        name: stat.S_IMODE((folder / name).stat().st_mode) for name in ("accepted", "refused", ".eropaf")
    }
    assert modes == {"accepted": of_folders, "refused": of_folders, ".eropaf": 0o700}
    assert {stat.S_IMODE(each.receipt.stat().st_mode) for each in answered} == {of_receipts}


class Clock:
    """Stands in for `time`: sleeping takes none, and is noted."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def module(self) -> SimpleNamespace:
        return SimpleNamespace(
            sleep=self.slept.append, monotonic=watched_folder.time.monotonic, time=watched_folder.time.time
        )


def test_while_the_broker_is_away_it_waits_ever_longer_and_says_so(
    folder: Path,
    watched: WatchedFolder,
    creditors: Creditors,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, found = Clock(), list[Any]()
    monkeypatch.setattr(watched_folder, "time", clock.module())
    monkeypatch.setattr(watched_folder, "FOLDER_CHECKED_EVERY_S", 10.0)
    monkeypatch.setattr(watched_folder, "LONGEST_FOLDER_PAUSE_S", 35.0)
    monkeypatch.setattr(watched._feedback, "refresh", lambda: None)
    creditors.fails = [BrokerUnreachable("away") for _ in range(4)]
    (folder / "march.csv").write_text(HEADER + line(1))

    watched.watch(found.append, lambda: len(clock.slept) == 5)

    assert [each.stored for each in found] == [1]
    assert caplog.messages == [
        "away: tried again in 10 s", "away: tried again in 20 s", "away: tried again in 35 s",
        "away: tried again in 35 s",
    ]  # fmt: skip
    # The first after each failure, doubled; after the file, as often as ever.
    assert clock.slept == [20.0, 35.0, 35.0, 35.0, 10.0]


def test_what_the_cluster_refuses_ends_it(folder: Path, watched: WatchedFolder, creditors: Creditors) -> None:
    creditors.fails = [NotPermitted("no right")]
    (folder / "march.csv").write_text(HEADER + line(1))

    with pytest.raises(NotPermitted):
        watched.watch(lambda answered: None, lambda: False)


@pytest.mark.parametrize(("creditor", "refreshed"), [("rent", 2), (None, 0)])
def test_feedback_is_refreshed_where_the_folder_is_one_creditors(
    folder: Path,
    creditors: Creditors,
    monkeypatch: pytest.MonkeyPatch,
    creditor: str | None,
    refreshed: int,
) -> None:
    clock, times = Clock(), list[int]()
    monkeypatch.setattr(watched_folder, "time", clock.module())

    with WatchedFolder(folder, "nowhere", creditor, publisher=creditors.make, feedback=unanswered) as watched:
        monkeypatch.setattr(watched._feedback, "refresh", lambda: times.append(1))
        watched.watch(lambda answered: None, lambda: len(clock.slept) == 2)

    assert len(times) == refreshed


def test_what_is_not_a_delivery_is_left_alone_and_what_stands_behind_it_taken(
    folder: Path, watched: WatchedFolder
) -> None:
    left = [".march.csv", "a.receipt.csv", "b.tmp", "~$march.csv"]
    for name in left:
        (folder / name).write_text(HEADER + line(1))
    (folder / "c.csv").mkdir()
    (folder / "d.csv").symlink_to(folder / "a.receipt.csv")
    (folder / "~later.csv").write_text(HEADER + line(2))

    (answered,) = everything(watched)

    assert answered.file.name == "~later.csv"
    assert {each.name for each in folder.iterdir()} >= {*left, "c.csv", "d.csv"}


def test_a_file_that_cannot_be_taken_is_told_once_and_the_others_go_on(
    folder: Path, watched: WatchedFolder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    move, stuck = Folder.move, {"a.csv"}

    def moved(self: Folder, name: str, to: Folder, new_name: str) -> None:
        with self._told(name):
            if name in stuck:
                raise PermissionError(1, "Operation not permitted")
        move(self, name, to, new_name)

    monkeypatch.setattr(Folder, "move", moved)
    for name in ("a.csv", "b.csv"):
        (folder / name).write_text(HEADER + line(len(name) + ord(name[0])))

    first, second = everything(watched), everything(watched)

    said = f"{folder / 'a.csv'} cannot be used (Operation not permitted); check its permissions"
    assert [each.file.name for each in first] == ["b.csv"]
    assert second == []
    assert caplog.messages == [f"a file is left where it is, and the others go on: {said}"]
    stuck.clear()
    assert [each.file.name for each in everything(watched)] == ["a.csv"]
    stuck.add("a.csv")
    (folder / "a.csv").write_text(HEADER + line(7))
    everything(watched)
    assert len(caplog.messages) == 2  # another file of that name is another matter


def test_what_was_answered_long_ago_goes_whatever_stands_before_it(
    folder: Path, watched: WatchedFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "accepted" / "a.receipt.csv").write_text("a receipt stays")
    (folder / "accepted" / "b.csv").mkdir()
    for place in ("accepted", "refused"):
        (folder / place / "c.csv").write_text("goes")
    later = os.stat(folder / "refused" / "c.csv").st_ctime + watched_folder.ANSWERED_KEPT_S
    monkeypatch.setattr(watched_folder.time, "time", lambda: later)
    watched.look()  # it looks at once when it starts
    assert (folder / "refused" / "c.csv").exists()

    monkeypatch.setattr(watched_folder.time, "time", lambda: later + 1)
    watched.look()
    assert (folder / "refused" / "c.csv").exists()  # it looks once an hour or so
    monkeypatch.setattr(watched_folder, "SWEPT_EVERY_S", 0.0)
    watched.look()

    assert sorted(each.name for each in (folder / "accepted").iterdir()) == ["a.receipt.csv", "b.csv"]
    assert [*(folder / "refused").iterdir()] == []

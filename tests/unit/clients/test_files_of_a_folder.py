"""A file that a watched folder finds: when it is whole, and what is said of one that is none of ours."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from eropaf_client.files import watched_folder
from eropaf_client.files.watched_folder import WatchedFolder
from tests.unit.clients.test_watched_folder import HEADER, Creditors, everything, line, receipt


@pytest.fixture
def creditors() -> Creditors:
    return Creditors()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(watched_folder, "SETTLED_S", 0.0)
    return tmp_path / "dropped"


@pytest.fixture
def watched(folder: Path, creditors: Creditors) -> Iterator[WatchedFolder]:
    with WatchedFolder(folder, "nowhere", "rent", publisher=creditors.make) as made:
        yield made


def test_a_file_whose_time_stamp_lies_ahead_is_taken_once_it_stays_the_same(
    folder: Path, watched: WatchedFolder, creditors: Creditors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that keeps a sender's timestamps sent from another zone: nobody was told that it waits."""
    monkeypatch.setattr(watched_folder, "SETTLED_S", 2.0)
    clock = 100.0
    monkeypatch.setattr(watched_folder.time, "monotonic", lambda: clock)
    late = folder / "late.csv"

    def sent(lines: str) -> None:
        late.write_text(HEADER + lines)
        os.utime(late, (time.time() + 3_600, time.time() + 3_600))

    sent(line(1))
    assert watched.look() == []
    clock += 1.5
    sent(line(1) + line(2))  # it is being written still
    assert watched.look() == []
    clock += 1.5
    assert watched.look() == []
    clock += 0.5
    assert [each.stored for each in watched.look()] == [2]
    assert creditors.stored == {"rent": ["S-1", "S-2"]}


@pytest.mark.parametrize("name", ["maart.XLS", "maart.ods", "maart.txt", "maart.zip"])
def test_a_kind_that_offices_deliver_is_refused_with_a_receipt(
    folder: Path, watched: WatchedFolder, name: str
) -> None:
    (folder / name).write_bytes(b"whatever it holds")

    (answered,) = watched.look()

    assert answered.file.parent.name == "refused"
    assert "must end in one of .csv, .json, .xlsx; save it as one" in answered.receipt.read_text("utf-8")


@pytest.mark.parametrize("name", ["maart.csv.part", "maart.filepart", "notes.tmp", "maart"])
def test_what_is_still_being_uploaded_is_left_alone(folder: Path, watched: WatchedFolder, name: str) -> None:
    (folder / name).write_bytes(b"half of it")

    assert watched.look() == []
    assert (folder / name).exists()


def test_a_receipt_names_no_more_faults_than_a_person_reads(folder: Path, watched: WatchedFolder) -> None:
    """One line for each of a file that is none of ours: 256 MiB of them were more than a machine has."""
    with (folder / "other.csv").open("w") as file:
        file.write(HEADER)
        file.writelines("x\n" for _ in range(5_000))
    (answered,) = everything(watched)
    lines = receipt(answered).splitlines()
    assert len(lines) == 1_003
    assert lines[1001] == 'file,,refused,"has more faults; the first 1,000 are named"'
    assert answered.stored == 0


@pytest.mark.parametrize(("days", "there"), [(29, True), (31, False)])
def test_what_was_delivered_goes_after_thirty_days_and_its_receipt_stays(
    folder: Path, watched: WatchedFolder, monkeypatch: pytest.MonkeyPatch, days: int, there: bool
) -> None:
    """It names people, as the topic does that it went to; who sent it has a receipt to show."""
    (folder / "good.csv").write_text(HEADER + line(1))
    (folder / "bad.csv").write_text(HEADER + "x\n")
    found = everything(watched)
    # By the file system's own clock, which no test can shift.
    later = found[0].file.stat().st_ctime + days * 86_400
    monkeypatch.setattr(watched_folder.time, "time", lambda: later)
    monkeypatch.setattr(watched_folder, "SWEPT_EVERY_S", 0.0)

    watched.look()

    assert [each.file.exists() for each in found] == [there, there]
    assert all(each.receipt.exists() for each in found)
    assert (folder / ".eropaf" / "journal.db").exists()
    (folder / "good.csv").write_text(HEADER + line(1))
    os.utime(folder / "good.csv", (1, 1))
    (again,) = everything(watched)
    assert "is the same as one accepted on" in receipt(again), "that it was accepted is known for ever"

"""Who may read what a watched folder answers: its owner, and the group that may put files there."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

import pytest

from eropaf_client.files import watched_folder
from eropaf_client.files.watched_folder import Answered, WatchedFolder
from eropaf_client.records import ArrearsSignal

FILE = (
    "signal_id,contract,kind,partner_type,amount_eur,reported_at,version,postcode,house_number\n"
    "S-1,C-1,REPORTED,RENT,1650.00,2026-03-02,1,1011 AB,7\n"
)


class Taken:
    """What the folder publishes through: it takes everything."""

    def check(self, signal: ArrearsSignal) -> None:
        pass

    def report_all(self, signals: Iterable[ArrearsSignal]) -> int:
        return len(list(signals))

    def close(self) -> None:
        pass


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(watched_folder, "SETTLED_S", 0.0)
    (tmp_path / "dropped").mkdir()
    return tmp_path / "dropped"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def answered(folder: Path) -> Answered:
    (folder / "march.csv").write_text(FILE, "utf-8")
    with WatchedFolder(folder, "nowhere", "rent", publisher=lambda *_: Taken()) as watched:
        (found,) = watched.look()
    return found


def test_what_is_answered_is_its_owners_alone(folder: Path) -> None:
    folder.chmod(0o755)

    found = answered(folder)

    assert mode(found.receipt) == 0o600
    assert {mode(folder / name) for name in (".eropaf", "accepted", "refused")} == {0o700}


def test_folders_of_a_version_before_are_closed_to_others(folder: Path) -> None:
    folder.chmod(0o755)
    for name in (".eropaf", "accepted", "refused"):
        (folder / name).mkdir(mode=0o755)

    answered(folder)

    assert {mode(folder / name) for name in (".eropaf", "accepted", "refused")} == {0o700}


def test_a_group_that_may_put_files_there_reads_what_is_answered(folder: Path) -> None:
    folder.chmod(0o770)
    before = os.umask(0o077)
    try:
        found = answered(folder)
    finally:
        os.umask(before)

    assert mode(found.receipt) == 0o640
    assert found.receipt.stat().st_gid == folder.stat().st_gid
    assert {mode(folder / name) for name in ("accepted", "refused")} == {0o750}
    assert mode(folder / ".eropaf") == 0o700


def test_a_group_to_which_nothing_can_be_given_reads_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_of_that_group(*_: object) -> None:
        raise PermissionError

    folder.chmod(0o770)
    monkeypatch.setattr(os, "fchown", not_of_that_group)

    assert mode(answered(folder).receipt) == 0o600

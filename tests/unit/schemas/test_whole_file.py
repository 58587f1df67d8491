"""Who finds a file under its name finds the whole of it, whatever happens while it is written."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from errno import EIO
from pathlib import Path

import pytest

from eropaf_client.schemas.whole_file import Overtaken, whole_file

Put = Callable[[str | Path, str | Path], None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


def written(path: Path, replace: bool = False) -> None:
    with whole_file(path, replace) as file:
        file.write(b"ours")


def test_only_its_owner_reads_it_while_it_is_written_and_after(path: Path) -> None:
    with whole_file(path, replace=False) as file:
        file.write(b"ours")
        modes = [stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()]

    assert modes == [0o600]
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"ours", 0o600)


@pytest.mark.parametrize("before", [None, b"theirs"])
def test_a_name_that_cannot_be_given_leaves_nothing_and_takes_nothing(
    path: Path, before: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if before is not None:
        path.write_bytes(before)

    def faulty(unfinished: str | Path, path: str | Path) -> None:
        raise OSError(EIO, "Input/output error")

    monkeypatch.setattr(os, "replace", faulty)
    with pytest.raises(OSError, match="Input/output error"):
        written(path, replace=before is not None)

    assert [each.read_bytes() for each in path.parent.iterdir()] == ([] if before is None else [before])


def test_who_is_overtaken_at_the_last_moment_leaves_no_empty_file(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put: Put = os.replace

    def another_begins(unfinished: str | Path, path: str | Path) -> None:
        Path(unfinished).unlink()
        Path(unfinished).write_bytes(b"half")
        Path(unfinished).rename(f"{path}.half")
        put(unfinished, path)

    monkeypatch.setattr(os, "replace", another_begins)
    with pytest.raises(Overtaken):
        written(path)

    assert {each.name: each.read_bytes() for each in path.parent.iterdir()} == {"file.half": b"half"}


def test_what_a_killed_process_left_goes_with_the_next(path: Path) -> None:
    (path.parent / "file.unfinished").write_bytes(b"half of a letter")

    written(path)

    assert [each.name for each in path.parent.iterdir()] == ["file"]


def test_a_folder_is_never_written_over(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        written(tmp_path, replace=True)

"""A folder held by its descriptor: who may read what is written there, and what a refusal means."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from eropaf_client.errors import LedgerError, LedgerFull
from eropaf_client.files import folders
from eropaf_client.files.folders import Folder, shown


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    (tmp_path / "held").mkdir()
    made = Folder(tmp_path / "held")
    yield made
    made.close()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("kind", ["none", "file", "link"])
def test_what_is_no_folder_is_refused_by_name(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "held"
    if kind == "file":
        path.touch()
    elif kind == "link":
        path.symlink_to(tmp_path)

    with pytest.raises(LedgerError) as refused:
        Folder(path)

    assert is_refusal_of(str(refused.value), path)


def is_refusal_of(said: str, path: Path) -> bool:
    begins, ends = f"{path} is not a usable folder (", "). A link to one is refused: create a real folder"
    return said.startswith(begins) and said.endswith(ends)


def test_a_folder_within_another_is_private_and_open_to_its_readers(folder: Folder) -> None:
    readers = os.getgid()

    own = Folder(folder.path / "own", folder)
    let = Folder(folder.path / "let", folder, readers)
    again = Folder(folder.path / "own", folder)

    assert [mode(folder.path / name) for name in ("own", "let")] == [0o700, 0o750]
    assert (folder.path / "let").stat().st_gid == readers
    (folder.path / "own").chmod(0o777)
    Folder(folder.path / "own", folder).close()
    assert mode(folder.path / "own") == 0o700, "as an earlier version left it"
    assert again.names() == []
    for each in (own, let, again):
        each.close()


def test_its_senders_are_the_group_that_may_write(folder: Folder) -> None:
    folder.path.chmod(0o755)
    assert folder.senders is None
    folder.path.chmod(0o775)
    assert folder.senders == folder.path.stat().st_gid


def test_that_it_was_deleted_is_known(folder: Folder) -> None:
    assert not folder.deleted
    folder.path.rmdir()
    assert folder.deleted


@pytest.mark.parametrize(("readers", "of_file"), [(None, 0o600), (os.getgid(), 0o640)])
def test_what_is_written_is_its_owners_and_its_readers(
    folder: Folder, readers: int | None, of_file: int
) -> None:
    before = os.umask(0o077)
    try:
        folder.write("a.txt", ["one\n", "\udce9\n"], readers)
    finally:
        os.umask(before)

    assert mode(folder.path / "a.txt") == of_file
    assert [*folder.lines("a.txt")] == ["one\n", "\\udce9\n"]
    folder.append("a.txt", ["two\n"])
    folder.append("a.txt", ["three"])
    assert [*folder.lines("a.txt")] == ["one\n", "\\udce9\n", "two\n", "three"]
    folder.write("a.txt", ["new"])
    assert (folder.path / "a.txt").read_text() == "new"


def test_a_link_is_never_followed(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "other").write_text("of another")
    (folder.path / "a.txt").symlink_to(tmp_path / "other")

    found = folder.stat("a.txt")
    assert found is not None
    assert stat.S_ISLNK(found.st_mode)
    for way in (lambda: [*folder.lines("a.txt")], lambda: folder.append("a.txt", ["x"])):
        with pytest.raises(LedgerError):
            way()
    folder.write("a.txt", ["ours"])

    assert (tmp_path / "other").read_text() == "of another"
    assert not (folder.path / "a.txt").is_symlink()


def test_lines_are_cut_and_bytes_that_are_no_text_are_marked(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "LONGEST_LINE", 4)
    (folder.path / "a.txt").write_bytes(b"12345\r\n\xff\n")

    assert [*folder.lines("a.txt")] == ["1234", "5\r\n", "\ufffd\n"]
    with pytest.raises(FileNotFoundError):
        next(folder.lines("none"))


def test_what_has_gone_is_none_and_removing_it_is_no_matter(folder: Folder) -> None:
    assert folder.stat("none") is None
    folder.remove("none")
    (folder.path / "b").touch()
    (folder.path / "a").touch()
    assert folder.names() == ["a", "b"]
    folder.remove("a")
    assert folder.names() == ["b"]


def test_a_file_is_moved_under_another_name_or_its_absence_told(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Folder(tmp_path / "other")
    (folder.path / "a").write_text("a")
    (folder.path / "b").write_text("b")

    folder.move("a", other, "c")
    assert (tmp_path / "other" / "c").read_text() == "a"
    with pytest.raises(FileNotFoundError):
        folder.move("a", other, "c")
    (tmp_path / "other" / "c").unlink()
    (tmp_path / "other").rmdir()
    with pytest.raises(LedgerError) as refused:
        folder.move("b", other, "c")
    assert str(refused.value) == f"{tmp_path / 'other'} was deleted; create it again and restart"
    other.close()


@pytest.mark.parametrize(
    ("number", "kind", "said"),
    [
        (errno.ENOSPC, LedgerFull, "cannot be written (No space left on device); make room"),
        (errno.EDQUOT, LedgerFull, "cannot be written (Disk quota exceeded); make room"),
        (errno.EROFS, LedgerFull, "cannot be written (Read-only file system); mount it to be written"),
        (errno.EACCES, LedgerError, "cannot be used (Permission denied); check its permissions"),
    ],
)
def test_a_no_of_the_file_system_says_what_to_do(
    folder: Folder, monkeypatch: pytest.MonkeyPatch, number: int, kind: type, said: str
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    for called in ("open", "unlink", "rename", "listdir", "stat"):
        monkeypatch.setattr(folders.os, called, fails)
    try:
        ways: dict[str, list[Callable[[], object]]] = {
            "caf\ufffd": [
                lambda: folder.write("caf\udce9", []),
                lambda: folder.append("caf\udce9", []),
                lambda: folder.remove("caf\udce9"),
                lambda: folder.stat("caf\udce9"),
                lambda: folder.move("caf\udce9", folder, "b"),
                lambda: [*folder.lines("caf\udce9")],
            ],
            "": [folder.names],
        }
        found = []
        for name, calls in ways.items():
            for call in calls:
                with pytest.raises(LedgerError) as refused:
                    call()
                found.append((type(refused.value), str(refused.value) == f"{folder.path / name} {said}"))
    finally:
        monkeypatch.undo()

    assert found == [(kind, True)] * 7


@pytest.mark.parametrize(
    ("taken", "name", "room", "free"),
    [
        ([], "march.csv", 0, "march.csv"),
        (["march.csv"], "march.csv", 0, "march-2.csv"),
        (["march.csv", "march-2.csv"], "march.csv", 0, "march-3.csv"),
        (["march"], "march", 0, "march-2"),
        ([], "a" * 251 + ".csv", 0, "a" * 251 + ".csv"),
        ([], "a" * 251 + ".csv", 12, "a" * 239 + ".csv"),
        (["a" * 239 + ".csv"], "a" * 251 + ".csv", 12, "a" * 237 + "-2.csv"),
        ([], "é" * 125 + ".csv", 10, "é" * 120 + ".csv"),
        ([], "a." + "b" * 253, 5, "a." + "b" * 248),
    ],
)
def test_a_free_name_is_as_close_as_the_file_system_allows(
    folder: Folder, taken: list[str], name: str, room: int, free: str
) -> None:
    for each in taken:
        (folder.path / each).touch()

    assert folder.free(name, room) == free


def test_a_name_that_is_no_text_is_shown_marked() -> None:
    assert shown("caf\udce9.csv") == "caf\ufffd.csv"
    assert shown("Zoë") == "Zoë"

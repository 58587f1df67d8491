"""Rows on disk are what rows in memory are, and nothing of them outlasts who held them."""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import StreamsError
from streams.rows import Change, InMemory, Rows, keeper

keys = st.binary(max_size=3)
changes = st.lists(st.lists(st.tuples(keys, st.none() | st.binary(max_size=4)), max_size=8), max_size=8)


@pytest.fixture(scope="module")
def on_disk(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Rows]:
    return keeper(tmp_path_factory.mktemp("state") / "worker-1")


@given(changes, keys)
def test_they_hold_what_rows_in_memory_hold(
    on_disk: Callable[[], Rows], told: list[list[Change]], key: bytes
) -> None:
    memory, disk, neighbour = InMemory(), on_disk(), on_disk()
    neighbour.take([(b"", b"its own"), (b"\xff\xff\xff", b"its own")])

    for at_once in told:
        memory.take(at_once)
        disk.take(at_once)

    assert dict(disk.items()) == memory
    assert set(disk) == set(memory)
    assert len(disk) == len(memory)
    assert disk.get(key) == memory.get(key)
    assert (key in disk) == (key in memory)
    assert len(neighbour) == 2


def test_what_nobody_holds_any_more_is_gone(tmp_path: Path) -> None:
    new = keeper(tmp_path / "worker-1")
    rows = new()
    rows.take([(b"a", b"1")])
    database = rows._database  # type: ignore[attr-defined]
    assert len(list(database.keys())) == 1

    del rows

    assert list(database.keys()) == []


def test_what_an_ended_worker_left_is_not_taken_up(tmp_path: Path) -> None:
    left = tmp_path / "worker-1"
    left.mkdir()
    (left / "of-another-time").write_bytes(b"rows")

    rows = keeper(left)()

    assert list(rows) == []
    assert not (left / "of-another-time").exists()
    assert stat.S_IMODE(left.stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StreamsError, match=r"state on disk: .*file/worker-1 cannot be used"):
        keeper(tmp_path / "file" / "worker-1")


def test_without_rocksdb_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rocksdict", None)

    with pytest.raises(StreamsError, match=r"install eropaf\[disk\]"):
        keeper(tmp_path / "worker-1")

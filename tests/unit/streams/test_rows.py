"""Rows on disk and packed ones are what a dictionary's are; nothing on disk outlasts who held it."""

from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eropaf.streams.errors import StreamsError
from eropaf.streams.state import rows
from eropaf.streams.state.rows import Change, InMemory, Rows, keeper

keys = st.binary(max_size=3)
BEYOND = b"\xff" * 4
changes = st.lists(st.lists(st.tuples(keys, st.none() | st.binary(max_size=4)), max_size=8), max_size=8)


def new_packed() -> Rows:
    if rows.packed is None:
        pytest.skip("NOT BUILT, SO NOT TESTED: `make compiled`")
    return rows.packed.PackedRows()


def is_same(found: Rows, must: dict[bytes, bytes], key: bytes) -> bool:
    return (
        dict(found.items()) == must
        and sorted(found.between(b"", key)) == sorted(held for held in must if held < key)
        and sorted(found.between(key, BEYOND)) == sorted(held for held in must if held >= key)
        and len(found) == len(must)
        and found.get(key) == must.get(key)
        and (key in found) == (key in must)
    )


@pytest.fixture(scope="module")
def on_disk(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Rows]:
    return keeper(tmp_path_factory.mktemp("state") / "worker-1")


@given(changes, keys)
def test_those_on_disk_are_the_same(
    on_disk: Callable[[], Rows], told: list[list[Change]], key: bytes
) -> None:
    memory, disk, neighbour = InMemory(), on_disk(), on_disk()
    neighbour.take([(b"", b"its own"), (b"\xff\xff\xff", b"its own")])

    for at_once in told:
        memory.take(at_once)
        disk.take(at_once)

    assert is_same(disk, memory, key)
    assert len(neighbour) == 2


@given(changes, keys)
def test_packed_ones_are_the_same(told: list[list[Change]], key: bytes) -> None:
    memory, tight = InMemory(), new_packed()

    for at_once in told:
        memory.take(at_once)
        tight.take(at_once)

        assert is_same(tight, memory, key)


@given(st.integers(), st.integers(1, 200), st.integers(0, 2_000))
def test_packed_ones_are_the_same_also_after_many_came_and_went(seed: int, many: int, longest: int) -> None:
    random, memory, tight = Random(seed), InMemory(), new_packed()

    # So much that what is left behind is cleared away, slots are laid out anew, and keys are sorted again.
    for turn in range(6 * many):
        key = b"%d" % random.randrange(many)
        row = None if random.random() < 0.3 else random.randbytes(random.randint(0, longest))
        memory.take([(key, row)])
        tight.take([(key, row)])
        if turn % 7 == 0:
            assert is_same(tight, memory, key)

    assert is_same(tight, memory, b"0")


@pytest.mark.parametrize("new", [InMemory, new_packed])
@given(st.integers(), st.integers(1, 2_000))
def test_a_range_has_each_of_its_keys_once_whatever_came_since(
    new: Callable[[], Rows], seed: int, many: int
) -> None:
    random, found, must = Random(seed), new(), dict[bytes, bytes]()

    # Keys whose first eight bytes are the same as well, and more new ones than an order outlasts.
    for turn in range(many):
        key = b"alike---" * random.randrange(2) + b"%d" % random.randrange(many)
        row = None if random.random() < 0.3 else random.randbytes(random.randrange(64))
        found.take([(key, row)])
        if row is None:
            must.pop(key, None)
        else:
            must[key] = row
        if turn % 97 == 0:
            first, beyond = sorted([key, b"%d" % random.randrange(many)])
            within = sorted(held for held in must if first <= held < beyond)
            assert sorted(found.between(first, beyond)) == within


def taken(kind: str, changes: str) -> int:
    """Return the bytes that a process needs for what `changes` leaves of rows."""
    made = f"""
from psutil import Process
from eropaf.streams.state.rows import InMemory, packed
rows, before = {kind}(), Process().memory_info().rss
for key, row in {changes}:
    rows.take([(b"%032x" % key, row)])
print(Process().memory_info().rss - before)
"""
    return int(subprocess.check_output([sys.executable, "-c", made], text=True))


def test_packed_ones_take_less_memory() -> None:
    new_packed()
    changes = "((key, b'%0183x' % key) for key in range(200_000))"

    assert taken("packed.PackedRows", changes) < 0.8 * taken("InMemory", changes)


def test_what_packed_ones_leave_behind_is_cleared_away() -> None:
    new_packed()
    # A hundred thousand rows that each outgrow the one before, of which a hundred stand.
    changes = "((key, bytes(size)) for size in range(1_000) for key in range(100))"

    assert taken("packed.PackedRows", changes) < 2_000_000


def test_packed_ones_say_so_where_they_change_while_they_are_gone_through() -> None:
    tight = new_packed()
    tight.take([(b"a", b"1"), (b"b", b"2")])
    going = iter(tight.items())
    next(going)
    tight.take([(b"c", b"3")])

    with pytest.raises(RuntimeError, match="changed"):
        next(going)


@pytest.mark.parametrize("key", ["a", 1, None])
def test_packed_ones_take_bytes_only(key: object) -> None:
    tight = new_packed()

    assert key not in tight
    with pytest.raises(TypeError):
        tight.take([(key, b"row")])  # type: ignore[list-item]


def test_what_nobody_holds_any_more_is_gone(tmp_path: Path) -> None:
    new = keeper(tmp_path / "worker-1")
    held = new()
    held.take([(b"a", b"1")])
    database = held._database  # type: ignore[attr-defined]
    assert len(list(database.keys())) == 1

    del held

    assert list(database.keys()) == []


def test_what_an_ended_worker_left_is_not_taken_up(tmp_path: Path) -> None:
    left = tmp_path / "worker-1"
    left.mkdir()
    (left / "of-another-time").write_bytes(b"rows")

    found = keeper(left)()

    assert list(found.items()) == []
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

"""A savepoint's file is there as a whole or not at all, and says so when it is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eropaf.streams.errors import SavepointDamaged, SavepointUnwritten
from eropaf.streams.operate.savepoint_file import VERSION, Manifest, check, read_entries, write

MANIFEST = Manifest(VERSION, "cluster", "group", "2026-03-02T12:00:00+00:00", {"rows": 2}, {"in": [3, 0]})


def an_entry(offset: int, value: bytes | None = b"value") -> dict[str, Any]:
    header = {"name": "trace", "value": None}
    return {
        "topic": "rows", "partition": 1, "offset": offset, "timestamp_ms": 1, "key": b"key", "value": value,
        "headers": [header],
    }  # fmt: skip


ENTRIES = [an_entry(1), an_entry(2, None), an_entry(5, b"")]


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "savepoint"

    write(file, MANIFEST, ENTRIES)

    assert list(read_entries(file)) == ENTRIES
    assert check(file) == MANIFEST
    assert [path.name for path in tmp_path.iterdir()] == ["savepoint"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_file_whose_records_were_cut_or_changed_anywhere_is_refused(
    tmp_path: Path, data: st.DataObject
) -> None:
    file = tmp_path / "savepoint"
    write(file, MANIFEST, ENTRIES)
    whole = file.read_bytes()
    # Records stand between two sync markers; a compressor's checksum, which its reader passes over, and
    # the last marker hold nothing of them.
    begin, end = whole.index(whole[-16:]) + 16, len(whole) - 20

    file.write_bytes(whole[: data.draw(st.integers(begin, len(whole) - 1))])
    with pytest.raises(SavepointDamaged):
        check(file)

    at = data.draw(st.integers(begin, end - 1))
    file.write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
    with pytest.raises(SavepointDamaged):
        check(file)


def test_a_file_whose_manifest_was_changed_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "savepoint"
    write(file, MANIFEST, ENTRIES)
    whole = file.read_bytes()

    file.write_bytes(whole.replace(b'"in": [3, 0]', b'"in": [4, 0]'))

    with pytest.raises(SavepointDamaged, match="was changed"):
        check(file)


def test_an_export_that_breaks_off_leaves_the_older_savepoint_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "savepoint"
    write(file, MANIFEST, ENTRIES)

    def breaks_off() -> Iterator[dict[str, Any]]:
        yield an_entry(1)
        raise RuntimeError("a worker ran meanwhile")

    with pytest.raises(RuntimeError):
        write(file, MANIFEST, breaks_off())

    assert list(read_entries(file)) == ENTRIES
    assert [path.name for path in tmp_path.iterdir()] == ["savepoint"]


def test_where_nothing_can_be_written_the_reason_is_told(tmp_path: Path) -> None:
    with pytest.raises(SavepointUnwritten, match="No such file or directory"):
        write(tmp_path / "nowhere" / "savepoint", MANIFEST, ENTRIES)

"""A savepoint's file is there as a whole or not at all, and says so when it is not."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import fastavro
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eropaf.streams.errors import SavepointDamaged, SavepointThere, SavepointUnwritten
from eropaf.streams.operate import savepoint_file
from eropaf.streams.operate.savepoint_file import (
    ENTRY,
    SAVEPOINT_VERSION,
    Manifest,
    check,
    read_entries,
    write,
)

MANIFEST = Manifest(
    SAVEPOINT_VERSION, "cluster", "group", "2026-03-02T12:00:00+00:00", {"rows": 2, "in": 2}, {"in": [3, 0]}
)


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
    write(file, MANIFEST, ENTRIES, overwrite=True)
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
        write(file, MANIFEST, breaks_off(), overwrite=True)

    assert list(read_entries(file)) == ENTRIES
    assert [path.name for path in tmp_path.iterdir()] == ["savepoint"]


def test_a_savepoint_that_is_there_stays_unless_somebody_says_so(tmp_path: Path) -> None:
    file = tmp_path / "savepoint"
    write(file, MANIFEST, ENTRIES)

    def nothing_is_read() -> Iterator[dict[str, Any]]:
        raise AssertionError("refused before any work")
        yield

    with pytest.raises(SavepointThere, match="already exists"):
        write(file, MANIFEST, nothing_is_read())
    assert list(read_entries(file)) == ENTRIES

    write(file, MANIFEST, ENTRIES[:1], overwrite=True)
    assert list(read_entries(file)) == ENTRIES[:1]
    assert [path.name for path in tmp_path.iterdir()] == ["savepoint"]


@pytest.mark.parametrize("link", [False, True])
def test_a_name_that_somebody_takes_meanwhile_is_theirs(tmp_path: Path, link: bool) -> None:
    file, elsewhere = tmp_path / "savepoint", tmp_path / "elsewhere"

    def meanwhile() -> Iterator[dict[str, Any]]:
        yield an_entry(1)
        if link:
            file.symlink_to(elsewhere)
        else:
            file.write_bytes(b"theirs")

    with pytest.raises(SavepointThere, match="meanwhile"):
        write(file, MANIFEST, meanwhile())

    assert file.is_symlink() if link else file.read_bytes() == b"theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["savepoint"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_half_of_anothers_savepoint_is_never_taken_for_ones_own(tmp_path: Path, overwrite: bool) -> None:
    file = tmp_path / "savepoint"

    def another_begins() -> Iterator[dict[str, Any]]:
        yield an_entry(1)
        (tmp_path / "savepoint.unfinished").unlink()
        (tmp_path / "savepoint.unfinished").write_bytes(b"half")

    with pytest.raises(SavepointUnwritten, match="Run it again once the other is done") as told:
        write(file, MANIFEST, another_begins(), overwrite=overwrite)

    assert not isinstance(told.value, SavepointThere), "--overwrite is no cure, and a ledger has none"
    assert not file.exists()
    assert (tmp_path / "savepoint.unfinished").read_bytes() == b"half"


def test_where_nothing_can_be_written_the_reason_is_told(tmp_path: Path) -> None:
    with pytest.raises(SavepointUnwritten, match="No such file or directory"):
        write(tmp_path / "nowhere" / "savepoint", MANIFEST, ENTRIES)
    with pytest.raises(SavepointUnwritten, match="Is a directory"):
        write(tmp_path, MANIFEST, ENTRIES, overwrite=True)


@pytest.mark.parametrize(
    "entry",
    [
        an_entry(1) | {"topic": "audit"},
        an_entry(1) | {"topic": "../rows"},
        an_entry(1) | {"partition": 2},
        an_entry(1) | {"partition": -1},
        an_entry(-2),
    ],
)
def test_a_record_of_a_topic_that_the_file_does_not_name_is_refused(
    tmp_path: Path, entry: dict[str, Any]
) -> None:
    file = tmp_path / "savepoint"
    write(file, MANIFEST, [an_entry(1), entry])

    with pytest.raises(SavepointDamaged, match="does not name"):
        check(file)


@pytest.mark.parametrize(
    "manifest",
    [
        replace(MANIFEST, partitions={"rows": 2, "in": 2**70}),
        replace(MANIFEST, partitions={"rows": "2", "in": 2}),  # type: ignore[dict-item]
        replace(MANIFEST, partitions=None),  # type: ignore[arg-type]
        replace(MANIFEST, offsets={"in": [3]}),
        replace(MANIFEST, offsets={"in": [3, -5]}),
        replace(MANIFEST, offsets={"in": [3, 2**63]}),
        replace(MANIFEST, offsets={"in": [3, True]}),
        replace(MANIFEST, offsets={"elsewhere": [1]}),
        replace(MANIFEST, offsets=[1]),  # type: ignore[arg-type]
        replace(MANIFEST, cluster=7),  # type: ignore[arg-type]
        replace(MANIFEST, version=10**400),
        replace(MANIFEST, version=None),  # type: ignore[arg-type]
    ],
    ids=str,
)
def test_a_sealed_file_that_says_of_itself_what_cannot_be_is_refused(
    tmp_path: Path, manifest: Manifest
) -> None:
    file = tmp_path / "savepoint"
    write(file, manifest, ENTRIES)

    with pytest.raises(SavepointDamaged):
        check(file)


@pytest.mark.parametrize(
    "said", ["", "[]", "{}", '{"version": 1}', '{"version": 1, "more": 2}', "[" * 100_000]
)
def test_a_manifest_that_is_none_is_refused(tmp_path: Path, said: str) -> None:
    file = tmp_path / "savepoint"
    with file.open("wb") as opened:
        fastavro.writer(opened, ENTRY, [], metadata={savepoint_file.MANIFEST: said})

    with pytest.raises(SavepointDamaged):
        check(file)


def test_a_link_where_the_file_is_written_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"somebody's own")
    (tmp_path / "savepoint.unfinished").symlink_to(elsewhere)

    write(tmp_path / "savepoint", MANIFEST, ENTRIES)

    assert elsewhere.read_bytes() == b"somebody's own"
    assert check(tmp_path / "savepoint") == MANIFEST


def test_what_a_killed_export_left_open_to_all_is_not_written_into(tmp_path: Path) -> None:
    left = tmp_path / "savepoint.unfinished"
    left.touch()
    left.chmod(0o666)

    write(tmp_path / "savepoint", MANIFEST, ENTRIES)

    assert stat.S_IMODE((tmp_path / "savepoint").stat().st_mode) == 0o600


def test_a_file_with_a_schema_of_its_own_is_refused_before_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "savepoint"
    chain = {"type": "record", "name": "L", "fields": [{"name": "next", "type": ["null", "L"]}]}
    with file.open("wb") as opened:
        fastavro.writer(opened, chain, [], metadata={savepoint_file.MANIFEST: "{}"})

    with pytest.raises(SavepointDamaged, match="no savepoint"):
        check(file)

"""A file of any kind is read by its kind, or refused by name with what to do."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from eropaf_client.errors import FileRefused
from eropaf_client.files import reading
from eropaf_client.files.filed import Asked
from eropaf_client.files.reading import Delivered, read_by_creditor, refuse_larger
from tests.tables import NAMES, row
from tests.unit.clients.test_ddas_values import a_file, delivery
from tests.unit.clients.test_workbooks import cells, workbook

HEADER = ",".join(NAMES) + "\n"


def refused(path: Path, creditor: str | None = "rent", **asked: object) -> list[str]:
    with pytest.raises(FileRefused) as found:
        read_by_creditor(path, creditor, Asked(**asked))  # type: ignore[arg-type]
    assert str(found.value).startswith(f"{path}: ")
    return [*map(str, found.value.problems)]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "signals.csv"
    path.write_text(HEADER + ",".join(row()) + "\n", "utf-8")
    return path


def test_what_a_person_must_know_of_a_file_is_how_it_was_read_and_what_was_left_out() -> None:
    assert Delivered({}, "commas: 1 row", ("left out 1 signal",)).told == (
        "read as commas: 1 row",
        "left out 1 signal",
    )


def test_a_table_is_one_creditors_whichever_its_kind(table: Path, tmp_path: Path) -> None:
    for path in (table, workbook(tmp_path, cells())):
        found = read_by_creditor(path, "rent")

        assert {name: [each.place for each in filed] for name, filed in found.by_creditor.items()} == {
            "rent": ["line 2"]
        }
    assert len(read_by_creditor(table.rename(tmp_path / "x"), "rent", kind=".csv").by_creditor["rent"]) == 1


def test_a_report_is_each_creditors_own_unless_one_is_named(tmp_path: Path) -> None:
    path = a_file(tmp_path, delivery({}, {"signaalpartner": {"type": "CAK Eigen bijdrage"}}))

    own, named = read_by_creditor(path, None), read_by_creditor(path, "north-water")

    assert {name: [each.place[-3:] for each in filed] for name, filed in own.by_creditor.items()} == {
        "rent": ["[0]"], "care-contribution": ["[1]"],
    }  # fmt: skip
    assert {name: len(filed) for name, filed in named.by_creditor.items()} == {"north-water": 2}


def test_what_is_not_new_or_of_another_municipality_is_left_out_and_told(tmp_path: Path) -> None:
    done = {"status": "Inwoner is overleden"}
    path = a_file(tmp_path, delivery({}, done, done), delivery({}, gemeentecode="0344"))

    for ours in ("0363", lambda: "0363"):
        found = read_by_creditor(path, None, Asked(municipality=ours))
        assert found.left == (
            "left out 2 signals with status Inwoner is overleden",
            "left out 1 signal of municipality 0344",
        )
        assert found.understood == "DDAS 1.2: 4 signals in 2 deliveries"
    assert refused(path, None) == [
        "file: is for several municipalities (0344, 0363); say which is yours: --municipality or the policy's"
    ]
    assert refused(path, None, municipality="0999") == [
        "file: holds no signals to publish; left out 3 signals of municipality 0363; left out 1 signal of "
        "municipality 0344"
    ]


def test_a_file_is_refused_by_name_with_what_to_do(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert refused(table.rename(tmp_path / "a.xls")) == [
        "file: must end in one of .csv, .json, .xlsx; save it as one"
    ]
    empty = tmp_path / "empty.CSV"
    empty.write_text(HEADER, "utf-8")
    assert refused(empty) == ["file: holds no signals to publish"]
    assert refused(empty, None) == ["file: does not say who signals; name the creditor"]
    assert refused(workbook(tmp_path)) == ["file: holds no signals to publish"]
    folder = tmp_path / "folder.csv"
    folder.mkdir()
    assert refused(folder) == ["file: cannot be read (Is a directory)"]
    with pytest.raises(FileNotFoundError):
        read_by_creditor(tmp_path / "none.csv", "rent")
    report = a_file(tmp_path, delivery({"bedrag": "much"}))
    assert refused(report, None) == ["leveringen[0].vroegsignalen[0].bedrag: must be a whole number"]
    monkeypatch.setattr(reading, "DdasFile", lambda *_: json.loads("{"))
    assert refused(report, None) == ["file: cannot be read (JSONDecodeError)"]
    monkeypatch.setitem(sys.modules, "eropaf_client.files.excel", None)
    assert refused(tmp_path / "signals.xlsx") == [
        "file: needs `pip install eropaf-client[excel]`; or save it as CSV"
    ]


def test_a_file_may_be_as_large_as_its_kind_allows(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = table.stat().st_size
    monkeypatch.setattr(reading, "LARGEST_CSV_BYTES", size)
    assert read_by_creditor(table, "rent").by_creditor
    monkeypatch.setattr(reading, "LARGEST_CSV_BYTES", size - 1)
    assert refused(table) == ["file: is larger than 0 MiB; send it in parts"]
    monkeypatch.setattr(reading, "LARGEST_FILE_BYTES", 3 * 1024 * 1024)
    large = tmp_path / "large.json"
    with large.open("wb") as file:
        file.truncate(3 * 1024 * 1024 + 1)
    assert refused(large) == ["file: is larger than 3 MiB; send it in parts"]
    refuse_larger(large, 3 * 1024 * 1024 + 1)


def test_a_table_that_changes_between_two_readings_is_refused(table: Path) -> None:
    found = read_by_creditor(table, "rent").by_creditor["rent"]
    with table.open("a", encoding="utf-8") as file:
        file.write(",".join(row(signal_id="S-2")) + "\n")

    with pytest.raises(FileRefused) as changed:
        list(found)

    assert str(changed.value).startswith(f"{table}: ")
    assert [*map(str, changed.value.problems)] == ["file: changed while it was being read; try again"]

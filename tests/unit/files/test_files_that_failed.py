"""Files that once went in wrongly or not at all, and what each gives: `tests/data/files`, all invented.

Each stands for a kind of fault whose own tests stand beside its reader; here the commands read the files.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from eropaf.files.residents import read_register
from eropaf.main import app
from eropaf.process.faults import sentences
from eropaf_client.errors import FileRefused
from tests.builders import SECRET

FILES = Path(__file__).parents[2] / "data" / "files"
NOBODY_LISTENS = "127.0.0.1:1"

# Refused as a whole by both commands.
REFUSED: list[tuple[str, str]] = [
    ("contract-with-exponent.csv", "line 3, column 2 (contract): digits were lost"),
    ("year-9999.csv", "line 2, column 6 (reported_at): is before 1990 or after 2099"),
    ("effort-said-no.csv", "line 2, column 11 (personal_contact): says no: the law asks an effort"),
    ("ddas-null-delivery.json", "leveringen[1]: must be an object"),
    ("ddas-half-a-character.json", "leveringen[0].vroegsignalen[1].ID: holds half a character"),
    ("ddas-no-delivery.json", "leveringen: must hold at least one"),
    ("ddas-1.0.json", "this is version 1.0, or a draft of 1.1 of the model"),
]

# A fault in one line: `rank` names it, and ranks the others; `publish` sends nothing.
#     file                             the faults                                              ranked
IN_PART: list[tuple[str, list[str], int]] = [
    ("house-number-as-float.csv",      ["line 3, column 9 (house_number): a number with decimals",
                                        "line 5, column 10 (addition): a number with decimals"], 2),
    ("house-number-as-date.xlsx",      ["line 2, column 10 (house_number): Excel turned it into a date",
                                        "line 4, column 11 (addition): Excel turned it into a date"], 1),
    ("one-value-too-many.csv",         ["line 3: has 10 columns, but the header has 9"],             1),
    ("ddas-eleven-test.json",          ["[1].client.burgerservicenummer: is not a BSN: it fails the eleven",
                                        "[2].client.burgerservicenummer: is not a BSN: it fails the "
                                        "eleven"], 1),
]  # fmt: skip

# Understood: what is said of it, and rank and band of each signal. Who shares a rank shares a household.
#     file                              said                                             rank and band
UNDERSTOOD: list[tuple[str, str, list[tuple[str, str]]]] = [
    ("semicolons.csv",                  "semicolons, point decimals, UTF-8: 1 row",      [("1", "LOW")]),
    ("windows-1252.csv",                "commas, point decimals, Windows-1252: 1 row",   [("1", "LOW")]),
    ("decimal-comma.csv",               "commas, comma decimals, UTF-8: 1 row",          [("1", "LOW")]),
    ("two-byte-order-marks.csv",        "commas, point decimals, UTF-8: 1 row",          [("1", "LOW")]),
    ("rows-of-commas.csv",              "UTF-8: 2 rows", [("1", "MEDIUM")] * 2),
    ("en-dash.csv",                     "UTF-8: 1 row",                                  [("1", "LOW")]),
    ("the-word-null.csv",               "2 cells that say NULL, NaN or N/A", [("1", "URGENT")] * 3),
    ("stated-size-too-small.xlsx",      "sheet Blad1: 100 rows",                         []),
    ("ddas-integer-with-point.json",    "1 signal in 1 delivery",                        [("1", "LOW")]),
    ("ddas-monthly.json",               "3 signals in 1 delivery", [("1", "MEDIUM")] * 3),
    ("ddas-additions.json",             "11 signals in 1 delivery",
     [("1", "URGENT")] * 7 + [("2", "URGENT")] * 3 + [("3", "MEDIUM")]),
]  # fmt: skip


class Done(NamedTuple):
    """What came of a command: its exit status, and all that it said."""

    status: int
    said: str


def command(*arguments: str) -> Done:
    """Run a command as `eropaf` does; what has no sentence is a bug and comes up as it is."""
    done = CliRunner(env={"EROPAF_BOOTSTRAP": NOBODY_LISTENS}).invoke(app, arguments)
    if done.exception is None or isinstance(done.exception, SystemExit):
        return Done(done.exit_code, done.output)
    assert isinstance(done.exception, Exception)
    told = sentences(done.exception)
    if not told:
        raise done.exception
    return Done(1, "\n".join([done.output, *told]))


def rank(name: str, out: Path, *options: str) -> Done:
    return command("rank", str(FILES / name), "--out", str(out / name), *options)


def publish(name: str) -> Done:
    return command("publish", str(FILES / name), *(() if name.endswith("json") else ("--creditor", "rent")))


def lines(path: Path) -> list[dict[str, Any]]:
    """Return the signals of a ranked file in its order, by the names of their columns."""
    if path.suffix == ".json":
        deliveries = json.loads(path.read_text("utf-8"))["leveringen"]
        return [signal for delivery in deliveries for signal in delivery["vroegsignalen"]]
    if path.suffix == ".xlsx":
        header, *rows = load_workbook(path).worksheets[0].iter_rows(values_only=True)
        return [dict(zip(map(str, header), row, strict=True)) for row in rows]
    text = path.read_bytes().decode("cp1252" if "1252" in path.name else "utf-8").lstrip("\ufeff")
    return [*csv.DictReader(text.splitlines(), delimiter=";" if path.name == "semicolons.csv" else ",")]


def test_each_file_stands_in_a_table_or_has_a_test_of_its_own() -> None:
    own = {"policy-in-latin-1.toml", "text-like-a-formula.xlsx", "half-past-midnight.csv", "ddas-status.json",
           "register-house-number-as-float.csv", "register-same-bsn-twice.csv"}  # fmt: skip

    in_tables = {line[0] for table in (REFUSED, IN_PART, UNDERSTOOD) for line in table}
    assert own | in_tables == {path.name for path in FILES.iterdir()}


@pytest.mark.parametrize(("name", "fault"), REFUSED)
def test_a_file_is_refused_with_the_place_and_nothing_is_left_behind(
    tmp_path: Path, name: str, fault: str
) -> None:
    for done in (rank(name, tmp_path), publish(name)):
        assert done.status == 1
        assert fault in done.said
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(("name", "faults", "count"), IN_PART)
def test_a_line_that_cannot_be_used_is_named_and_nothing_shifts(
    tmp_path: Path, name: str, faults: list[str], count: int
) -> None:
    ranked, published = rank(name, tmp_path), publish(name)

    assert (ranked.status, published.status) == (0, 1)
    for fault in faults:
        assert fault in ranked.said
        assert fault in published.said
    given = [line["rank"] for line in lines(tmp_path / name)]
    assert [bool(each) for each in given] == [True] * count + [False] * len(faults)


@pytest.mark.parametrize(("name", "said", "placed"), UNDERSTOOD)
def test_a_file_is_understood_and_said_how(
    tmp_path: Path, name: str, said: str, placed: list[tuple[str, str]]
) -> None:
    done = rank(name, tmp_path)

    assert done.status == 0
    assert said in done.said
    found = [(str(line["rank"]), line["band"]) for line in lines(tmp_path / name)]
    assert found == (placed or found)
    assert len(found) == (len(placed) or 100)


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    assert rank("text-like-a-formula.xlsx", tmp_path).status == 0

    for path in (FILES, tmp_path):
        sheet = load_workbook(path / "text-like-a-formula.xlsx").worksheets[0]
        cells = [cell for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("=")]
        assert cells
        assert {cell.data_type if path == tmp_path else "s" for cell in cells} == {"s"}


def test_a_moment_past_midnight_in_amsterdam_is_of_that_day(tmp_path: Path) -> None:
    assert rank("half-past-midnight.csv", tmp_path).status == 0

    assert {line["respond_by"] for line in lines(tmp_path / "half-past-midnight.csv")} == {"2026-03-30"}


def test_of_a_report_only_what_is_not_picked_up_yet_is_ranked(tmp_path: Path) -> None:
    done = rank("ddas-status.json", tmp_path)

    found = lines(tmp_path / "ddas-status.json")
    assert {line["status"] for line in found if line["rank"]} == {"Nog niet opgepakt"}
    assert "1 not ranked, status: Inwoner is overleden" in done.said


def test_a_policy_that_is_not_utf_8_is_refused_in_a_sentence(tmp_path: Path) -> None:
    done = rank("semicolons.csv", tmp_path, "--policy", str(FILES / "policy-in-latin-1.toml"))

    assert done.status == 1
    assert "is not UTF-8 at byte 15; save it as UTF-8" in done.said
    assert [*tmp_path.iterdir()] == []


def test_a_register_with_a_number_for_a_house_is_refused() -> None:
    with pytest.raises(FileRefused) as refused:
        read_register(FILES / "register-house-number-as-float.csv", SECRET)

    (fault,) = refused.value.problems
    assert str(fault).startswith("line 2: house_number a number with decimals is not part of an address")


def test_of_a_person_twice_in_the_register_the_later_line_holds_aloud() -> None:
    found = read_register(FILES / "register-same-bsn-twice.csv", SECRET)

    last = found.entries[-1][1]
    assert last is not None
    assert last["address"] == {"postcode": "1012CD", "house_number": 9, "addition": ""}
    assert "line 2 and line 3 are of one resident: the later holds" in found.told

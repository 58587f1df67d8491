"""A municipality's own months: each is judged by those after it, and what does not fit together is said."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eropaf.main import app

HEAD = "signal_id,contract,kind,partner_type,amount_eur,reported_at,version,postcode,house_number\n"


def month(folder: Path, name: str, lines: list[tuple[int, str, int]], year: int = 2026) -> Path:
    """Write a month's file: house number, kind of creditor, euros."""
    path = folder / f"{name}.csv"
    path.write_text(
        HEAD
        + "".join(
            f"{name}-{kind}-{house},{kind}-{house},REPORTED,{kind},{euros},{year}-{name}-05,{int(name)},1011AB,{house}\n"
            for house, kind, euros in lines
        )
    )
    return path


def judged(tmp_path: Path, files: list[Path], *more: str) -> tuple[int, str]:
    asked = ["hindsight", *map(str, files), "--out", str(tmp_path / "out.csv"), "--capacity", "1", *more]
    ran = CliRunner().invoke(app, asked, env={"COLUMNS": "400"})
    return ran.exit_code, ran.output


def lines_of(tmp_path: Path) -> dict[tuple[str, str], dict[str, str]]:
    with (tmp_path / "out.csv").open(newline="") as file:
        return {(row["month"], row["order"]): row for row in csv.DictReader(file)}


def test_a_month_is_judged_by_who_got_worse_after_it(tmp_path: Path) -> None:
    files = [
        month(tmp_path, "03", [(1, "RENT", 2200), (2, "WATER", 60), (3, "WATER", 70)]),
        month(tmp_path, "04", [(1, "RENT", 2900), (2, "WATER", 60)]),
    ]

    code, told = judged(tmp_path, files, "--ahead", "1")

    assert code == 0, told
    row = lines_of(tmp_path)["2026-03", "amsterdam-example-2"]
    assert (row["listed"], row["in_need"], row["found"]) == ("3", "1", "1")
    assert (row["precision"], row["recall"]) == ("1.0000", "1.0000")
    assert "1 month judged" in told


def test_a_list_knows_nothing_of_the_months_after_it(tmp_path: Path) -> None:
    march = month(tmp_path, "03", [(1, "RENT", 2200), (2, "WATER", 60)])
    files = [march, month(tmp_path, "04", [(2, "WATER", 60)]), month(tmp_path, "05", [(2, "RENT", 5000)])]
    judged(tmp_path, files, "--ahead", "2")
    of_march = lines_of(tmp_path)["2026-03", "largest-debt"]

    month(tmp_path, "05", [(2, "WATER", 60)])
    judged(tmp_path, files, "--ahead", "2")

    assert lines_of(tmp_path)["2026-03", "largest-debt"]["listed"] == of_march["listed"] == "2"
    assert (of_march["in_need"], of_march["found"]) == ("1", "0")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("03", "05"), "between 03.csv of 2026-03 and 05.csv of 2026-05 1 months are missing"),
        (("04", "03"), "03.csv is of 2026-03 and comes after 04.csv of 2026-04"),
    ],
)
def test_months_with_a_gap_or_out_of_order_are_refused(
    tmp_path: Path, names: tuple[str, ...], said: str
) -> None:
    code, told = judged(
        tmp_path, [month(tmp_path, name, [(1, "RENT", 900)]) for name in names], "--ahead", "1"
    )

    assert code == 2
    assert said in told


def test_two_files_of_one_month_are_refused(tmp_path: Path) -> None:
    one = month(tmp_path, "03", [(1, "RENT", 900)])
    other = tmp_path / "other.csv"
    other.write_bytes(one.read_bytes())

    code, told = judged(tmp_path, [one, other], "--ahead", "1")

    assert (code, "03.csv and other.csv are both of 2026-03" in told) == (2, True)


def test_a_file_of_two_months_is_refused_with_how_many_of_each(tmp_path: Path) -> None:
    path = month(tmp_path, "03", [(1, "RENT", 900)])
    path.write_text(path.read_text() + month(tmp_path, "04", [(2, "RENT", 900)]).read_text().split("\n")[1])

    code, told = judged(tmp_path, [path], "--ahead", "1")

    assert (code, "holds signals of several months (1 of 2026-03, 1 of 2026-04)" in told) == (2, True)


def test_a_month_without_a_creditor_of_before_and_after_is_named(tmp_path: Path) -> None:
    both = [(1, "RENT", 900), (2, "WATER", 90)]
    files = [
        month(tmp_path, "03", both),
        month(tmp_path, "04", [(1, "RENT", 900)]),
        month(tmp_path, "05", both),
    ]

    code, told = judged(tmp_path, files, "--ahead", "1")

    assert code == 0, told
    assert "04.csv of 2026-04 has no signal of WATER" in told


def test_too_few_months_are_refused_with_how_many_are_needed(tmp_path: Path) -> None:
    code, told = judged(tmp_path, [month(tmp_path, "03", [(1, "RENT", 900)])])

    assert (code, "hand in at least 7" in told) == (2, True)


def test_a_file_that_is_not_there_or_is_none_of_the_formats_is_refused(tmp_path: Path) -> None:
    assert "there is no file" in judged(tmp_path, [tmp_path / "none.csv"])[1]
    assert "ends in none of .csv, .xlsx, .json" in judged(tmp_path, [tmp_path / "none.pdf"])[1]

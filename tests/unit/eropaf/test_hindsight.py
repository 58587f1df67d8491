"""A municipality's own months: each is judged by those after it, and what does not fit together is said."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eropaf.hindsight.judged import Judged
from eropaf.hindsight.sure import over_months
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
    asked = [
        "hindsight",
        *map(str, files),
        "--out",
        str(tmp_path / "out.csv"),
        "--capacity",
        "1",
        "--overwrite",
        *more,
    ]
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
    row = lines_of(tmp_path)["2026-03", "amsterdam-example-3"]
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
        (("03", "07"), "between 03.csv of 2026-03 and 07.csv of 2026-07 3 months are missing; add them"),
        (("03", "05"), "between 03.csv of 2026-03 and 05.csv of 2026-05 1 month is missing; add it"),
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


@pytest.mark.parametrize(
    ("without", "said"),
    [
        (("03", "04"), "no signal of WATER came before 05.csv of 2026-05: till then it makes nobody worse"),
        (
            ("05",),
            "no signal of WATER came after 04.csv of 2026-04: from then on those households look calmer",
        ),
    ],
)
def test_a_creditor_that_begins_late_or_falls_silent_is_named(
    tmp_path: Path, without: tuple[str, ...], said: str
) -> None:
    both = [(1, "RENT", 900), (2, "WATER", 90)]
    files = [month(tmp_path, name, both[: 1 if name in without else 2]) for name in ("03", "04", "05")]

    code, told = judged(tmp_path, files, "--ahead", "1")

    assert code == 0, told
    assert said in told


def test_a_kind_of_creditor_that_began_to_deliver_makes_nobody_worse(tmp_path: Path) -> None:
    files = [
        month(tmp_path, "03", [(1, "RENT", 2200), (2, "RENT", 2000)]),
        month(tmp_path, "04", [(1, "RENT", 2200), (1, "WATER", 90), (2, "RENT", 2100)]),
    ]

    judged(tmp_path, files, "--ahead", "1")

    assert lines_of(tmp_path)["2026-03", "largest-debt"]["in_need"] == "1"


@pytest.mark.parametrize(
    ("amounts", "in_need"),
    [((2200, 300), 0), ((300, 2200), 0), ((2200, 400), 1), ((2500, 0), 0), ((2600, 0), 1)],
)
def test_contracts_of_one_kind_are_held_against_what_they_were_together(
    tmp_path: Path, amounts: tuple[int, int], in_need: int
) -> None:
    def two(name: str, first: int, second: int) -> Path:
        path = month(tmp_path, name, [(1, "RENT", first), (2, "RENT", 900)])
        line = f"{name}-other,other,REPORTED,RENT,{second},2026-{name}-06,{int(name)},1011AB,1\n"
        path.write_text(path.read_text() + (line if second else ""))
        return path

    judged(tmp_path, [two("03", 2200, 300), two("04", *amounts)], "--ahead", "1")

    assert lines_of(tmp_path)["2026-03", "lot"]["in_need"] == str(in_need)


def test_recall_is_of_all_who_got_worse_under_every_order(tmp_path: Path) -> None:
    """A household that the policy leaves off the list, as too little is owed, got worse as well."""
    files = [
        month(tmp_path, "03", [(1, "RENT", 2200), (2, "WATER", 2)]),
        month(tmp_path, "04", [(1, "RENT", 2900), (2, "WATER", 90)]),
    ]

    judged(tmp_path, files, "--ahead", "1")

    of = lines_of(tmp_path)
    assert {row["in_need"] for row in of.values()} == {"2"}
    assert of["2026-03", "amsterdam-example-3"]["listed"] == "1"
    assert of["2026-03", "amsterdam-example-3"]["recall"] == "0.5000"


BSN = {"burgerservicenummer": "111222333"}


def at(house: int) -> dict[str, str]:
    return {
        "geslachtsaanduiding": "Onbekend",
        "geboortedatum": "1990-11-02",
        "postcode": "1011AB",
        "huisnummer": f"{house}",
        "huisnummertoevoeging": "",
    }


def ddas(folder: Path, name: str, signals: list[dict[str, object]], cases: list[dict[str, object]]) -> Path:
    """Write a month's file of the national model. Its IDs, and its cases, begin anew in each."""
    told = [
        {
            "ID": f"VS-{number}",
            "crisissignaal": False,
            "warmeOverdracht": False,
            "ontstaansdatum": "2026-01-20",
            "signaaldatum": f"2026-{name}-06",
            "status": "Opgepakt",
            "signaalpartner": {"type": "Huur"},
            **signal,
        }
        for number, signal in enumerate(signals)
    ]
    delivery = {
        "teller": 1,
        "gemeentecode": "0363",
        "aanleverendeOrganisatie": {"naam": "Gemeente Voorbeeldstad", "kvk-nummer": "12345678"},
        "vroegsignalen": told,
        "vroegsignaalzaken": cases,
    }
    content = {
        "codeGegevensleverancier": "XYZ",
        "startdatumLevering": f"2026-{name}-01",
        "einddatumLevering": f"2026-{name}-28",
        "aanleverdatumEnTijd": f"2026-{name}-28T10:15:30Z",
        "leveringen": [delivery],
    }
    path = folder / f"{name}.json"
    path.write_text(json.dumps(content))
    return path


def a_case(of: int, result: str, on: str) -> dict[str, object]:
    return {
        "resultaat": result,
        "matchingsdatum": on,
        "startdatumMatchtingperiode": on,
        "einddatumMatchingperiode": on,
        "datumOpgepakt": on,
        "vroegsignalen": [{"ID": f"VS-{of}"}],
        "contactpogingen": [{"soort": "Telefoon", "bereikt": True, "datum": on, "dagdeel": "Avond"}],
    }


ARRANGES = "Inwoner regelt het zelf/hoeft geen hulp vanuit vroegsignalering"
PAID = "Inwoner heeft zelf al betaald/betalingsregeling getroffen"


def listed(tmp_path: Path, files: list[Path]) -> dict[str, str]:
    code, told = judged(tmp_path, files, "--ahead", "1")
    assert code == 0, told
    return {name: row["listed"] for (name, order), row in lines_of(tmp_path).items() if order == "lot"}


def test_a_result_counts_from_its_own_day_on(tmp_path: Path) -> None:
    signals = [{"bedrag": 2200, "client": at(1)}, {"bedrag": 900, "client": at(2)}]
    only = signals[1:]

    def told(on: str) -> dict[str, str]:
        cases = [a_case(0, PAID, on)]
        later = [ddas(tmp_path, name, [*only], []) for name in ("04", "05", "06")]
        return listed(tmp_path, [ddas(tmp_path, "03", [*signals], cases), *later])

    assert told("2026-05-20")["2026-04"] == "2"
    assert told("2026-03-20")["2026-04"] == "1"


def test_a_case_of_one_file_is_none_of_another(tmp_path: Path) -> None:
    """Both are the first case of their file, about the first signal of it."""
    signals = [{"bedrag": 2200, "client": at(1)}, {"bedrag": 900, "client": at(2)}]
    files = [
        ddas(
            tmp_path,
            "03",
            [*signals],
            [a_case(0, "Inwoner regelt het zelf/heeft geen hulp nodig", "2026-03-07")],
        ),
        ddas(tmp_path, "04", [{**signals[0], "bedrag": 4400}, signals[1]], [a_case(0, PAID, "2026-04-07")]),
        ddas(tmp_path, "05", [signals[1]], []),
        ddas(tmp_path, "06", [signals[1]], []),
    ]

    assert listed(tmp_path, files)["2026-05"] == "1"


def test_arrears_on_a_bsn_are_one_contract_in_every_file(tmp_path: Path) -> None:
    signals = [{"bedrag": 600, "client": BSN}, {"bedrag": 1000, "client": at(1)}]
    files = [ddas(tmp_path, name, [*signals], []) for name in ("03", "04", "05")]
    files.append(ddas(tmp_path, "06", [signals[0], {**signals[1], "bedrag": 1100}], []))

    judged(tmp_path, files, "--ahead", "1")

    assert lines_of(tmp_path)["2026-05", "largest-debt"]["found"] == "1"


def a_judged_month(order: str, capacity: int, worse: frozenset[int]) -> Judged:
    """Make a month whose list has households 0 to 79 in their order."""
    first = tuple(range(capacity))
    return Judged(month="2026-03", order=order, listed=80, capacity=capacity, first=first, worse=worse)


def test_months_that_repeat_one_another_make_nothing_surer() -> None:
    month = a_judged_month("lot", 20, frozenset(range(10, 40)))
    once, again = (
        over_months([month]),
        over_months([replace(month, month=f"{number}") for number in range(6)]),
    )

    assert once == again
    assert once[0].precision.mean == 0.5
    assert 0.25 < once[0].precision.low < 0.35
    assert 0.65 < once[0].precision.high < 0.75


def test_an_order_is_held_against_the_first_household_by_household() -> None:
    worse = frozenset(range(40))
    first = a_judged_month("policy", 30, worse)
    other = replace(first, order="lot", first=tuple(range(1, 31)))

    policy, lot = over_months([first, other])

    assert policy.precision_more.low == policy.precision_more.high == 0
    assert lot.recall_more.high - lot.recall_more.low < policy.recall.high - policy.recall.low


def test_too_few_months_are_refused_with_how_many_are_needed(tmp_path: Path) -> None:
    code, told = judged(tmp_path, [month(tmp_path, "03", [(1, "RENT", 900)])])

    assert (code, "hand in at least 7" in told) == (2, True)


def test_a_file_that_is_not_there_or_is_none_of_the_formats_is_refused(tmp_path: Path) -> None:
    assert "there is no file" in judged(tmp_path, [tmp_path / "none.csv"])[1]
    assert "ends in none of .csv, .xlsx, .json" in judged(tmp_path, [tmp_path / "none.pdf"])[1]


def test_no_month_and_no_other_file_is_written_over_unasked(tmp_path: Path) -> None:
    """`--out feb.json` took the place of February."""
    february, other = tmp_path / "feb.csv", tmp_path / "other.csv"
    february.write_text("a month")
    other.write_text("somebody's")
    asked = ["hindsight", str(february), "--capacity", "1", "--out"]
    for out, more, why in (
        (other, [], "already exists"),
        (february, [], "already exists"),
        (february, ["--overwrite"], "one of the months"),
    ):
        said = CliRunner().invoke(app, [*asked, str(out), *more], env={"COLUMNS": "300"})
        assert said.exit_code == 2
        assert why in said.output
    assert (february.read_text(), other.read_text()) == ("a month", "somebody's")


def test_two_policies_of_one_version_are_told_apart_or_refused(tmp_path: Path) -> None:
    twice = ["--policy", "amsterdam-example", "--policy", "amsterdam-example"]
    asked = ["hindsight", "a.csv", "--capacity", "1", "--out", str(tmp_path / "out.csv"), *twice]
    said = CliRunner().invoke(app, asked, env={"COLUMNS": "300"})
    assert said.exit_code == 2
    assert "give each its own version" in said.output

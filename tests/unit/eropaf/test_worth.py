"""The page that decides says what was found and how sure it is, in both languages, and needs no network."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from eropaf.main import app
from eropaf.settings.policy import policy_text
from eropaf.simulate.backtest.arms import Arm, Delivery, Effect, Ties
from eropaf.simulate.backtest.figures import FIGURES
from eropaf.simulate.backtest.groups import COLUMNS
from eropaf.simulate.backtest.manifest import WrongStudy
from eropaf.simulate.backtest.plans import Compare, arms
from eropaf.simulate.backtest.study import RESULTS, Study, row_of, run
from eropaf.simulate.years.parameters import Parameters
from eropaf.worth.facts import Folders, facts
from eropaf.worth.languages import WORDS
from eropaf_client.files.writing import csv_line

VERSION = "amsterdam-example-3"
CALIBRATION = Path(__file__).parents[3] / "docs" / "explanation" / "calibration.md"
LIVE = Arm(VERSION)
LOSING = "income:WORK"


def held(
    folder: Path, compare: Compare, gains: dict[Arm, float], cities: int = 12, of: Parameters | None = None
) -> Path:
    """Write what a backtest would, every figure near what `gains` says of its arm, and near 10 without."""
    compared = arms(compare, (VERSION,), (Delivery.LIVE, Delivery.MONTHLY))
    policies = {VERSION: policy_text("amsterdam-example")}
    run(Study(1_000, 1, compared, policies, of or Parameters()), [], folder)
    dice = np.random.default_rng(3)
    with (folder / RESULTS).open("a") as file:
        for seed in range(cities):
            for arm in compared:
                figures = {name: gains.get(arm, 10.0) + dice.normal(0, 0.1) for name in FIGURES}
                counts = {name: 40.0 if name.startswith(("harms", "passed")) else 10.0 for name in COLUMNS}
                counts |= {f"found:{LOSING}": 2.0 if arm == LIVE else 30.0, "harms:area:Zuid": 1.0}
                file.write(csv_line(row_of(seed, arm, figures | counts)))
    return folder


def written(tmp_path: Path, *more: str | Path) -> dict[str, str]:
    asked = ["worth", str(tmp_path / "orders"), "--out", str(tmp_path / "out"), *map(str, more)]
    ran = CliRunner().invoke(app, asked, env={"COLUMNS": "300"})
    assert ran.exit_code == 0, ran.output
    return {language: (tmp_path / "out" / f"worth-{language}.html").read_text() for language in WORDS}


class Fetched(HTMLParser):
    """What a browser would ask for beside the page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [str(value) for name, value in attrs if name in ("src", "href", "xlink:href", "data")]
        self.found += [tag] if tag in ("script", "iframe", "link") else []


@pytest.mark.parametrize("language", WORDS)
def test_the_page_asks_for_nothing_beside_itself(tmp_path: Path, language: str) -> None:
    held(tmp_path / "orders", Compare.ORDERS, {})

    page = written(tmp_path)[language]

    parser = Fetched()
    parser.feed(page)
    assert parser.found == []
    assert "url(" not in page
    assert "@import" not in page
    assert f'<html lang="{language}">' in page
    assert page.count("<svg") == 3


def test_the_same_results_are_the_same_pages_to_the_byte(tmp_path: Path) -> None:
    held(tmp_path / "orders", Compare.ORDERS, {LIVE: 12.0})

    assert written(tmp_path) == written(tmp_path)


def test_a_gain_beyond_chance_is_said_to_be_one(tmp_path: Path) -> None:
    held(tmp_path / "orders", Compare.ORDERS, {LIVE: 12.0})

    pages = written(tmp_path)

    assert re.search(r"More households in need are spoken with: (1\.9|2\.\d) ", pages["en"])
    assert re.search(r"die het nodig hebben worden gesproken: (1,9|2,\d) ", pages["nl"])


def test_a_loss_beyond_chance_is_said_to_be_one(tmp_path: Path) -> None:
    held(tmp_path / "orders", Compare.ORDERS, {LIVE: 8.0})

    page = written(tmp_path)["en"]
    assert re.search(r"Fewer households in need are spoken with: (1\.9|2\.\d) ", page)
    assert "A live list does worse than a monthly file" in page


def test_what_chance_alone_may_give_is_no_gain(tmp_path: Path) -> None:
    held(tmp_path / "orders", Compare.ORDERS, {})

    assert "That a live list is worth anything is not shown." in written(tmp_path)["en"]


def test_the_first_page_begins_with_what_is_shown_and_what_is_not(tmp_path: Path) -> None:
    held(tmp_path / "orders", Compare.ORDERS, {LIVE: 12.0})

    short = written(tmp_path)["en"].split('class="short"')[1].split("</div>")[0]

    assert "More harm is averted: 2." in short
    assert short.count(" to ") >= 3  # each with its interval
    assert "Live, more bells are rung for nothing" in short
    assert "Groups lose by it" in short


def test_what_is_not_shown_is_said_first_too(tmp_path: Path) -> None:
    held(tmp_path / "orders", Compare.ORDERS, {})

    assert "That more harm is averted is not shown: " in written(tmp_path)["en"]


def test_every_number_is_in_a_file_beside_the_page(tmp_path: Path) -> None:
    held(tmp_path / "orders", Compare.ORDERS, {LIVE: 12.0})
    written(tmp_path)

    rows = list(csv.DictReader((tmp_path / "out" / "worth.csv").read_text().splitlines()))

    (averted,) = [row for row in rows if (row["part"], row["figure"]) == ("delivery", "averted")]
    assert float(averted["low"]) < float(averted["more"]) < float(averted["high"])
    assert float(averted["policy"]) - float(averted["other"]) == pytest.approx(
        float(averted["more"]), abs=1e-3
    )
    assert {row["part"] for row in rows} == {
        "delivery",
        "order",
        "ties against",
        "group, than the rest",
        "group, than monthly",
    }


def test_who_loses_who_is_left_behind_and_who_is_too_few_stand_on_the_first_page(tmp_path: Path) -> None:
    held(tmp_path / "orders", Compare.ORDERS, {})

    first = written(tmp_path)["nl"].split('class="second"')[0]

    assert "dan met het maandbestand, in punten van de 100: leeft van werk (-70,0" in first
    assert "leeft van werk (5,0)" in first
    assert "Te weinig om iets te zeggen: Zuid" in first


def test_what_was_not_run_is_said_and_what_was_is_shown(tmp_path: Path) -> None:
    held(tmp_path / "orders", Compare.ORDERS, {})
    effects = held(tmp_path / "effects", Compare.EFFECTS, {})
    levers = held(tmp_path / "levers", Compare.LEVERS, {LIVE: 50.0})

    without = written(tmp_path)["en"]
    whole = written(tmp_path, "--effects", effects, "--levers", levers, "--calibration", CALIBRATION)["nl"]

    for option in ("--compare levers", "--compare effects", "--calibration"):
        assert option in without
    assert "live in plaats van een maandbestand minstens +200% (minstens +200%" in whole
    assert "oudste eerst in plaats van amsterdam-example-3 " in whole
    assert "(even goed binnen 5%)" in whole
    assert "die apart waren gehouden" in whole


@pytest.mark.parametrize(
    ("compare", "said"),
    [(Compare.LEVERS, "no comparison of orders"), (Compare.EFFECTS, "no monthly file")],
)
def test_another_comparison_is_refused_in_a_sentence(tmp_path: Path, compare: Compare, said: str) -> None:
    held(tmp_path / "orders", compare, {})

    ran = CliRunner().invoke(
        app, ["worth", str(tmp_path / "orders"), "--out", str(tmp_path)], env={"COLUMNS": "300"}
    )

    assert ran.exit_code == 2
    assert said in ran.output


def test_folders_of_other_cities_or_policies_are_refused_with_what_differs(tmp_path: Path) -> None:
    orders = held(tmp_path / "orders", Compare.ORDERS, {})
    levers = held(tmp_path / "levers", Compare.LEVERS, {})
    changed = json.loads((levers / "manifest.json").read_text())
    changed |= {"dwellings": 2_000, "policies": {VERSION: "another"}}
    (levers / "manifest.json").write_text(json.dumps(changed))

    with pytest.raises(WrongStudy, match=f"do not belong together: dwellings, policy {VERSION} differ"):
        facts(Folders(orders, levers))


def test_a_calibration_of_another_city_is_refused(tmp_path: Path) -> None:
    orders = held(tmp_path / "orders", Compare.ORDERS, {})
    other = tmp_path / "calibration.md"
    other.write_text(
        CALIBRATION.read_text("utf-8").replace("| `inequality` | ", "| `inequality` | 9"), "utf-8"
    )

    with pytest.raises(WrongStudy, match="other parameters than the backtest's"):
        facts(Folders(orders, calibration=other))


def test_a_folder_of_another_comparison_is_refused(tmp_path: Path) -> None:
    orders, other = held(tmp_path / "orders", Compare.ORDERS, {}), held(tmp_path / "map", Compare.MAP, {})

    for folders in (
        Folders(orders, levers=other),
        Folders(orders, effects=other),
        Folders(orders, list_days=[other]),
        Folders(orders, silent=other),
        Folders(orders, maps=[orders]),
    ):
        with pytest.raises(WrongStudy, match="run `eropaf backtest --"):
            facts(folders)


def test_what_may_turn_the_conclusion_is_said_with_its_intervals(tmp_path: Path) -> None:
    held(tmp_path / "orders", Compare.ORDERS, {})
    on_3 = held(
        tmp_path / "on-3",
        Compare.ORDERS,
        {Arm(VERSION, Delivery.MONTHLY): 7.0},
        of=Parameters(list_day_from=3, list_day_to=3),
    )
    silent = held(tmp_path / "silent", Compare.SILENT, {Arm(VERSION, silent="health"): 5.0})
    area_map = held(tmp_path / "map", Compare.MAP, {Arm("area"): 20.0}, cities=6)

    page = written(tmp_path, "--list-day", on_3, "--silent", silent, "--map", area_map)["en"]

    assert re.search(r"on day 3 .*, live differs .* and by (2\.9|3\.0|3\.1) in need and spoken with \(", page)
    assert re.search(r"health insurers -5\.\d \(-5\.\d to -4\.\d\); energy suppliers -?0\.\d \(", page)
    assert "more of those in need than ranking areas in 0, and surely with fewer in 1;" in page
    assert page.count("<td>0.45</td>") == 1
    rows = list(csv.DictReader((tmp_path / "out" / "worth.csv").read_text().splitlines()))
    assert {row["part"] for row in rows} >= {"list day", "silent", "map"}


def test_where_oldest_first_does_better_is_said_in_short(tmp_path: Path) -> None:
    held(tmp_path / "orders", Compare.ORDERS, {})
    effects = held(tmp_path / "effects", Compare.EFFECTS, {replace(LIVE, effect=Effect.FALLING): 8.0})

    short = written(tmp_path, "--effects", effects)["en"].split('class="short"')[1].split("</div>")[0]

    assert "Oldest first does better than the policy in: harm averted: -2." in short
    assert "where help works less where strain is high" in short


def test_ties_that_turn_a_verdict_are_said_to(tmp_path: Path) -> None:
    held(tmp_path / "orders", Compare.ORDERS, {})
    worst = {Arm(VERSION, effect=Effect.RISING, ties=Ties.AGAINST): 5.0}
    effects = held(tmp_path / "effects", Compare.EFFECTS, worst)

    assert "other things are shown: harm averted: -5." in written(tmp_path, "--effects", effects)["en"]


def test_one_city_is_too_few_to_decide_by(tmp_path: Path) -> None:
    held(tmp_path / "orders", Compare.ORDERS, {}, cities=1)

    ran = CliRunner().invoke(
        app, ["worth", str(tmp_path / "orders"), "--out", str(tmp_path)], env={"COLUMNS": "300"}
    )

    assert "an interval needs two" in ran.output


def test_both_languages_say_the_same_things() -> None:
    for name in WORDS["en"].__slots__:
        one, other = getattr(WORDS["en"], name), getattr(WORDS["nl"], name)
        if isinstance(one, str):
            fields = [sorted(set(re.findall(r"{(\w+)}", text))) for text in (one, other)]
            assert fields[0] == fields[1], name
        elif isinstance(one, dict):
            assert one.keys() == other.keys(), name
            assert all(re.findall(r"{(\w+)}", one[key]) == re.findall(r"{(\w+)}", other[key]) for key in one)
        else:
            assert len(one) == len(other), name

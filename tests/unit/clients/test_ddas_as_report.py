"""A file of the national model is a report: what of it is published, and under which contracts."""

from __future__ import annotations

import copy
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from eropaf.commands.publish import so_far
from eropaf_client.errors import FileRefused
from eropaf_client.files.ddas import DdasFile, read_ddas
from eropaf_client.files.filed import Asked
from eropaf_client.files.reading import read_by_creditor
from eropaf_client.records import ArrearsSignal

EXAMPLE = Path(__file__).parents[3] / "docs" / "reference" / "ddas-example.json"
AT_HOME = {"postcode": "1011AB", "huisnummer": "3"}


def file_of(folder: Path, *signals: dict[str, Any], **more: Any) -> Path:
    """Write a file of one delivery with `signals`, each with what differs from an ordinary one."""
    content = json.loads(EXAMPLE.read_text("utf-8"))
    delivery = {**content["leveringen"][0], "vroegsignaalzaken": [], **more}
    ordinary = {
        "bedrag": 900,
        "signaaldatum": "2026-03-02",
        "signaalpartner": {"type": "Energie"},
        "client": AT_HOME,
    }
    delivery["vroegsignalen"] = [{"ID": f"V-{n}", **ordinary, **each} for n, each in enumerate(signals)]
    path = folder / "month.json"
    path.write_text(json.dumps({**content, "leveringen": [delivery]}), encoding="utf-8")
    return path


def contracts(path: Path, **asked: Any) -> list[str]:
    file = DdasFile(path, Asked(test_numbers=True, **asked))
    return [each.signal.contract for delivery in file.deliveries for each in delivery.signals]


def test_only_what_is_new_and_of_this_municipality_is_published_and_the_rest_is_told() -> None:
    found = read_by_creditor(EXAMPLE, None, Asked(municipality="0363", test_numbers=True))

    assert {name: len(signals) for name, signals in found.by_creditor.items()} == {"rent": 1, "energy": 1}
    assert "left out 6 signals of municipality 0344" in found.left
    assert "left out 1 signal with status Inwoner is overleden" in found.left


def test_a_file_of_several_municipalities_asks_which_is_ours() -> None:
    with pytest.raises(FileRefused) as refused:
        read_by_creditor(EXAMPLE, None, Asked(test_numbers=True))

    assert "say which is yours" in str(refused.value.problems[0])


def test_arrears_that_come_back_under_a_new_id_are_one_contract(tmp_path: Path) -> None:
    since = {"ontstaansdatum": "2026-01-01"}
    months = [{**since, "bedrag": n * 180, "signaaldatum": f"2026-0{n + 1}-05"} for n in (1, 2, 3)]

    one = contracts(file_of(tmp_path, *months))
    # A month later, in a file of its own, under other IDs and another spelling.
    later = {**since, "ID": "other", "client": {"postcode": "1011 ab", "huisnummer": "03"}}

    assert len(set(one)) == 1
    assert contracts(file_of(tmp_path, later)) == one[:1]


@pytest.mark.parametrize(
    "other",
    [
        {"ontstaansdatum": "2026-02-01"},
        {"signaalpartner": {"type": "Water"}},
        {"client": {"postcode": "1011AB", "huisnummer": "33"}},
        # Two of one day are two, as gas and electricity are.
        {},
    ],
)
def test_other_arrears_are_another_contract(tmp_path: Path, other: dict[str, Any]) -> None:
    since = {"ontstaansdatum": "2026-01-01"}

    assert len(set(contracts(file_of(tmp_path, since, {**since, **other})))) == 2


def test_the_name_of_a_contract_leads_nobody_to_a_bsn(tmp_path: Path) -> None:
    path = file_of(tmp_path, {"client": {"burgerservicenummer": "111111111"}})

    assert contracts(path) == ["V-0"]
    assert contracts(path, secret=b"one") != contracts(path, secret=b"another")


def test_an_id_of_two_deliveries_is_two_signals() -> None:
    file = DdasFile(EXAMPLE, Asked(test_numbers=True))

    names = [each.signal.signal_id for delivery in file.deliveries for each in delivery.signals]
    assert len(names) == len(set(names))
    assert {"V-1", "2:V-1", "3:V-1"} <= set(names)


def test_another_version_of_the_model_is_named(tmp_path: Path) -> None:
    path = file_of(tmp_path, {}, {"client": {**AT_HOME, "achternaam": "Voorbeeld"}})

    with pytest.raises(FileRefused) as refused:
        DdasFile(path)

    (said,) = map(str, refused.value.problems)
    assert said.startswith("file: this is version 1.0")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"leveringen": []}, "leveringen: must hold at least one"),
        ({"leveringen": [None]}, "leveringen[0]: must be an object"),
        ({"startdatumLevering": "2026-04-01"}, "startdatumLevering: is after einddatumLevering"),
        ({"aanleverdatumEnTijd": "2026-04-02"}, "aanleverdatumEnTijd: must be a date and time"),
        ({"einddatumLevering": "2026-W14-1"}, "einddatumLevering: must be a date"),
        ({"codeGegevensleverancier": "\ud83d"}, "codeGegevensleverancier: holds half a character"),
    ],
)
def test_a_file_that_cannot_be_told_apart_is_refused(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    content = copy.deepcopy(json.loads(EXAMPLE.read_text("utf-8")))
    path = tmp_path / "month.json"
    path.write_text(json.dumps({**content, **change}), encoding="utf-8")

    with pytest.raises(FileRefused) as refused:
        read_by_creditor(path, None, Asked(municipality="0363", test_numbers=True))

    assert any(str(problem).startswith(said) for problem in refused.value.problems)


def test_a_publication_that_stops_half_way_says_what_is_stored() -> None:
    by_creditor = read_by_creditor(EXAMPLE, None, Asked(municipality="0344", test_numbers=True)).by_creditor

    said = so_far(by_creditor, Counter({"rent": 1, "energy": 2}))

    assert said.startswith(
        "stored so far: 1 of 1 of rent, 2 of 3 of energy, 0 of 2 of water. Publish the whole"
    )


def test_a_correction_of_the_same_day_is_newer_and_a_late_copy_of_the_first_is_not(
    tmp_path: Path,
) -> None:
    def delivered(at: str, **signal: Any) -> ArrearsSignal:
        path = file_of(tmp_path, signal)
        content = {**json.loads(path.read_text("utf-8")), "aanleverdatumEnTijd": at}
        path.write_text(json.dumps(content), encoding="utf-8")
        (found,) = read_ddas(path, Asked(test_numbers=True))
        return found.signal

    first = delivered("2026-03-02T09:00:00Z", bedrag=900)
    corrected = delivered("2026-03-02T11:30:00Z", bedrag=450)
    years_late = delivered("2031-03-02T09:00:00Z", bedrag=900)
    next_day = delivered("2026-03-03T00:00:00Z", signaaldatum="2026-03-03")

    assert first.contract == corrected.contract
    assert first.version < corrected.version < years_late.version < next_day.version
    assert delivered("2026-03-02T09:00:00Z", bedrag=900) == first
    assert delivered("2026-03-01T09:00:00Z").version == 1_772_409_600_000  # dated after its delivery

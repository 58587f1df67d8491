"""What the national model asks of each field, and the whole of what is said where a file does otherwise."""

from __future__ import annotations

import copy
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from eropaf_client.errors import FileRefused
from eropaf_client.files import ddas
from eropaf_client.files.ddas import DdasFile, read_ddas
from eropaf_client.files.ddas_exchange import Contact, from_json, to_json
from eropaf_client.files.ddas_model import Model, is_integer, lone_surrogates, version_of
from eropaf_client.files.filed import Asked

EVERYTHING: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "data" / "ddas-everything.json").read_text("utf-8")
)
TEXT, WHOLE, YES_NO = "must be text", "must be a whole number", "must be true or false"
LIST, OBJECT = "must be a list", "must be an object"
DAY = "must be a date, YYYY-MM-DD, from 1990 to 2099"
CLOSED = "is not one of the model's values"
IS_MISSING, AT_LEAST_ONE = "is missing", "must hold at least one"
NO_FIELD = "is not a field of the model here; Eropaf reads version 1.2"
DELIVERY, SIGNAL, CASE = (
    "leveringen[0]",
    "leveringen[0].vroegsignalen[0]",
    "leveringen[0].vroegsignaalzaken[0]",
)


def steps(path: str) -> list[str | int]:
    parts = path.replace("]", "").replace("[", ".").split(".")
    return [int(each) if each.isdigit() else each for each in parts]


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return the file that has everything, with `value` at `path`; Ellipsis takes it away."""
    content = copy.deepcopy(EVERYTHING)
    case = content["leveringen"][0]["vroegsignaalzaken"][0]
    case.setdefault("contactpogingen", [{"soort": "Brief", "datum": "2026-03-09", "bereikt": True}])
    case.setdefault("vroegsignalen", [{"ID": "VS-2026-0000"}])
    *way, last = steps(path)
    at: Any = content
    for each in way:
        at = at[each]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return content


def said_of(content: Any) -> list[str]:
    model = Model(test_numbers=True)
    _checked(model, content)
    return [*map(str, model.problems)]


def _checked(model: Model, content: Any) -> None:
    if not model.file(content):
        return
    for at, delivery in enumerate(content["leveringen"]):
        if model.delivery(f"leveringen[{at}]", delivery):
            for number, signal in enumerate(delivery.get("vroegsignalen", [])):
                model.signal(f"leveringen[{at}].vroegsignalen[{number}]", signal)
            for number, case in enumerate(delivery.get("vroegsignaalzaken", [])):
                model.case(f"leveringen[{at}].vroegsignaalzaken[{number}]", case)


def test_a_file_with_everything_breaks_no_rule() -> None:
    assert said_of(EVERYTHING) == []


FIELDS = [
    ("codeGegevensleverancier", 1, TEXT),
    ("startdatumLevering", "1-3-2026", DAY),
    ("einddatumLevering", "2100-01-01", DAY),
    ("aanleverdatumEnTijd", "2026-04-02",
     "must be a date and time with its zone (RFC 3339), from 1990 to 2099"),
    ("aanleverdatumEnTijd", "2100-01-01T00:00:00Z",
     "must be a date and time with its zone (RFC 3339), from 1990 to 2099"),
    ("leveringen", {}, LIST),
    (f"{DELIVERY}.teller", "1", WHOLE),
    (f"{DELIVERY}.teller", True, WHOLE),
    (f"{DELIVERY}.gemeentecode", 363, TEXT),
    (f"{DELIVERY}.aanleverendeOrganisatie", [], OBJECT),
    (f"{DELIVERY}.aanleverendeOrganisatie.naam", 1, TEXT),
    (f"{DELIVERY}.aanleverendeOrganisatie.kvk-nummer", 1, TEXT),
    (f"{DELIVERY}.aanleverendeOrganisatie.contactpersonen", {}, LIST),
    (f"{DELIVERY}.aanleverendeOrganisatie.contactpersonen", [], AT_LEAST_ONE),
    (f"{DELIVERY}.aanleverendeOrganisatie.contactpersonen[0]", "J", OBJECT),
    (f"{DELIVERY}.aanleverendeOrganisatie.contactpersonen[0].naam", 1, TEXT),
    (f"{DELIVERY}.aanleverendeOrganisatie.contactpersonen[0].telefoonnummer", 1, TEXT),
    (f"{DELIVERY}.aanleverendeOrganisatie.contactpersonen[0].email", 1, TEXT),
    (f"{DELIVERY}.aanleverendeOrganisatie.contactpersonen[0].functietitel", 1, TEXT),
    (f"{DELIVERY}.vroegsignalen", {}, LIST),
    (f"{DELIVERY}.vroegsignaalzaken", {}, LIST),
    (f"{SIGNAL}.ID", 1, TEXT),
    (f"{SIGNAL}.crisissignaal", "ja", YES_NO),
    (f"{SIGNAL}.warmeOverdracht", 1, YES_NO),
    (f"{SIGNAL}.bedrag", "100", WHOLE),
    (f"{SIGNAL}.bedrag", 100.5, WHOLE),
    (f"{SIGNAL}.ontstaansdatum", "1989-12-31", DAY),
    (f"{SIGNAL}.signaaldatum", 20260302, DAY),
    (f"{SIGNAL}.status", "Klaar", CLOSED),
    (f"{SIGNAL}.status", 1, CLOSED),
    (f"{SIGNAL}.signaalpartner", "Huur", OBJECT),
    (f"{SIGNAL}.signaalpartner.type", "Gas", CLOSED),
    (f"{SIGNAL}.client", "999990000", OBJECT),
    (f"{SIGNAL}.client.burgerservicenummer", 999990000, "must be nine digits"),
    (f"{SIGNAL}.client.burgerservicenummer", "99999000", "must be nine digits"),
    ("leveringen[0].vroegsignalen[1].client.geslachtsaanduiding", "X", CLOSED),
    ("leveringen[0].vroegsignalen[1].client.geboortedatum", "1980", "must be a date, YYYY-MM-DD"),
    ("leveringen[0].vroegsignalen[1].client.postcode", 1012, TEXT),
    ("leveringen[0].vroegsignalen[1].client.huisnummer", 2, TEXT),
    ("leveringen[0].vroegsignalen[1].client.huisnummertoevoeging", 2, TEXT),
    (f"{CASE}.resultaat", "Klaar", CLOSED),
    *((f"{CASE}.{name}", "2026", DAY) for name in (
        "matchingsdatum", "startdatumMatchingperiode", "startdatumMatchtingperiode",
        "einddatumMatchingperiode", "datumOpgepakt")),
    (f"{CASE}.vroegsignalen", {}, LIST),
    (f"{CASE}.vroegsignalen", [], AT_LEAST_ONE),
    (f"{CASE}.vroegsignalen[0]", "VS-2026-0000", OBJECT),
    (f"{CASE}.vroegsignalen[0].ID", 1, TEXT),
    (f"{CASE}.contactpogingen", {}, LIST),
    (f"{CASE}.contactpogingen[0]", "Brief", OBJECT),
    (f"{CASE}.contactpogingen[0].soort", "Duif", CLOSED),
    (f"{CASE}.contactpogingen[0].bereikt", "ja", YES_NO),
    (f"{CASE}.contactpogingen[0].datum", "9-3-2026", DAY),
    (f"{CASE}.contactpogingen[0].dagdeel", "Nacht", CLOSED),
    *((path, ..., IS_MISSING) for path in (
        "codeGegevensleverancier", "startdatumLevering", "einddatumLevering", "aanleverdatumEnTijd",
        f"{DELIVERY}.teller", f"{DELIVERY}.gemeentecode", f"{DELIVERY}.aanleverendeOrganisatie",
        f"{SIGNAL}.ID",
        f"{SIGNAL}.signaalpartner", f"{SIGNAL}.client", f"{SIGNAL}.bedrag", f"{SIGNAL}.signaalpartner.type",
        "leveringen[0].vroegsignalen[1].client.postcode", "leveringen[0].vroegsignalen[1].client.huisnummer",
        f"{CASE}.vroegsignalen[0].ID")),
    ("leveringen", ..., AT_LEAST_ONE),
    ("leveringen", [], AT_LEAST_ONE),
    *((f"{path}anders" if not path else f"{path}.anders", 1, NO_FIELD) for path in (
        "", DELIVERY, f"{DELIVERY}.aanleverendeOrganisatie",
        f"{DELIVERY}.aanleverendeOrganisatie.contactpersonen[0]", SIGNAL, f"{SIGNAL}.signaalpartner",
        "leveringen[0].vroegsignalen[1].client", CASE, f"{CASE}.vroegsignalen[0]",
        f"{CASE}.contactpogingen[0]")),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "said"), FIELDS)
def test_a_field_that_breaks_a_rule_is_named_by_its_path(path: str, value: Any, said: str) -> None:
    assert said_of(changed(path, value)) == [f"{path}: {said}"]


@pytest.mark.parametrize("path", [SIGNAL, "leveringen[0]"])
def test_what_may_be_left_out_may_be(path: str) -> None:
    optional = {
        SIGNAL: ("crisissignaal", "warmeOverdracht", "ontstaansdatum", "signaaldatum", "status"),
        "leveringen[0]": ("vroegsignalen", "vroegsignaalzaken"),
    }

    for name in optional[path]:
        assert said_of(changed(f"{path}.{name}", ...)) == []


@pytest.mark.parametrize("bsn", ["999990000", "123456782"])
def test_a_number_of_examples_is_none_of_a_file_in_earnest(bsn: str) -> None:
    model = Model(test_numbers=False)
    client = {"burgerservicenummer": bsn}
    signal = {"ID": "1", "bedrag": 1, "signaalpartner": {"type": "Huur"}, "client": client}

    taken = model.signal("s", signal)

    told = [] if taken else ["s.client.burgerservicenummer: is not a BSN: it fails the eleven test"]
    assert taken == (bsn == "123456782")
    assert [*map(str, model.problems)] == told


def test_a_number_stands_alone() -> None:
    (said,) = said_of(changed(f"{SIGNAL}.client.postcode", "1011AB"))

    assert said == f"{SIGNAL}.client: a burgerservicenummer stands alone, without any other field"


@pytest.mark.parametrize(
    "path",
    [
        "leveringen",
        f"{DELIVERY}.aanleverendeOrganisatie.contactpersonen",
        f"{CASE}.vroegsignalen",
    ],
)
def test_a_thing_stands_once(path: str) -> None:
    at: Any = changed(f"{CASE}.datumOpgepakt", "2026-03-09")
    for each in steps(path):
        at = at[each]

    assert said_of(changed(path, [at[0], dict(reversed(at[0].items()))])) == [f"{path}[1]: is there twice"]


def test_a_period_that_ends_before_it_begins_is_a_fault() -> None:
    assert said_of(changed("einddatumLevering", "2026-03-01")) == []
    assert said_of(changed("einddatumLevering", "2026-02-28")) == [
        "startdatumLevering: is after einddatumLevering"
    ]


def test_what_is_no_object_at_all_is_a_fault_of_the_file() -> None:
    assert said_of([]) == ["file: must be an object"]


def test_every_fault_of_a_signal_is_told() -> None:
    content = changed(f"{SIGNAL}.bedrag", "much")
    content["leveringen"][0]["vroegsignalen"][0].update(anders=1, signaalpartner={})

    assert said_of(content) == [f"{SIGNAL}.bedrag: {WHOLE}", f"{SIGNAL}.anders: {NO_FIELD}"]


@pytest.mark.parametrize(
    ("value", "meant"), [(1, True), (900.0, True), (1.5, False), (True, False), ("1", False)]
)
def test_a_whole_number_is_one_however_it_is_written(value: Any, meant: bool) -> None:
    assert is_integer(value) is meant


@pytest.mark.parametrize(
    ("change", "version"),
    [
        ({}, None),
        ({"modelversie": "1.2"}, None),
        ({"modelversie": "1.3"}, "1.3"),
        ({"modelversie": 2.0}, "2.0"),
        ({"modelversie": "1.2.1"}, "1.2.1"),
        ({"modelversie": "newest"}, None),
        ({"leveringen": "none"}, None),
        ({"leveringen": [1, {"aanleverende_organisatie": {}}]}, "0.9 or earlier"),
        *(
            ({"leveringen": [{"vroegsignalen": [{"client": "?"}, 1, {"client": {name: ""}}]}]}, version)
            for version, names in {
                "0.9 or earlier": ("Burgerservicenummer", "Postcode", "Huisnummer", "Achternaam"),
                "1.0, or a draft of 1.1": (
                    "voorletters", "voorvoegsel", "achternaam", "straatnaam", "plaatsnaam",
                ),
            }.items()
            for name in names
        ),
    ],
)  # fmt: skip
def test_another_version_of_the_model_is_recognised(change: dict[str, Any], version: str | None) -> None:
    assert version_of({**EVERYTHING, **change}) == version


def test_half_a_character_is_found_wherever_it_stands() -> None:
    half = "\ud83d"
    said = "holds half a character (a lone surrogate); write the whole of it"

    found = lone_surrogates({"a": ["whole", {"b": half}, half], f"c{half}": 1, "d": {f"e{half}": "f"}})

    assert [*map(str, found)] == [f"a[1].b: {said}", f"a[2]: {said}", f"c?: {said}", f"d.e?: {said}"]
    assert [*map(str, lone_surrogates(half))] == [f"file: {said}"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xff\xfe\xff", "file: is not UTF-8; save it as UTF-8"),
        (b'{"a": }', "line 1, column 7: is not JSON: Expecting value"),
        (b"[" * 100_000, "file: is nested deeper than any exchange file"),
        (b'{"a": NaN}', "file: holds what is no number: NaN, Infinity, or thousands of digits"),
        (b"[]", "file: must be an object"),
        (b'{"modelversie": "1.3"}', (
            "file: this is version 1.3 of the model; Eropaf reads 1.2, ask for it, or upgrade Eropaf where "
            "it is a newer one"
        )),
        (b'{"a": "\\ud83d"}', "a: holds half a character (a lone surrogate); write the whole of it"),
        (b'{"a": "\\uD83D"}', "a: holds half a character (a lone surrogate); write the whole of it"),
        (b"{}", "aanleverdatumEnTijd: is missing"),
    ],
    ids=["bytes", "no JSON", "deep", "no number", "list", "version", "half", "half in capitals", "empty"],
)  # fmt: skip
def test_what_is_no_exchange_file_is_refused_by_name_and_reason(
    tmp_path: Path, data: bytes, said: str
) -> None:
    path = tmp_path / "month.json"
    path.write_bytes(data)

    with pytest.raises(FileRefused) as refused:
        DdasFile(path)

    assert str(refused.value).startswith(f"{path}: ")
    assert str(refused.value.problems[0]) == said


def test_what_a_delivery_leaves_out_is_empty_and_an_address_of_nobody_is_a_fault(tmp_path: Path) -> None:
    content = copy.deepcopy(EVERYTHING)
    del content["leveringen"][0]["vroegsignalen"], content["leveringen"][0]["vroegsignaalzaken"]
    contact = {"naam": "Balie", "telefoonnummer": "14020", "email": "b@v.example", "functietitel": "Balie"}
    content["leveringen"][0]["aanleverendeOrganisatie"]["contactpersonen"] = [contact]
    path = tmp_path / "month.json"
    path.write_text(json.dumps(content), "utf-8")

    (delivery,) = DdasFile(path).deliveries
    exchanged = from_json(content)

    assert (delivery.signals, delivery.cases) == ([], [])
    assert exchanged.deliveries[0].contacts == (Contact("Balie", "14020", "b@v.example", "Balie"),)
    assert (exchanged.deliveries[0].signals, exchanged.deliveries[0].cases) == ((), ())
    assert to_json(exchanged)["leveringen"][0]["aanleverendeOrganisatie"]["contactpersonen"] == [contact]
    assert from_json({**content, "leveringen": []}) == from_json(
        {name: held for name, held in content.items() if name != "leveringen"}
    )


def test_a_fault_of_a_case_is_named_by_its_place(tmp_path: Path) -> None:
    path = tmp_path / "month.json"
    path.write_text(json.dumps(changed(f"{CASE}.resultaat", "Klaar")), "utf-8")

    file = DdasFile(path, Asked(test_numbers=True))

    assert [*map(str, file.problems)] == [f"{CASE}.resultaat: {CLOSED}"]


def test_a_file_with_faults_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "month.json"
    path.write_text(json.dumps(changed(f"{SIGNAL}.bedrag", "much")), "utf-8")

    with pytest.raises(FileRefused) as refused:
        read_ddas(path, Asked(test_numbers=True))

    assert str(refused.value) == f"{path}: 1 fault; nothing of it was used"


@pytest.mark.parametrize("part", [b"[],", b"{},", b'{"a":[]},'])
def test_a_file_that_swells_in_memory_is_refused_before_it_is_read(tmp_path: Path, part: bytes) -> None:
    file = tmp_path / "signals.json"
    file.write_bytes(b'{"leveringen": [' + part * (ddas.MOST_PARTS // 2 + 1) * 2 + b"[]]}")

    tracemalloc.start()
    with pytest.raises(FileRefused) as refused:
        read_ddas(file)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    (problem,) = refused.value.problems
    assert str(problem) == "file: holds more objects and lists than an exchange file; send it in parts"
    assert most < 2 * file.stat().st_size

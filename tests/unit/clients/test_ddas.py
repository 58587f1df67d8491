from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from eropaf_client.errors import FileRefused
from eropaf_client.files.ddas import DdasFile, read_ddas
from eropaf_client.files.ddas_terms import PARTNER_TYPES
from eropaf_client.files.filed import Asked
from eropaf_client.records import CrisisKind, PartnerType, Resident

EXAMPLE = Path(__file__).parents[2] / "data" / "ddas-example.json"
# Its BSNs are nobody's.
TEST_NUMBERS = Asked(test_numbers=True)
CONTENT: dict[str, Any] = json.loads(EXAMPLE.read_text("utf-8"))


def a_file(folder: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    content = copy.deepcopy(CONTENT)
    change(content)
    path = folder / "ddas.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def signal(content: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = content["leveringen"][0]["vroegsignalen"][0]
    return found


def test_the_example_of_the_national_model_is_read() -> None:
    signals = [filed.signal for filed in read_ddas(EXAMPLE, TEST_NUMBERS)]

    assert [(s.signal_id, s.partner_type, s.amount_cents) for s in signals] == [
        ("VS-2025-0001", PartnerType.ENERGY, 35_000),
        ("VS-2025-0002", PartnerType.WATER, 98_000),
        ("VS-2025-0101", PartnerType.RENT, 21_000),
        ("VS-2025-0102", PartnerType.HEALTH, 13_000),
    ]
    assert signals[0].resident == Resident(bsn="111111111")
    assert signals[1].crisis is not None
    assert signals[1].crisis.kind is CrisisKind.DISCONNECTION
    assert signals[1].handover_wish
    assert signals[2].resident == Resident(None, "5678CD", "5", "bis")
    assert signals[2].arrears_since == date(2025, 1, 3)
    assert signals[3].reported_at == datetime(2025, 1, 22, tzinfo=UTC)


def test_all_eleven_partner_types_are_known() -> None:
    assert len(PARTNER_TYPES) == 11
    assert set(PARTNER_TYPES.values()) == set(PartnerType) - {PartnerType.MUNICIPAL_TAX}


PLACE = "leveringen[0].vroegsignalen[0]"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c.pop("aanleverdatumEnTijd"), "aanleverdatumEnTijd: is missing"),
        (lambda c: c.update(extra=1), "extra: is not a field of the model here"),
        (lambda c: c["leveringen"][0].pop("gemeentecode"), "leveringen[0].gemeentecode: is missing"),
        (lambda c: signal(c).pop("ID"), f"{PLACE}.ID: is missing"),
        (lambda c: signal(c).update(bedrag="350"), f"{PLACE}.bedrag: must be a whole number"),
        (lambda c: signal(c).update(bedrag=-1), f"{PLACE}: amount_cents: must be zero or more"),
        (lambda c: signal(c).update(signaaldatum="6-1-2025"), f"{PLACE}.signaaldatum: must be a date"),
        (lambda c: signal(c).update(status="Klaar"), f"{PLACE}.status: is not one of the model's values"),
        (
            lambda c: signal(c)["signaalpartner"].update(type="Gas"),
            f"{PLACE}.signaalpartner.type: is not one of the model's values",
        ),
        (
            lambda c: signal(c)["client"].update(postcode="1011AB"),
            f"{PLACE}.client: a burgerservicenummer stands alone",
        ),
        (lambda c: signal(c).update(client={"postcode": "1011AB"}), f"{PLACE}.client.huisnummer: is missing"),
        (
            lambda c: signal(c)["client"].update(burgerservicenummer="12"),
            f"{PLACE}.client.burgerservicenummer: must be nine digits",
        ),
        (
            lambda c: signal(c).update(ID="VS-2025-0002"),
            "leveringen[0].vroegsignalen[1].ID: is the ID of leveringen[0].vroegsignalen[0] too",
        ),
    ],
)
def test_a_fault_is_named_by_its_path(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], said: str
) -> None:
    with pytest.raises(FileRefused) as refused:
        read_ddas(a_file(tmp_path, change), TEST_NUMBERS)

    assert str(refused.value.problems[0]).startswith(said)


@pytest.mark.parametrize(
    ("client", "said"),
    [
        ({"postcode": "1011AB", "huisnummer": "12.0"}, "resident.house_number: must begin"),
        ({"postcode": "1011AB", "huisnummer": "2-mrt"}, "resident.house_number: must begin"),
        (
            {"postcode": "1011AB", "huisnummer": "1", "huisnummertoevoeging": "12.0"},
            "resident.addition: must be letters and digits",
        ),
    ],
)
def test_what_a_spreadsheet_made_of_an_address_is_refused_as_in_a_table(
    tmp_path: Path, client: dict[str, str], said: str
) -> None:
    with pytest.raises(FileRefused) as refused:
        read_ddas(a_file(tmp_path, lambda c: signal(c).update(client=client)), TEST_NUMBERS)

    assert str(refused.value.problems[0]).startswith(f"{PLACE}: {said}")


@pytest.mark.parametrize(
    ("text", "said"),
    [("2-mrt", "a date is not a reference"), ("NULL", "is empty"), ("1.2E+17", "digits were lost")],
)
def test_what_a_spreadsheet_made_of_an_id_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read_ddas(a_file(tmp_path, lambda c: signal(c).update(ID=text)), TEST_NUMBERS)

    assert str(refused.value.problems[0]).startswith(f"{PLACE}.ID: {said}")


@pytest.mark.parametrize("seen_as", ["VS-2025-0002\u200b", " VS-2025-0002", "VS-2025-0002\x7f"])
def test_ids_that_look_alike_are_one_and_a_case_finds_its_signal(tmp_path: Path, seen_as: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read_ddas(a_file(tmp_path, lambda c: signal(c).update(ID=seen_as)), TEST_NUMBERS)
    assert "is the ID of" in str(refused.value.problems[0])

    def change(content: dict[str, Any]) -> None:
        (case, *_) = content["leveringen"][0]["vroegsignaalzaken"]
        for each in case["vroegsignalen"]:
            each["ID"] += "\u200b"

    file, same = DdasFile(a_file(tmp_path, change), TEST_NUMBERS), DdasFile(EXAMPLE, TEST_NUMBERS)
    assert [places for _, places in file.deliveries[0].cases] == [
        places for _, places in same.deliveries[0].cases
    ]


@pytest.mark.parametrize("version", ["1.3", "2.0.1", 1.3])
def test_a_file_of_a_newer_model_says_so(tmp_path: Path, version: object) -> None:
    with pytest.raises(FileRefused) as refused:
        read_ddas(a_file(tmp_path, lambda c: c.update(modelversie=version)), TEST_NUMBERS)

    assert [str(problem) for problem in refused.value.problems] == [
        f"file: this is version {version} of the model; Eropaf reads 1.2, ask for it, or upgrade Eropaf "
        "where it is a newer one"
    ]


def test_one_id_in_deliveries_of_one_number_gives_each_signal_a_name_of_its_own(tmp_path: Path) -> None:
    def change(content: dict[str, Any]) -> None:
        first = content["leveringen"][0]
        for number in range(3):
            another = copy.deepcopy(first)
            another["aanleverendeOrganisatie"]["naam"] = f"Vroeg {number}"
            content["leveringen"].append(another)
        for each in content["leveringen"]:
            each["teller"] = 1

    names = [filed.signal.signal_id for filed in read_ddas(a_file(tmp_path, change), TEST_NUMBERS)]

    assert len(names) == len(set(names))
    assert {"VS-2025-0001", "1:VS-2025-0001", "1.2:VS-2025-0001", "1.3:VS-2025-0001"} <= set(names)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[]", b"null"])
def test_what_is_no_such_file_at_all_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "ddas.json"
    path.write_bytes(data)

    with pytest.raises(FileRefused):
        read_ddas(path)


# What a crisis is, by who calls it. A tax office, DUO or CAK ends no insurance and no tenancy, and must not
# be told the resident as if it did: CAK takes a defaulter over, and the basic insurance stays (Zorgwijzer,
# "Regeling wanbetalers").
CRISES: list[tuple[str, CrisisKind]] = [
    ("Huur", CrisisKind.EVICTION), ("Hypotheek", CrisisKind.EVICTION), ("Energie", CrisisKind.DISCONNECTION),
    ("Water", CrisisKind.DISCONNECTION), ("Zorg", CrisisKind.END_OF_INSURANCE),
    ("CAK Zorgverzekeringen", CrisisKind.OTHER), ("CAK Eigen bijdrage", CrisisKind.OTHER),
    ("Belastingdienst", CrisisKind.OTHER), ("Dienst Toeslagen", CrisisKind.OTHER), ("DUO", CrisisKind.OTHER),
    ("Overige", CrisisKind.OTHER),
]  # fmt: skip


def test_the_table_of_crises_has_every_kind_of_partner() -> None:
    assert {name for name, _ in CRISES} == PARTNER_TYPES.keys()


@pytest.mark.parametrize(("partner", "kind"), CRISES)
def test_a_crisis_is_what_that_partner_can_threaten_with(
    tmp_path: Path, partner: str, kind: CrisisKind
) -> None:
    def change(content: dict[str, Any]) -> None:
        signal(content)["signaalpartner"]["type"] = partner
        signal(content)["crisissignaal"] = True

    found = read_ddas(a_file(tmp_path, change), TEST_NUMBERS)[0].signal

    assert found.crisis is not None
    assert found.crisis.kind is kind


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_half_a_character_is_a_fault_in_every_encoding_of_json(tmp_path: Path, encoding: str) -> None:
    path = a_file(tmp_path, lambda content: signal(content)["signaalpartner"].update(naam="Woon\ud83d"))
    path.write_bytes(path.read_text("utf-8").encode(encoding))

    with pytest.raises(FileRefused) as refused:
        read_ddas(path, TEST_NUMBERS)

    assert "half a character" in str(refused.value.problems[0])


@pytest.mark.parametrize("code", ["0363", "GM0363", "gm0363", "363"])
def test_a_municipalitys_code_is_read_in_each_of_its_spellings(tmp_path: Path, code: str) -> None:
    path = a_file(tmp_path, lambda content: content["leveringen"][0].update(gemeentecode=code))

    assert DdasFile(path, TEST_NUMBERS).deliveries[0].municipality == "0363"

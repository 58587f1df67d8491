"""What a file of the national model becomes: names, versions, contracts, and what is told of it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from eropaf_client.errors import FileRefused
from eropaf_client.files.ddas import DdasFile, read_ddas
from eropaf_client.files.ddas_contracts import Contracts
from eropaf_client.records import ArrearsSignal, Crisis, CrisisKind, PartnerType, Resident, SignalKind

DELIVERED = datetime(2026, 4, 2, 9, tzinfo=UTC)
HOME = {"postcode": "1011AB", "huisnummer": "3"}
FIRST = "leveringen[0].vroegsignalen[0]"


def delivery(*signals: dict[str, Any], teller: int = 1, **more: Any) -> dict[str, Any]:
    usual = {"bedrag": 900, "signaaldatum": "2026-03-02", "signaalpartner": {"type": "Huur"}, "client": HOME}
    return {
        "teller": teller,
        "gemeentecode": "0363",
        "aanleverendeOrganisatie": {"naam": f"Vroeg {teller}"},
        "vroegsignalen": [{"ID": f"V-{n}", **usual, **each} for n, each in enumerate(signals)],
        **more,
    }


def a_file(folder: Path, *deliveries: dict[str, Any]) -> Path:
    path = folder / "month.json"
    content = {
        "codeGegevensleverancier": "VOORBEELD",
        "startdatumLevering": "2026-03-01",
        "einddatumLevering": "2026-03-31",
        "aanleverdatumEnTijd": DELIVERED.isoformat(),
        "leveringen": deliveries,
    }
    path.write_text(json.dumps(content), "utf-8")
    return path


def signal(folder: Path, **values: Any) -> ArrearsSignal:
    (filed,) = read_ddas(a_file(folder, delivery(values)))
    assert filed.place == FIRST
    return filed.signal


def refused(path: Path) -> list[str]:
    with pytest.raises(FileRefused) as found:
        read_ddas(path)
    return [*map(str, found.value.problems)]


def test_a_signal_is_read_part_by_part(tmp_path: Path) -> None:
    client = {"postcode": "1011AB", "huisnummer": "3", "huisnummertoevoeging": "hs"}
    found = signal(
        tmp_path, client=client, ontstaansdatum="2026-01-05", crisissignaal=True, warmeOverdracht=True
    )

    assert found == ArrearsSignal(
        signal_id="V-0",
        contract=found.contract,
        kind=SignalKind.REPORTED,
        partner_type=PartnerType.RENT,
        amount_cents=90_000,
        reported_at=datetime(2026, 3, 2, tzinfo=UTC),
        version=1_772_409_600_000 + (31 * 24 + 9) * 3_600,
        resident=Resident(None, "1011AB", "3", "hs"),
        arrears_since=date(2026, 1, 5),
        crisis=Crisis(CrisisKind.EVICTION),
        handover_wish=True,
    )


def test_what_is_not_said_is_unsaid_and_without_a_date_it_is_of_its_delivery(tmp_path: Path) -> None:
    path = a_file(tmp_path, delivery({"client": {**HOME, "huisnummertoevoeging": ""}, "bedrag": 900.0}))
    content = json.loads(path.read_text("utf-8"))
    del content["leveringen"][0]["vroegsignalen"][0]["signaaldatum"]
    path.write_text(json.dumps(content), "utf-8")

    ((_, found),) = read_ddas(path)

    assert (found.reported_at, found.version) == (DELIVERED, int(DELIVERED.timestamp()) * 1_000)
    assert (found.arrears_since, found.crisis, found.resident.addition) == (None, None, None)
    assert found.handover_wish is False
    assert found.amount_cents == 90_000


@pytest.mark.parametrize(
    ("behind", "version_ms"),
    [
        (timedelta(), 0),
        (timedelta(seconds=1), 1),
        (timedelta(days=1), 86_400),
        (timedelta(days=3_000), 86_399_999),
        (timedelta(days=-1), 0),
    ],
)
def test_a_later_delivery_of_a_day_is_a_higher_version_below_the_next_days(
    tmp_path: Path, behind: timedelta, version_ms: int
) -> None:
    on = datetime(2026, 3, 2, tzinfo=UTC)
    path = a_file(tmp_path, delivery({}))
    content = json.loads(path.read_text("utf-8"))
    content["aanleverdatumEnTijd"] = (on + behind).isoformat()
    path.write_text(json.dumps(content), "utf-8")

    ((_, found),) = read_ddas(path)

    assert found.version == int(on.timestamp()) * 1_000 + version_ms


@pytest.mark.parametrize(
    ("on", "told"),
    [
        ("2026-03-01", ""),
        ("2026-03-31", ""),
        ("2026-02-28", "; 1 signal dated outside the period of their delivery"),
        ("2026-04-01", "; 1 signal dated outside the period of their delivery"),
        ("2026-04-02", "; 1 signal dated outside the period of their delivery"),
        ("2026-04-03", "; 1 signal dated after the file was delivered"),
    ],
)
def test_a_date_outside_its_delivery_is_told(tmp_path: Path, on: str, told: str) -> None:
    file = DdasFile(a_file(tmp_path, delivery({"signaaldatum": on})))

    assert file.understood == f"DDAS 1.2: 1 signal in 1 delivery{told}"


def test_what_was_read_is_counted_in_words(tmp_path: Path) -> None:
    late = {"signaaldatum": "2026-02-01"}
    file = DdasFile(a_file(tmp_path, delivery(late, late, {}), delivery(teller=2)))

    assert file.understood == (
        "DDAS 1.2: 3 signals in 2 deliveries; 2 signals dated outside the period of their delivery"
    )


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (["\u200b"], [f"{FIRST}.ID: is empty"]),
        (["1.5E+17"], [
            f"{FIRST}.ID: digits were lost: the number was written with an exponent; format the column as "
            "text",
        ]),
        (["A", "A", "A\u200b"], [
            f"leveringen[0].vroegsignalen[{n}].ID: is the ID of {FIRST} too; each signal of a delivery needs "
            "its own" for n in (1, 2)
        ]),
    ],
)  # fmt: skip
def test_an_id_that_names_nothing_or_two_is_a_fault(tmp_path: Path, ids: list[str], said: list[str]) -> None:
    assert refused(a_file(tmp_path, delivery(*({"ID": each} for each in ids)))) == said


def test_after_a_fault_the_others_are_read_and_their_faults_told_too(tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        delivery(
            {"bedrag": "much"},
            {"ID": ""},
            {"ID": "V-9"},
            {"ID": "V-9"},
            {"client": {"postcode": "1011AB", "huisnummer": "zeven"}},
            {"bedrag": -1},
            {},
        ),
    )

    found = DdasFile(path)

    assert [each.signal.signal_id for each in found.deliveries[0].signals] == ["V-9", "V-6"]
    assert [each.place.rpartition("[")[2] for each in found.problems] == [
        "0].bedrag", "1].ID", "3].ID", "4]", "5]",
    ]  # fmt: skip


def test_an_id_of_an_earlier_delivery_gets_its_deliverys_number_then_a_count(
    tmp_path: Path,
) -> None:
    deliveries = [delivery({"ID": "A"}, teller=7, gemeentecode=f"036{n}") for n in range(4)]

    names = [filed.signal.signal_id for filed in read_ddas(a_file(tmp_path, *deliveries))]

    assert names == ["A", "7:A", "7.2:A", "7.3:A"]


@pytest.mark.parametrize(
    ("code", "meant"), [("0363", "0363"), (" gm0363 ", "0363"), ("363", "0363"), ("Amsterdam", "Amsterdam")]
)
def test_a_municipalitys_code_has_four_digits(tmp_path: Path, code: str, meant: str) -> None:
    assert DdasFile(a_file(tmp_path, delivery({}, gemeentecode=code))).deliveries[0].municipality == meant


def test_a_status_is_ours_and_a_case_names_the_places_of_its_signals(tmp_path: Path) -> None:
    case = {"vroegsignalen": [{"ID": "V-1"}, {"ID": "elsewhere"}], "datumOpgepakt": "2026-03-09"}
    path = a_file(tmp_path, delivery({}, {"status": "Opgepakt"}, vroegsignaalzaken=[case, {}]))

    (found,) = DdasFile(path).deliveries

    assert [each.status for each in found.signals] == ["NOT_YET_PICKED_UP", "PICKED_UP"]
    ((first, places), (_, none)) = found.cases
    assert first.picked_up_on == date(2026, 3, 9)
    assert (places, none) == (["leveringen[0].vroegsignalen[1]"], [])


def contract(secret: bytes | None = None, signal_id: str = "V-1", day: int = 2, **values: Any) -> str:
    usual = {"signaalpartner": {"type": "Huur"}, "client": HOME}
    return Contracts(secret).of(signal_id, {**usual, **values}, datetime(2026, 3, day, tzinfo=UTC))


def test_a_contract_is_that_of_who_pays_which_kind_of_bill_not_since_when() -> None:
    same = [contract(), contract(signal_id="V-2"), contract(day=9)]
    same.append(contract(client={"postcode": "1011 ab", "huisnummer": "003"}))
    other = [
        contract(signaalpartner={"type": "Water"}),
        contract(ontstaansdatum="2026-01-05"),
        contract(client={**HOME, "huisnummertoevoeging": "hs"}),
        contract(client={**HOME, "huisnummer": "33"}),
        contract(client={**HOME, "postcode": "1012AB"}),
        contract(b"secret"),
        contract(b"another secret"),
    ]

    assert len(set(same)) == 1
    assert len({*same, *other}) == 1 + len(other)
    assert {len(each) for each in [*same, *other]} == {24}


def test_the_name_of_a_contract_stays_as_it_is() -> None:
    """It is kept by whoever published it: another name would be another contract."""
    known: dict[str, Any] = {"client": {**HOME, "huisnummertoevoeging": "hs"}, "ontstaansdatum": "2026-01-05"}

    assert contract(**known) == "bf32f434df23329bd22fd5ef"
    assert contract(b"secret", **known) == "ffff948d1dce55a52cd78f14"
    assert contract(b"secret", client={"burgerservicenummer": "999990000"}) == "215613e124d5def373959f01"


def test_two_of_one_day_are_two_and_the_same_two_next_month() -> None:
    value = {"signaalpartner": {"type": "Energie"}, "client": HOME}
    march, april = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 4, 2, tzinfo=UTC)
    contracts = Contracts(None)

    found = [contracts.of("V", value, on) for on in (march, march, april, april)]

    assert found[:2] == found[2:]
    assert found[0] != found[1]


def test_without_a_secret_a_number_names_no_contract() -> None:
    client = {"burgerservicenummer": "999990000"}
    value = {"signaalpartner": {"type": "Huur"}, "client": client}
    contracts, on = Contracts(None), datetime(2026, 3, 2, tzinfo=UTC)

    assert [contracts.of(name, value, on + timedelta(days=n)) for n, name in enumerate(["V-1", "V-2"])] == [
        "V-1", "V-1",
    ]  # fmt: skip
    assert contract(b"secret", client=client) != "V-1"

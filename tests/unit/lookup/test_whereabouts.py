"""What the register's answer means: an address here, or why there is none; never a guess."""

from __future__ import annotations

from typing import Any

import pytest

from eropaf.lookup.whereabouts import Reason, Whereabouts, whereabouts
from eropaf.risk.records import Address
from tests.unit.lookup.a_register import lives, suspended

HERE = "0363"
INVESTIGATED = {"type": True, "datumIngangOnderzoek": {"type": "Datum", "datum": "2026-01-05"}}


def placed(**place: Any) -> dict[str, Any]:
    person = lives("1011 AB", 12)
    return {**person, "verblijfplaats": {**person["verblijfplaats"], **place}}


@pytest.mark.parametrize(
    ("person", "addition"),
    [
        (lives("1011 AB", 12), ""),
        (lives("1011ab", 12, huisletter="a"), "A"),
        (lives("1011 AB", 12, huisnummertoevoeging="hs"), "HS"),
        (lives("1011 AB", 12, huisletter="B", huisnummertoevoeging="2"), "B2"),
    ],
)
def test_an_address_here_is_spelled_as_a_creditors_is(person: dict[str, Any], addition: str) -> None:
    assert whereabouts(person, HERE) == Whereabouts(Address("1011AB", 12, addition))


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        (None, Reason.NOT_FOUND),
        (suspended("O"), Reason.DECEASED),
        (suspended("E"), Reason.ABROAD),
        (suspended("M"), Reason.ABROAD),
        (suspended("R"), Reason.ABROAD),
        (suspended("F"), Reason.NOT_FOUND),
        (suspended("W"), Reason.NOT_FOUND),
        (suspended("."), Reason.NO_ADDRESS),
        (placed(type="VerblijfplaatsBuitenland", verblijfadres={"land": {"code": "5010"}}), Reason.ABROAD),
        (placed(type="VerblijfplaatsOnbekend", verblijfadres=None), Reason.NO_ADDRESS),
        (
            placed(type="Locatie", verblijfadres={"locatiebeschrijving": "ligplaats voorbeeld"}),
            Reason.NO_ADDRESS,
        ),
        (placed(verblijfadres={"korteStraatnaam": "Voorbeeldstraat"}), Reason.NO_ADDRESS),
        (lives("0011 AB", 12), Reason.NO_ADDRESS),
        ({"gemeenteVanInschrijving": {"code": HERE}}, Reason.NO_ADDRESS),
        ({**lives("1011 AB", 12), "gemeenteVanInschrijving": None}, Reason.NO_ADDRESS),
    ],
)
def test_who_has_no_address_here_has_a_reason(person: dict[str, Any] | None, reason: Reason) -> None:
    assert whereabouts(person, HERE) == Whereabouts(reason=reason)


def test_of_who_lives_in_another_municipality_its_code_is_said_and_no_address() -> None:
    assert whereabouts(lives("3511 AB", 1, "0344"), HERE) == Whereabouts(
        reason=Reason.OTHER_MUNICIPALITY, municipality="0344"
    )


@pytest.mark.parametrize(
    "doubt",
    [
        {"indicatieVastgesteldVerblijftNietOpAdres": True},
        {"inOnderzoek": INVESTIGATED},
        {"verblijfadres": {"postcode": "1011 AB", "huisnummer": 12, "inOnderzoek": INVESTIGATED}},
    ],
)
def test_an_address_under_investigation_is_for_a_person_to_choose(doubt: dict[str, Any]) -> None:
    assert whereabouts(placed(**doubt), HERE) == Whereabouts(
        reason=Reason.IN_DOUBT, candidates=(Address("1011AB", 12, ""),)
    )


def test_a_person_whose_data_are_kept_from_third_parties_lives_where_they_live() -> None:
    person = {**lives("1011 AB", 12), "geheimhoudingPersoonsgegevens": True}

    assert whereabouts(person, HERE) == Whereabouts(Address("1011AB", 12, ""))


def test_where_somebody_lives_is_in_nothing_that_may_be_printed() -> None:
    assert "1011" not in repr(whereabouts(lives("1011 AB", 12), HERE))

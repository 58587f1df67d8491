"""What the register of persons is asked: as described, with what is needed alone, within bounds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from eropaf.lookup.persons import PersonsAccess, PersonsApi
from eropaf.lookup.service import Away, Service
from eropaf.lookup.whereabouts import FIELDS
from tests.unit.lookup.a_register import BY_ITSELF, DESCRIBED, KEY, SECRET, RegisterOfPersons, lives

ANNA, BERT = "999990019", "999990021"


def ask(access: PersonsAccess, *numbers: str) -> Mapping[str, Mapping[str, Any]]:
    with closing(PersonsApi(access)) as api:
        return api.ask(numbers)


def test_each_number_is_answered_with_what_is_needed_and_nothing_else(persons: RegisterOfPersons) -> None:
    persons.persons = {ANNA: lives("1011 AB", 7, huisletter="A"), BERT: lives("1012CD", 8)}

    found = ask(persons.access, ANNA, BERT, "999990033")

    assert set(found) == {ANNA, BERT}
    assert "naam" not in found[ANNA]
    assert found[ANNA]["verblijfplaats"]["verblijfadres"] == {
        "postcode": "1011 AB",
        "huisnummer": 7,
        "huisletter": "A",
    }
    assert persons.asked == [[ANNA, BERT, "999990033"]]


@pytest.mark.parametrize("field", FIELDS)
def test_what_is_asked_for_is_described_and_nothing_that_comes_by_itself(field: str) -> None:
    assert DESCRIBED.has_field(field)
    assert not set(field.split(".")) & set(BY_ITSELF)


@pytest.mark.parametrize("field", ["naam.geslachtsnaam.nergens", "opschortingBijhouding", "straat"])
def test_the_register_of_these_tests_notices_a_field_that_is_none(field: str) -> None:
    question = {"type": "RaadpleegMetBurgerservicenummer", "burgerservicenummer": [ANNA], "fields": [field]}

    assert DESCRIBED.faults_asked(question) == [f"{field} is not described"]


def test_the_register_of_these_tests_notices_what_is_not_described() -> None:
    asked = {"type": "RaadpleegMetBurgerservicenummer", "fields": ["burgerservicenummer"]}
    assert DESCRIBED.faults_asked({**asked, "burgerservicenummer": [ANNA] * 21})
    assert DESCRIBED.faults_asked({**asked, "burgerservicenummer": [ANNA], "naam": "x"})
    assert DESCRIBED.faults_asked({**asked, "burgerservicenummer": [ANNA], "type": "Anders"})
    place = {"type": "Adres", "verblijfadres": {"huisnummer": "7"}}
    answer = {"type": "RaadpleegMetBurgerservicenummer", "personen": [{"verblijfplaats": place}]}
    assert DESCRIBED.faults_answered(200, answer) == [
        "$.personen[0].verblijfplaats.verblijfadres.huisnummer: '7' is not of type 'integer'"
    ]


def test_the_gateways_key_and_headers_go_along(persons: RegisterOfPersons) -> None:
    ask(persons.access, ANNA)

    (headers,) = persons.headers_of
    assert headers["x-api-key"] == KEY
    assert headers["x-doelbinding"] == "vroegsignalering"
    assert headers["content-type"] == "application/json; charset=utf-8"


def test_a_token_is_drawn_once_and_again_when_it_ends_or_is_revoked(persons: RegisterOfPersons) -> None:
    now_s = 0.0
    access = persons.access_by_token
    with closing(PersonsApi(access, Service(access.known_as, lambda: now_s))) as api:
        api.ask([ANNA])
        api.ask([ANNA])
        assert persons.tokens_drawn == 1
        now_s += persons.token_s
        api.ask([ANNA])
        assert persons.tokens_drawn == 2
        persons.revoked.add("token-2")
        with pytest.raises(Away, match="401"):
            api.ask([ANNA])
        api.ask([ANNA])

    assert persons.tokens_drawn == 3


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500, 503])
def test_a_refusal_says_its_status_and_when_to_come_back(persons: RegisterOfPersons, status: int) -> None:
    persons.status, persons.with_headers = status, {"Retry-After": "120"}

    with pytest.raises(Away, match=str(status)) as refused:
        ask(persons.access, ANNA)

    assert refused.value.after_s == 120.0
    assert ANNA not in repr(refused.value)


@pytest.mark.parametrize(
    "says", [b"no JSON", b"[]", b'{"personen": 7}', b'{"personen": [{}]}', b'{"personen": ["x"]}', b"{}"]
)
def test_an_answer_that_is_none_is_no_answer(persons: RegisterOfPersons, says: bytes) -> None:
    persons.says = says

    with pytest.raises(Away):
        ask(persons.access, ANNA)


def test_whom_nobody_asked_for_is_passed_over(persons: RegisterOfPersons) -> None:
    both = [{**lives("1011AB", 1), "burgerservicenummer": each} for each in (ANNA, BERT)]
    persons.says = json.dumps({"type": "RaadpleegMetBurgerservicenummer", "personen": both}).encode()

    assert set(ask(persons.access, ANNA)) == {ANNA}


def test_a_redirect_is_not_followed(persons: RegisterOfPersons) -> None:
    persons.status, persons.with_headers = 302, {"Location": f"{persons.address}/personen"}

    with pytest.raises(Away, match="302"):
        ask(persons.access, ANNA)


def test_an_answer_without_end_is_not_read_to_its_end(
    persons: RegisterOfPersons, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eropaf.lookup.service.LARGEST_SERVICE_ANSWER_BYTES", 10)

    with pytest.raises(Away, match="TooLong"):
        ask(persons.access, ANNA)


def test_no_proxy_of_the_environment_hears_who_is_asked_for(
    persons: RegisterOfPersons, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    ask(persons.access, ANNA)


def test_no_secret_is_in_what_may_be_printed(persons: RegisterOfPersons) -> None:
    assert KEY not in repr(persons.access)
    assert SECRET not in repr(persons.access_by_token)


def test_who_does_not_answer_at_all_is_away(persons: RegisterOfPersons) -> None:
    access = replace(persons.access, address="http://127.0.0.1:9/haalcentraal/api/brp")

    with pytest.raises(Away, match="ConnectError"):
        ask(access, ANNA)

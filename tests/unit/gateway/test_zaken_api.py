"""What the case system is asked: as described, of one address, within bounds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eropaf.gateway.cases.accepted import Acceptance, Address
from eropaf.gateway.cases.serve import HookAccess
from eropaf.gateway.cases.zaken import TRIED_WITHIN_S, Standing, Zaken
from eropaf.gateway.webhooks.post import Result, Tried
from tests.unit.gateway.a_case_system import CaseSystem, case_system
from tests.unit.gateway.handed_on import ANNA, AT


def test_our_token_goes_to_the_address_in_the_settings_whatever_answers_say(system: CaseSystem) -> None:
    zaken = Zaken(system.access)
    acceptance = Acceptance("EROPAF-1", ANNA, AT, 0, Address("1011AB", 1, ""))
    opened = zaken.open(acceptance)
    elsewhere = opened.url.replace("127.0.0.1", "elsewhere.invalid")

    assert isinstance(zaken.standing("EROPAF-1", elsewhere), Standing), (
        "only the case's own id is taken of it"
    )
    assert isinstance(zaken.standing("EROPAF-1", "https://elsewhere.invalid/no-id"), Tried)
    system.status, system.with_headers = 302, {"Location": "https://elsewhere.invalid/"}
    assert zaken.open(acceptance).tried == Tried(Result.AWAY, "302")


def test_no_proxy_of_the_environment_hears_of_a_case(
    system: CaseSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")

    opened = Zaken(system.access).open(Acceptance("EROPAF-1", ANNA, AT, 0, Address("1011AB", 1, "")))

    assert opened.tried.result is Result.TOLD


def test_neither_secret_nor_address_is_in_what_may_be_printed(system: CaseSystem) -> None:
    acceptance = Acceptance("EROPAF-1", ANNA, AT, 0, Address("1011AB", 1, ""))

    assert system.access.secret not in repr(system.access)
    hook = HookAccess("https://tool.example.org/", b"a secret of the tests", "urn:x", "eropaf.example.org")
    assert "a secret" not in repr(hook)
    assert "1011AB" not in repr(acceptance)


def test_a_try_ends_in_time_also_with_a_case_system_that_says_nothing(
    system: CaseSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert TRIED_WITHIN_S == 30.0
    monkeypatch.setattr("eropaf.gateway.cases.zaken.TRIED_WITHIN_S", 0.0)
    acceptance = Acceptance("EROPAF-1", ANNA, AT, 0, Address("1011AB", 1, ""))

    assert Zaken(system.access).open(acceptance).tried == Tried(Result.AWAY, "TimeoutError")


def test_the_case_system_of_these_tests_notices_what_is_not_described() -> None:
    with case_system() as system:
        wrong = replace(system.access, case_type="no address", rsin="0000000120")
        opened = Zaken(wrong).open(Acceptance("EROPAF-1", ANNA, AT, 0, Address("1011AB", 1, "")))
        assert opened.tried == Tried(Result.REFUSED, "400")
        assert any("bronorganisatie" in each for each in system.faults)

        system.faults.clear()
        listed = system.described.operation("GET", "/zaken")
        assert system.described.faults(listed, {"number": "1"}, {}, None) == [
            "header accept-crs is missing",
            "header content-crs is missing",
            "query number is not described",
        ]


def test_an_answer_without_end_is_not_read_to_its_end(
    system: CaseSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eropaf.gateway.cases.zaken.LARGEST_ANSWER_BYTES", 10)
    acceptance = Acceptance("EROPAF-1", ANNA, AT, 0, Address("1011AB", 1, ""))

    assert Zaken(system.access).open(acceptance).tried == Tried(Result.AWAY, "TooLong")

"""Who a trace of a command names."""

from __future__ import annotations

import os
import pwd
from typing import NoReturn

import pytest
import typer
from pydantic import SecretStr

from eropaf.commands.explain import _of_address
from eropaf.opening import person_here
from eropaf.risk.outreach import HOUSEHOLD
from eropaf.settings import Settings
from tests.builders import SECRET

SECURE = {"kafka_tls": True, "kafka_sasl": "PLAIN", "kafka_username": "clerk", "kafka_password": "x"}


def test_it_is_the_kernels_word_and_not_a_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody-else")

    assert person_here(Settings()) == pwd.getpwuid(os.getuid()).pw_name


def test_an_id_without_a_name_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(uid: int) -> NoReturn:
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", nobody)

    assert person_here(Settings()) == f"uid {os.getuid()}"


def test_the_principal_that_the_broker_checked_is_named_too() -> None:
    assert person_here(Settings(**SECURE)).endswith(" (clerk)")  # type: ignore[arg-type]


def test_an_explanation_is_found_by_an_address_in_any_spelling() -> None:
    settings = Settings(household_secret=SecretStr(SECRET.decode()))

    keys = {_of_address(settings, text) for text in ("1011 AB 12 hs", "1011ab 12-HS")}

    assert len(keys) == 1
    assert HOUSEHOLD.fullmatch(keys.pop())


def test_what_is_neither_a_key_nor_an_address_is_told_so() -> None:
    with pytest.raises(typer.BadParameter, match="household key"):
        _of_address(Settings(), "123456782")

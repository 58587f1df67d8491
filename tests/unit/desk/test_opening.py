"""Who a trace of a command names."""

from __future__ import annotations

import os
import pwd
from typing import NoReturn

import pytest

from eropaf.desk.opening import person_here
from eropaf.settings import Settings

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

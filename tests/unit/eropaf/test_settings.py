"""Settings survive what else stands in the environment, and refuse what would open a door."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from eropaf.settings import Settings
from eropaf_client.schemas.errors import PasswordInTheClear
from eropaf_client.schemas.http_registry import HttpRegistry


def test_what_kubernetes_says_of_its_services_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EROPAF_BOARD_PORT", "EROPAF_METRICS_PORT"):
        monkeypatch.setenv(name, "tcp://10.96.14.7:8080")
    monkeypatch.setenv("EROPAF_BOARD_PORT_8080_TCP", "tcp://10.96.14.7:8080")
    monkeypatch.setenv("EROPAF_BOARD_SERVICE_HOST", "10.96.14.7")

    settings = Settings()

    assert (settings.board_port, settings.metrics_port) == (8080, 9464)


def test_a_port_that_somebody_set_wrong_is_still_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EROPAF_BOARD_PORT", "eighty-eighty")

    with pytest.raises(ValidationError, match="board_port"):
        Settings()


def test_proxies_are_addresses_and_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EROPAF_BOARD_TRUSTED_PROXIES", "10.0.0.0/8, 2001:db8::1")
    assert Settings().board_trusted_proxies == ("10.0.0.0/8", "2001:db8::1")

    for wrong in ("*", "ingress", "10.0.0.0/33"):
        monkeypatch.setenv("EROPAF_BOARD_TRUSTED_PROXIES", wrong)
        with pytest.raises(ValidationError, match="neither an address nor a network"):
            Settings()


@pytest.mark.parametrize("url", ["http://registry:8081", "https://one:1,http://two:2", "HTTP://registry"])
def test_the_registrys_password_does_not_go_over_plain_http(url: str) -> None:
    with pytest.raises(PasswordInTheClear, match="over plain HTTP"):
        HttpRegistry(url, "user:password")


def test_without_a_password_or_on_this_machine_plain_http_does(tmp_path: Path) -> None:
    HttpRegistry("http://registry:8081").__exit__()
    HttpRegistry("http://127.0.0.1:8081", "user:password").__exit__()

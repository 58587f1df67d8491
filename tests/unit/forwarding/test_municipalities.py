"""Signals are forwarded where somebody wrote to whom, on which ground, and who we are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from eropaf.agents.roles import FORWARDING
from eropaf.agents.topology import table
from eropaf.commands.forwarding import forwarding_config
from eropaf.lookup.forwarding.municipalities import MunicipalitiesRefused, read_municipalities
from eropaf.settings import Settings
from eropaf.settings.environment import SettingsError

GATEWAY = "https://gateway.there.example.org"


def written(folder: Path, **more: str) -> Path:
    """Write a file of one municipality; what is empty is left out."""
    (folder / "secret").write_text("a secret of the tests\n")
    said = {
        "code": "0362", "gateway": GATEWAY, "token_url": "https://login.example.org/token",
        "client_id": "here", "client_secret_file": str(folder / "secret"), **more,
    }  # fmt: skip
    lines = [f'{name} = "{value}"' for name, value in said.items() if value]
    file = folder / "municipalities.toml"
    file.write_text("\n".join(["[[municipality]]", *lines, ""]))
    return file


def test_the_file_says_where_each_municipalitys_gateway_is_and_who_we_are_there(tmp_path: Path) -> None:
    found = read_municipalities(written(tmp_path), "0363")

    assert found["0362"].gateway == GATEWAY
    assert found["0362"].known_as().client_secret == "a secret of the tests"
    assert "a secret" not in repr(found["0362"].known_as())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"code": "362"}, "code"),
        ({"code": "0363"}, "our own code"),
        ({"gateway": "http://gateway.there.example.org"}, "use https"),
        ({"gateway": "gateway.there.example.org"}, "is an address such as"),
        ({"token_url": "http://login.example.org/token"}, "use https"),
        ({"client_secret_file": "/nowhere/secret"}, "no file"),
        ({"client_id": ""}, "go together"),
        ({"token_url": "", "client_id": "", "client_secret_file": ""}, "not who we are there"),
        ({"key_file": __file__}, "go together"),
        ({"gateways": GATEWAY}, "gateways"),
    ],
)
def test_a_municipality_that_cannot_be_is_named_by_its_place(
    tmp_path: Path, wrong: dict[str, str], said: str
) -> None:
    with pytest.raises(MunicipalitiesRefused, match=said) as refused:
        read_municipalities(written(tmp_path, **wrong), "0363")

    assert "municipality 1" in str(refused.value)


def test_a_file_that_is_none_is_refused_as_a_whole(tmp_path: Path) -> None:
    twice = written(tmp_path).read_text() * 2
    for content in ("", "no TOML at all", "[municipality]\n", "municipality = 7\n", twice):
        (tmp_path / "file").write_text(content)
        with pytest.raises(MunicipalitiesRefused):
            read_municipalities(tmp_path / "file", "0363")


def test_without_file_ground_folder_and_our_own_code_nothing_is_forwarded(tmp_path: Path) -> None:
    with pytest.raises(
        SettingsError,
        match="EROPAF_FORWARD_TO, EROPAF_FORWARD_GROUND, EROPAF_FORWARD_STATE_DIR, EROPAF_BRP_MUNICIPALITY",
    ):
        forwarding_config(Settings())
    with pytest.raises(SettingsError, match="EROPAF_FORWARD_GROUND: not set"):
        forwarding_config(
            Settings(forward_to=written(tmp_path), forward_state_dir=tmp_path, brp_municipality="0363")
        )


def test_its_user_reads_what_waits_and_says_what_was_forwarded_and_nothing_else() -> None:
    rows = table("eropaf", ["health"])

    assert {row.name for row in rows if FORWARDING in row.written_by} == {
        "resident-events", "secret-fingerprint",
    }  # fmt: skip
    assert {row.name for row in rows if FORWARDING in row.read_by} == {
        "arrears.health", "register-mismatches", "eropaf-resident-changelog", "secret-fingerprint",
    }  # fmt: skip

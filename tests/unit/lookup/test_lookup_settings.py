"""The register of persons is asked where somebody set how, for which municipality and on which ground."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from eropaf.agents.roles import LOOKUP
from eropaf.agents.topology import table
from eropaf.commands.residents import lookup_config
from eropaf.settings import Settings
from eropaf.settings.environment import SettingsError

API = "https://gateway.example.org/haalcentraal/api/brp"


def test_without_address_municipality_and_ground_nobody_is_asked_for() -> None:
    with pytest.raises(SettingsError, match="EROPAF_BRP_API, EROPAF_BRP_MUNICIPALITY, EROPAF_BRP_GROUND"):
        lookup_config(Settings())
    with pytest.raises(SettingsError, match="EROPAF_BRP_GROUND: not set"):
        lookup_config(Settings(brp_api=API, brp_municipality="0363"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"brp_api": "http://gateway.example.org"}, "use https"),
        ({"brp_token_url": "http://gateway.example.org"}, "use https"),
        ({"brp_token_url": API}, "EROPAF_BRP_CLIENT_ID"),
        ({"brp_municipality": "363"}, "pattern"),
        ({"brp_headers": "x-doelbinding: vroegsignalering"}, "not JSON"),
        ({"brp_headers": '{"x doelbinding": "y"}'}, "no header"),
        ({"brp_headers": '{"x-doelbinding": "y\\r\\nx: z"}'}, "no header"),
        ({"brp_certificate_file": Path(__file__)}, "go together"),
        ({"brp_certificate_file": Path("/nowhere"), "brp_key_file": Path("/nowhere")}, "does not exist"),
    ],
)
def test_a_setting_that_cannot_work_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Settings(**wrong)


def test_its_user_reads_who_waits_and_writes_entries_and_the_tray_alone() -> None:
    rows = table("eropaf", ["health"])

    assert {row.name for row in rows if LOOKUP in row.written_by} == {
        "residents", "register-mismatches", "secret-fingerprint",
    }  # fmt: skip
    assert {row.name for row in rows if LOOKUP in row.read_by} == {
        "arrears.health", "unresolved-signals", "residents", "register-mismatches", "secret-fingerprint",
    }  # fmt: skip

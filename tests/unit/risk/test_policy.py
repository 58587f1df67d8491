from __future__ import annotations

from importlib import resources

import pytest

from eropaf.risk.policy import Policy, PolicyError

TEXT = (resources.files("eropaf.risk") / "policies" / "amsterdam-example.toml").read_text("utf-8")


def test_the_shipped_policy_is_valid_and_names_its_version() -> None:
    assert Policy.parse(TEXT).version == "amsterdam-example-3"


def test_every_number_of_the_shipped_policy_has_a_reason_beside_it() -> None:
    lines = TEXT.splitlines()
    # By the paragraph above their tables, or the words beside their header.
    explained = {
        "enter", "leave", "points_per_month", "within_days", "points", "quiet_days", "retention_days",
        "basis", "valid_days",
    }  # fmt: skip

    for number, line in enumerate(lines):
        if line.startswith("[results."):
            assert "#" in line, line
        name = line.split("=")[0].strip()
        if "=" in line and not line.startswith("#") and name not in explained | {"version"}:
            assert "#" in line or lines[number - 1].startswith("#"), line


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("enter = 40", "enter = 30", "bands.MEDIUM: leave must not be above enter"),
        ('action = "LETTER"', 'action = "LETTER"\nenter = 20', "every accepted signal enters the lowest"),
        ('action = "LETTER"', "", "bands.LOW.action"),
        ("leave = 32\n", "", "bands.MEDIUM: enter and leave are missing"),
        ('"Europe/Amsterdam"', '"Europe/Amsterdm"', "unknown time zone 'Europe/Amsterdm'"),
        ("[results.DECEASED]", "[results.DECEASED]\nquiet_days = 30", "results.DECEASED: quiet_days must"),
        ('municipality = "GM0363"', 'municipality = "363"', "lawful.municipality"),
        ("enter = 40", "enter = 80", "bands.HIGH.enter must be above that of the band below"),
        ("months_cap = 6", "months_cap = -1", "weights.months_cap"),
        ("[partners.WATER]", "[partners.WATERS]", "partners.WATER is missing"),
        ("breadth = 15", "breath = 15", "weights.breath"),
        (
            "threatening_days = 3",
            "threatening_days = 60",
            "threatening_days must not be above first_talk_days",
        ),
        ("version =", "version", "is not TOML"),
    ],
)
def test_a_fault_is_named(old: str, new: str, said: str) -> None:
    assert old in TEXT

    with pytest.raises(PolicyError) as error:
        Policy.parse(TEXT.replace(old, new, 1))

    assert said in str(error.value)


def test_all_faults_are_told_at_once() -> None:
    broken = TEXT.replace("months_cap = 6", "months_cap = 0").replace(
        "minimum_amount_eur = 50", "minimum_amount_eur = -1"
    )

    with pytest.raises(PolicyError) as error:
        Policy.parse(broken)

    assert "months_cap" in str(error.value)
    assert "minimum_amount_eur" in str(error.value)

"""What is claimed of standards: pages are as made, and each clause is proven by tests or explained."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conformity.pages import PAGES, REPO, node, standards

STANDARDS = {each["name"]: each for each in standards()}
ROWS = [(name, row) for name, each in STANDARDS.items() for row in each["rows"]]
BY_AXE = "test_every_page_meets_wcag_2_2_aa_and_is_seen"
AXE = REPO / "tests" / "board" / "conftest.py"
# By the standard: https://yml.publiccode.tools/schema.core.html
STATES = {"concept", "development", "beta", "stable", "obsolete"}
KINDS = {"internal", "contract", "community", "none"}
TYPES = {
    "standalone/mobile", "standalone/iot", "standalone/desktop", "standalone/web", "standalone/backend",
    "standalone/other", "addon", "library", "configurationFiles",
}  # fmt: skip


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_of_conformity_is_as_it_is_made(page: Path) -> None:
    assert page.read_text("utf-8") == PAGES[page](), "make conformity"


def test_every_standard_that_a_tender_names_has_its_part() -> None:
    assert STANDARDS.keys() == {
        "NLGov REST API Design Rules", "NL GOV profile for CloudEvents", "Zaken API (ZGW)",
        "BRP Personen API (Haal Centraal)",
        "Logboek Dataverwerkingen",
        "NL GOV Assurance profile for OAuth 2.0", "OpenID Connect, NL GOV profile",
        "DDAS Uitwisselmodel Vroegsignalering", "BIO2", "GDPR (AVG)", "publiccode.yml", "WCAG",
    }  # fmt: skip
    for each in STANDARDS.values():
        clauses = [row["clause"] for row in each["rows"]]
        assert len(clauses) == len(set(clauses))


@pytest.mark.parametrize(("standard", "row"), ROWS, ids=[f"{name} {row['clause']}" for name, row in ROWS])
def test_a_clause_is_proven_by_tests_that_are_there_or_explained(standard: str, row: dict[str, Any]) -> None:
    assert row.keys() <= {"clause", "tests", "but", "why"}
    assert ("tests" in row) != ("why" in row)
    assert row.get("why") or row["tests"]
    for test in row.get("tests", ()):
        file, _, name = node(test).partition("::")
        assert f"def {name}(" in (REPO / file).read_text("utf-8")


def test_of_a_criterion_that_axe_is_said_to_try_axe_has_a_rule() -> None:
    from axe_playwright_python import base

    rules = next(Path(base.__file__).parent.rglob("axe.min.js")).read_text("utf-8")
    tagged = set(re.findall(r"wcag(\d{3,4})\b", rules))

    said = [row["clause"] for row in STANDARDS["WCAG"]["rows"] if BY_AXE in row.get("tests", ())]
    assert said
    assert {clause.split()[0].replace(".", "") for clause in said} <= tagged


def test_publiccode_yml_has_what_must_be_there() -> None:
    found = yaml.safe_load((REPO / "publiccode.yml").read_text("utf-8"))

    assert found["publiccodeYmlVersion"] == "0"
    assert found["name"] == "Eropaf"
    assert found["url"].startswith("https://")
    assert found["platforms"]
    assert found["developmentStatus"] in STATES
    assert found["softwareType"] in TYPES
    project = (REPO / "pyproject.toml").read_text("utf-8")
    assert f'version = "{found["softwareVersion"]}"' in project
    assert f'license = "{found["legal"]["license"]}"' in project
    for said in found["description"].values():
        assert len(said["shortDescription"]) <= 150
        assert 150 <= len(said["longDescription"]) <= 10_000
        assert said["features"]
    assert found["maintenance"]["type"] in KINDS
    assert found["maintenance"]["contacts"][0]["name"]
    assert found["localisation"].keys() == {"localisationReady", "availableLanguages"}
    assert found["description"].keys() == set(found["localisation"]["availableLanguages"])

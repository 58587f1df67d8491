"""Alerts ask for metrics that exist, have a page each, and say what their unit tests say."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from eropaf.derived.catalogue import names
from tests.integration.monitored import DURATION

REPO = Path(__file__).parents[3]
PROMETHEUS = REPO / "deploy" / "prometheus"
RULES_FILE = PROMETHEUS / "eropaf.rules.yml"
GROUPS = yaml.safe_load(RULES_FILE.read_text("utf-8"))["groups"]
RULES: list[dict[str, Any]] = [rule for group in GROUPS for rule in group["rules"] if "alert" in rule]
RECORDED: list[dict[str, Any]] = [rule for group in GROUPS for rule in group["rules"] if "record" in rule]
UNIT_TESTS = sorted(PROMETHEUS.glob("*.test.yml"))
OVER_MONTHS = Path(__file__).with_name("months.test.yml")
OURS = re.compile(r"\beropaf_[a-z_]+")
PARTS = ("## What it means", "## How to see", "## What to do", "## How to undo")


@pytest.mark.parametrize("rule", RULES + RECORDED, ids=lambda rule: rule.get("alert") or rule["record"])
def test_each_rule_asks_for_metrics_that_exist(rule: dict[str, Any]) -> None:
    assert set(OURS.findall(rule["expr"])) <= names()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_each_alert_has_a_page_on_what_to_do(rule: dict[str, Any]) -> None:
    page = REPO / rule["annotations"]["runbook"]

    assert page.stem == rule["alert"]
    text = page.read_text("utf-8")
    assert [part for part in PARTS if part not in text] == []


def test_each_alert_is_unit_tested() -> None:
    tested = "".join(file.read_text("utf-8") for file in [*UNIT_TESTS, OVER_MONTHS])

    assert [rule["alert"] for rule in RULES if f"alertname: {rule['alert']}" not in tested] == []


# promtool plays hours of each alert: a minute of processor time, more where it is shared.
@pytest.mark.timeout(600)
@pytest.mark.parametrize("file", UNIT_TESTS, ids=lambda file: file.name)
def test_promtool_agrees(file: Path) -> None:
    assert promtool("test", "rules", str(file)) == ""


@pytest.mark.timeout(600)
def test_promtool_agrees_over_months_in_which_an_hour_is_a_minute(tmp_path: Path) -> None:
    """The months' own file says why they cannot last as long as they are."""
    day_s = 24 * 60 * 60
    seconds = {"s": 1, "m": 60, "h": 60 * 60, "d": day_s}
    rules = DURATION.sub(
        lambda found: f"{int(found[1]) * seconds[found[2]] * 1000 // 60}ms", RULES_FILE.read_text("utf-8")
    )
    (tmp_path / "hastened.rules.yml").write_text(rules.replace(f"+ {day_s}", f"+ {day_s // 60}"), "utf-8")
    shutil.copy(OVER_MONTHS, tmp_path)

    assert promtool("test", "rules", str(tmp_path / OVER_MONTHS.name)) == ""


def test_promtool_finds_no_fault_in_the_rules() -> None:
    assert promtool("check", "rules", str(RULES_FILE)) == ""


def promtool(*arguments: str) -> str:
    """Return what promtool finds fault with: nothing where it agrees."""
    if shutil.which("promtool") is None:
        pytest.skip("NO PROMTOOL, SO NO ALERT IS UNIT-TESTED: install Debian's package `prometheus`")
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True)
    return done.stdout + done.stderr if done.returncode else ""


def test_no_rule_depends_on_the_name_of_a_job() -> None:
    assert [rule for rule in RULES + RECORDED if re.search(r"\bjob *[=!]", rule["expr"])] == []


def test_each_query_of_a_dashboard_asks_for_metrics_that_exist() -> None:
    for board in (REPO / "deploy" / "grafana").glob("*.json"):
        for panel in json.loads(board.read_text("utf-8"))["panels"]:
            for target in panel["targets"]:
                assert set(OURS.findall(target["expr"])) <= names(), panel["title"]

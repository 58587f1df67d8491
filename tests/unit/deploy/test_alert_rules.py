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

from eropaf.catalogue import names

REPO = Path(__file__).parents[3]
PROMETHEUS = REPO / "deploy" / "prometheus"
GROUPS = yaml.safe_load((PROMETHEUS / "eropaf.rules.yml").read_text("utf-8"))["groups"]
RULES: list[dict[str, Any]] = [rule for group in GROUPS for rule in group["rules"] if "alert" in rule]
RECORDED: list[dict[str, Any]] = [rule for group in GROUPS for rule in group["rules"] if "record" in rule]
UNIT_TESTS = sorted(PROMETHEUS.glob("*.test.yml"))
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
    tested = "".join(file.read_text("utf-8") for file in UNIT_TESTS)

    assert [rule["alert"] for rule in RULES if f"alertname: {rule['alert']}" not in tested] == []


# promtool plays hours to months of each alert: a minute of processor time, more where it is shared.
@pytest.mark.timeout(600)
@pytest.mark.parametrize("file", UNIT_TESTS, ids=lambda file: file.name)
def test_promtool_agrees(file: Path) -> None:
    if shutil.which("promtool") is None:
        pytest.skip("NO PROMTOOL, SO NO ALERT IS UNIT-TESTED: install Debian's package `prometheus`")
    for command in (["check", "rules", "eropaf.rules.yml"], ["test", "rules", file.name]):
        done = subprocess.run(["promtool", *command], cwd=PROMETHEUS, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_no_rule_depends_on_the_name_of_a_job() -> None:
    assert [rule for rule in RULES + RECORDED if re.search(r"\bjob *[=!]", rule["expr"])] == []


def test_each_query_of_a_dashboard_asks_for_metrics_that_exist() -> None:
    for board in (REPO / "deploy" / "grafana").glob("*.json"):
        for panel in json.loads(board.read_text("utf-8"))["panels"]:
            for target in panel["targets"]:
                assert set(OURS.findall(target["expr"])) <= names(), panel["title"]

"""Every command that a runbook names is there, and each of systemd has one of Kubernetes beside it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.named_commands import FENCED, faults, shell_lines

REPO = Path(__file__).parents[3]
PAGES = sorted((REPO / "docs" / "runbooks").glob("*.md"))
INLINE = re.compile(r"`([^`\n]+)`")
# What an operator's machine has of its own.
TOOLS = {"curl", "df", "dmesg", "journalctl", "kill", "kubectl", "openssl", "ps", "systemctl", "eropaf"}
TOOLS |= {"connect-mirror-maker.sh", "kafka-acls.sh", "kafka-topics.sh", "kafka-transactions.sh"}
OBJECTS = {
    (part["kind"].lower(), part["metadata"]["name"])
    for path in (REPO / "deploy" / "kubernetes").glob("*.yaml")
    for part in yaml.safe_load_all(path.read_text("utf-8"))
    if "metadata" in part
}
# What the chart makes only where it is asked to (test_chart.py and test_chart_gateway.py).
ON_DEMAND = ("desk", "gateway", "tools", "webhooks", "cases", "logboek", "lookup", "resident-page")
OBJECTS |= {("deployment", f"eropaf-{name}") for name in ON_DEMAND}
UNITS = {path.stem for path in (REPO / "deploy" / "systemd").iterdir()}


def commands(page: Path) -> list[str]:
    """Return each command that `page` names, without comments, `eropaf` and `kubectl` in running text too."""
    text = page.read_text("utf-8")
    inline = INLINE.findall(FENCED.sub("", text))
    return shell_lines(text) + [line for line in inline if re.match(r"(eropaf|kubectl|systemctl) ", line)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_command_is_one_that_there_is(page: Path) -> None:
    unknown = [line for line in commands(page) if re.split(r"[ |;&]", line)[0] not in TOOLS]

    assert unknown == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_command_of_ours_has_its_words_and_options(page: Path) -> None:
    assert [fault for line in commands(page) for fault in faults(line)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_kubectl_and_systemctl_are_asked_for_is_deployed(page: Path) -> None:
    for line in commands(page):
        for kind, name in re.findall(
            r"(statefulset|cronjob|scaledobject|deployment)[/ ]([a-z][a-z-]+)", line
        ):
            assert (kind, name) in OBJECTS, line
        for unit in re.findall(r"(?:systemctl \w+|journalctl -u) (eropaf[a-z-]*)", line):
            assert unit in UNITS, line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_line_for_systemd_has_one_for_kubernetes_beside_it(page: Path) -> None:
    text = page.read_text("utf-8")

    if re.search(r"systemctl|journalctl|127\.0\.0\.1:\[?9464", text):
        assert "kubectl" in text
    if re.search(r"kubectl .*logs deployment/eropaf-board", text):
        assert "journalctl -u eropaf-board" in text

"""The documentation is a site whose every link leads somewhere, and whose commands are there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.processes import REPO
from tests.named_commands import faults, shell_lines

PAGES = sorted((REPO / "docs").rglob("*.md"))
OUTSIDE = [
    REPO / name for name in ("README.md", "CONTRIBUTING.md", "clients/README.md", "examples/README.md")
]
DEPLOYED = sorted([*(REPO / "deploy").rglob("*.y*ml"), *(REPO / "deploy" / "systemd").iterdir()])


def test_every_chapter_of_the_rules_stands_in_their_contents_and_on_the_site() -> None:
    book = REPO / "docs" / "rules"
    contents = re.findall(r"^- \[.*?\]\((.*?)\)", (book / "index.md").read_text("utf-8"), re.MULTILINE)
    on_the_site = re.findall(r"rules/(.*\.md)", (book.parent / ".nav.yml").read_text("utf-8"))

    assert on_the_site == ["index.md", *contents]
    assert sorted(on_the_site) == sorted(page.name for page in book.glob("*.md"))


def test_every_link_of_the_documentation_leads_somewhere(tmp_path: Path) -> None:
    build = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "--quiet",
        "--site-dir",
        str(tmp_path / "site"),
    ]

    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "true"}
    done = subprocess.run(build, cwd=REPO, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "ArrearsPublisher" in (tmp_path / "site" / "reference" / "client.html").read_text("utf-8")


@pytest.mark.parametrize("page", [*PAGES, *OUTSIDE], ids=lambda page: page.name)
def test_a_page_names_commands_and_options_that_are_there(page: Path) -> None:
    assert [fault for line in shell_lines(page.read_text("utf-8")) for fault in faults(line)] == []


@pytest.mark.parametrize("file", DEPLOYED, ids=lambda file: file.name)
def test_what_is_deployed_names_commands_and_options_that_are_there(file: Path) -> None:
    lines = [line.strip().lstrip("# ") for line in file.read_text("utf-8").splitlines()]
    # What a container is told to run: as a list, behind the image's own `eropaf`.
    lines += [
        f"eropaf {told.replace(',', '')}"
        for line in lines
        for told in re.findall(r"^args: \[([a-z].*)\]$", line)
    ]

    assert [fault for line in lines for fault in faults(line.replace("%%", "%"))] == []


def test_a_wrong_option_of_a_unit_or_a_cron_job_would_be_seen() -> None:
    for line in (
        "ExecStart=/opt/eropaf/bin/eropaf state export --over-write x",
        "ExecStart=/bin/sh -c 'exec /opt/eropaf/bin/eropaf state export --over-write \"$(date -u +%F)\"'",
        'eropaf state export --over-write "/var/lib/eropaf/$(date -u +%F).savepoint"',
    ):
        assert faults(line) == ["state: --over-write"]


def test_a_site_says_of_which_version_it_is_or_is_not_built(tmp_path: Path) -> None:
    shutil.copy(REPO / "Makefile", tmp_path)
    build, said = tmp_path / "mkdocs", tmp_path / "said"
    build.write_text(f'#!/bin/sh\necho "$SITE_VERSION" > {said}\n', "utf-8")
    build.chmod(0o755)

    def made() -> subprocess.CompletedProcess[str]:
        alone = {"GIT_CEILING_DIRECTORIES": str(tmp_path.parent), "GIT_CONFIG_GLOBAL": os.devnull}
        command = ["make", "--old-file=install", f"BIN={tmp_path}", "site"]
        return subprocess.run(
            command, cwd=tmp_path, env={**os.environ, **alone}, capture_output=True, text=True
        )

    unpacked = made()
    assert unpacked.returncode != 0
    assert "no checkout of git" in unpacked.stderr
    assert not said.exists()

    who = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    for words in (["init", "--quiet"], ["add", "Makefile"], [*who, "commit", "--quiet", "-m", "All of it"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    assert made().returncode == 0
    assert re.fullmatch(r"Eropaf [0-9a-f]{7,}(-dirty)?, EUPL-1\.2\n", said.read_text("utf-8"))


@pytest.mark.parametrize(
    ("page", "part"),
    [
        ("creditor-with-curl.md", ""),
        ("outreach-tool-with-curl.md", ""),
        ("webhooks.md", "## For whoever writes the tool"),
    ],
)
def test_a_first_morning_over_http_is_read_within_four_minutes(page: str, part: str) -> None:
    text = (REPO / "docs" / "how-to" / page).read_text("utf-8")

    words = text[text.index(part) :].split()

    # At two hundred a minute, commands and answers as well; what the commands take stands in the page.
    assert 100 < len(words) <= 4 * 200

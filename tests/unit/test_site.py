"""The documentation is a site whose every link leads somewhere, and whose commands are there."""

from __future__ import annotations

import os
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
DEPLOYED = sorted((REPO / "deploy").rglob("*.y*ml"))


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
    comments = [line.lstrip("# ") for line in file.read_text("utf-8").splitlines() if line.startswith("#")]

    assert [fault for line in comments for fault in faults(line)] == []

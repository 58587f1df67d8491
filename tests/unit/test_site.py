"""The documentation is a site whose every link leads somewhere, and whose commands are there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from eropaf.main import COMMANDS
from tests.integration.processes import REPO

PAGES = sorted((REPO / "docs").rglob("*.md"))
CALL = re.compile(r"^(?:\S+=\S+ )*eropaf ([a-z]+)", re.MULTILINE)
SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)


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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_names_commands_that_are_there(page: Path) -> None:
    called = {name for block in SHELL.findall(page.read_text("utf-8")) for name in CALL.findall(block)}

    assert called <= set(COMMANDS)

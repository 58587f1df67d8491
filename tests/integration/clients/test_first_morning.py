"""The tutorials' programs, as they stand there, with nothing installed but the client's wheel."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf_client.schemas.topics import OUTCOMES
from tests.builders import in_days
from tests.integration.processes import PATIENCE_S, REPO, ended, until
from tests.integration.system import System

pytestmark = pytest.mark.kafka


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("client")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=REPO / "clients", check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / "site")
    return folder / "site"


@pytest.fixture
def system(fresh: EmbeddedKafka, tmp_path: Path) -> Iterator[System]:
    running = System(fresh, tmp_path)
    with ended(running.workers):
        running.until_reading()
        yield running


def programs(page: str) -> dict[str, str]:
    text = (REPO / "docs" / "tutorial" / page).read_text("utf-8")
    return dict(re.findall(r"```python (\S+)\n(.*?)```", text, re.DOTALL))


def run(code: str, installed: Path, folder: Path, bootstrap: str) -> str:
    # The wheel comes first: what it lacks is not found in the repository's own folders.
    only = (
        f"import sys; ours = {[str(REPO), str(REPO / 'clients')]!r}\n"
        "sys.path = [path for path in sys.path if path not in ours]\n"
        f"sys.path.insert(0, {str(installed)!r})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", only + code],
        cwd=folder,
        env={**os.environ, "EROPAF_BOOTSTRAP": bootstrap, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_creditors_and_a_tools_first_morning(system: System, installed: Path, tmp_path: Path) -> None:
    creditor, tool = programs("creditor.md"), programs("outreach-tool.md")

    for _ in range(2):  # the second run finds everything stored
        assert run(creditor["report.py"], installed, tmp_path, system.bootstrap) == "stored: S-1001\n"
    assert len(system.read("arrears.rent", "ArrearsSignal")) == 1

    # As its workers' clock says at midnight, and whenever another of them begins to tell the day.
    system.command("tick", "--on", in_days(1))
    system.at_rest()
    assert "MEDIUM" in run(tool["updates.py"], installed, tmp_path, system.bootstrap)
    assert run(tool["handle.py"], installed, tmp_path, system.bootstrap) == "handled: 1 parked: 0\n"
    assert "MEDIUM 1011AB 7" in run(tool["list.py"], installed, tmp_path, system.bootstrap)
    assert len(system.read(OUTCOMES, "OutreachOutcome")) == 1

    answer = run(creditor["answer.py"], installed, tmp_path, system.bootstrap)
    assert answer == "S-2001 NOT_PICKED_UP_UNJUSTIFIED no-personal-contact\n"

    said = run(creditor["paid.py"], installed, tmp_path, system.bootstrap)
    refused, stored = said.splitlines()
    assert refused == "refused: amount_cents: must be zero or more, and at most a hundred million euros"
    assert stored == "stored: 1"
    until(
        lambda: [update.band for update in system.updates()][-1] == "NONE",
        PATIENCE_S,
        "the household off the list",
    )

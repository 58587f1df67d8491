"""Every example prints what it says that it prints; those that need Kafka share one Eropaf."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.installation import Installation
from tests.conftest import SOON
from tests.examples.shelf import PAGE, PRINTS, Example, every, page
from tests.integration.system import System, running

EVERY = every()
MOST_LINES = 40
OFFLINE = [each for each in EVERY if not each.needs_kafka]
LIVE = [each for each in EVERY if each.needs_kafka]


@pytest.fixture(scope="module")
def system(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """One broker and its workers for all: each example has addresses of its own, so any order does."""
    with (
        EmbeddedKafka(installation=installation, properties=SOON) as kafka,
        running(kafka, tmp_path_factory.mktemp("flow"), EROPAF_PARTITIONS="2", EROPAF_WORKERS="1") as system,
    ):
        yield system


def printed(example: Example, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Run `example` in `folder`, a Python program in this process; return what it wrote."""
    if example.file.suffix == ".py":
        runpy.run_path(str(example.file), run_name="__main__")
        return capsys.readouterr().out
    done = subprocess.run(
        ["bash", str(example.file)], cwd=folder, capture_output=True, text=True, timeout=500, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(autouse=True)
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder to run in, `eropaf` on the path, and no setting of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("EROPAF_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("example", OFFLINE, ids=lambda each: each.name)
def test_it_prints_what_it_says(example: Example, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(example, place, capsys) == example.prints


@pytest.mark.kafka
@pytest.mark.parametrize("example", LIVE, ids=lambda each: each.name)
def test_it_prints_what_it_says_on_a_running_eropaf(
    example: Example,
    place: Path,
    system: System,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in system.environment.items():
        monkeypatch.setenv(name, value)

    assert printed(example, place, capsys) == example.prints


@pytest.mark.parametrize("example", EVERY, ids=lambda each: each.name)
def test_it_is_short_and_says_what_it_shows_and_prints(example: Example) -> None:
    assert len(example.text.splitlines()) <= MOST_LINES
    assert example.shows.endswith(".")
    assert PRINTS in example.text


def test_there_are_examples_for_every_reader_and_no_two_show_the_same() -> None:
    assert len(EVERY) >= 35
    assert len({each.shows for each in EVERY}) == len(EVERY)


def test_the_table_of_contents_lists_every_example() -> None:
    assert PAGE.read_text("utf-8") == page(), "`make examples` regenerates it"

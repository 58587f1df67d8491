"""What a broker of ours keeps, its owner alone may look into, whatever the umask is."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from eropaf.deploy.embedded import daemon, plan
from eropaf.deploy.embedded.identity import Identity
from eropaf.deploy.embedded.installation import Installation
from eropaf.deploy.embedded.plan import Folders, Settings, prepare
from eropaf.deploy.embedded.properties import Ports


@pytest.fixture(autouse=True)
def open_to_all() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class NoFurther(Exception):
    """As far as this goes without Java."""


def test_the_folder_of_a_broker_that_stays_up_is_its_owners_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_further(*_: Any) -> None:
        raise NoFurther

    monkeypatch.setattr(daemon, "install", no_further)

    with pytest.raises(NoFurther):
        daemon.up(tmp_path / "kafka")

    assert mode(tmp_path / "kafka") == 0o700


@pytest.mark.parametrize("there", [False, True], ids=["new", "of a version before"])
def test_the_folder_of_a_node_is_its_owners_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    node = tmp_path / "node-1"
    if there:
        (node / "data").mkdir(parents=True)
    monkeypatch.setattr(plan.jvm, "java", lambda *_, **__: ["java"])
    monkeypatch.setattr(plan, "_run_tool", lambda *_: (node / "data.formatting").mkdir())

    prepare(
        Folders(tmp_path), Identity("4.2.2", "an-id", (Ports(1, 2),)), cast(Installation, None), Settings()
    )

    assert mode(node) == 0o700

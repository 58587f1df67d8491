"""`eropaf kafka reset` deletes what a broker of ours left, and nothing else; never under a live one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from eropaf.deploy.embedded import daemon, identity, processes
from eropaf.deploy.embedded.errors import DataDirInUse, NotOurs
from eropaf.deploy.embedded.identity import Identity
from eropaf.deploy.embedded.properties import Ports
from tests.integration.processes import until


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """Return a folder in which a broker was, beside something that somebody else put there."""
    folder = tmp_path / "kafka"
    (folder / "node-1" / "data").mkdir(parents=True)
    (folder / "node-1" / processes.PROPERTIES).write_text("")
    (folder / "thesis.odt").write_text("three years of work")
    identity.write(folder, Identity("4.2.2", "an-id", (Ports(1, 2),)))
    return folder


@pytest.fixture
def live(left: Path) -> Iterator[psutil.Process]:
    """Yield a process whose command names the node's settings, as the broker's does."""
    properties = str(left / "node-1" / processes.PROPERTIES)
    broker = subprocess.Popen([sys.executable, "-c", "input()", properties], stdin=subprocess.PIPE)
    process = psutil.Process(broker.pid)
    until(lambda: properties in process.cmdline(), 60, "the process runs its command")
    yield process
    broker.kill()
    broker.communicate()


def test_what_somebody_else_put_there_stays(left: Path) -> None:
    daemon.reset(left)

    assert [each.name for each in left.iterdir()] == ["thesis.odt"]
    with pytest.raises(NotOurs):
        daemon.reset(left)


def test_a_folder_in_which_nothing_else_stands_goes(left: Path) -> None:
    (left / "thesis.odt").unlink()

    daemon.reset(left)

    assert not left.exists()


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"kafka": 4}', '{"nodes": 7}'])
def test_a_folder_without_our_mark_is_left_alone(tmp_path: Path, content: str | None) -> None:
    (tmp_path / "node-1").mkdir()
    (tmp_path / "node-1" / "kept").write_text("")
    if content is not None:
        (tmp_path / identity.FILE).write_text(content)

    with pytest.raises(NotOurs, match="nothing was deleted"):
        daemon.reset(tmp_path)
    assert (tmp_path / "node-1" / "kept").exists()


def test_a_node_that_is_a_link_is_not_followed(left: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (left / "node-1").rename(elsewhere)
    (left / "node-1").symlink_to(elsewhere)

    daemon.reset(left)

    assert (elsewhere / "data").is_dir()


@pytest.mark.parametrize("off_s", [0.0, 1.5, 3600.0], ids=["noted", "clock corrected", "clock far off"])
def test_a_live_broker_keeps_its_data_whatever_the_clock_says(
    left: Path, live: psutil.Process, off_s: float
) -> None:
    noted = {"pid": live.pid, "started_s": live.create_time() + off_s}
    (left / "node-1" / processes.FILE).write_text(json.dumps(noted))

    assert processes.find(left / "node-1") == live
    with pytest.raises(DataDirInUse, match=str(live.pid)):
        daemon.reset(left)
    assert (left / "node-1" / "data").is_dir()


def test_a_live_broker_that_nobody_noted_keeps_its_data_too(left: Path, live: psutil.Process) -> None:
    with pytest.raises(DataDirInUse, match=str(live.pid)):
        daemon.reset(left)


def test_a_pid_that_is_somebody_elses_now_is_no_broker(left: Path) -> None:
    me = psutil.Process()
    (left / "node-1" / processes.FILE).write_text(json.dumps({"pid": me.pid, "started_s": 1.0}))

    assert processes.find(left / "node-1") is None

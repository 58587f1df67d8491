"""The demo under roofs that strangers live under: it works, or ends with one sentence."""

from __future__ import annotations

import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from contextlib import suppress
from fcntl import ioctl
from pathlib import Path

import psutil
import pytest

from eropaf.deploy.embedded.installation import Installation
from eropaf.deploy.embedded.ports import choose
from tests.integration.processes import PATIENCE_S, Process, ended, until
from tests.integration.test_demo import a_demo, alive

pytestmark = pytest.mark.kafka

SHORT = ("--once", "--households", "3000", "--speed", "30")
NOWHERE = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    "roof",
    [
        pytest.param({name: NOWHERE for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY")}, id="a proxy"),
        pytest.param({"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}, id="locale C"),
        pytest.param({"NO_COLOR": "1", "COLUMNS": "40", "TERM": "dumb"}, id="a dumb terminal"),
    ],
)
def test_it_runs_to_its_end(roof: Mapping[str, str], installation: Installation, tmp_path: Path) -> None:
    demo = a_demo(tmp_path / "log", *SHORT, **roof)
    with ended(demo):
        assert demo.wait(PATIENCE_S) == 0, demo.said

    assert '"updates_sha256"' in demo.said
    assert "Traceback" not in demo.said


def test_a_home_of_spaces_and_other_letters_does_in_locale_c(
    installation: Installation, tmp_path: Path
) -> None:
    home = tmp_path / "thuis van José"
    kept = home / ".cache" / "eropaf" / f"kafka-{installation.kafka}"
    shutil.copytree(installation.jars[0].parent, kept / "jars", copy_function=os.link)

    locale = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    demo = a_demo(tmp_path / "log", *SHORT, HOME=str(home), XDG_CACHE_HOME="", TMPDIR=str(home), **locale)
    with ended(demo):
        assert demo.wait(PATIENCE_S) == 0, demo.said


def test_a_second_one_beside_the_first_finds_ports_of_its_own(
    installation: Installation, tmp_path: Path
) -> None:
    board, metrics = choose(2)
    same = {"EROPAF_BOARD_PORT": str(board), "EROPAF_METRICS_PORT": str(metrics)}
    one = a_demo(tmp_path / "one", **same)
    with ended(one):
        one.until(lambda: "events in" in one.said, PATIENCE_S, "the first")
        other = a_demo(tmp_path / "other", **same)
        with ended(other):
            other.until(lambda: "events in" in other.said, PATIENCE_S, "the second")
            pages = [re.findall(r"page: (http://\S+)", demo.said)[0] for demo in (one, other)]

    assert pages[0] != pages[1]


def test_two_that_start_together_take_ports_of_their_own(installation: Installation, tmp_path: Path) -> None:
    demos = [a_demo(tmp_path / name, *SHORT) for name in ("one", "other")]
    with ended(demos[0]), ended(demos[1]):
        for demo in demos:
            assert demo.wait(PATIENCE_S) == 0, demo.said

    assert not any("cannot be served" in demo.said for demo in demos)


def test_without_the_boards_libraries_the_list_shows_and_a_line_names_the_extra(
    installation: Installation, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['starlette'] = None\n", "utf-8")
    code = Path(__file__).parents[2]
    demo = a_demo(tmp_path / "log", PYTHONPATH=f"{tmp_path}:{code / 'clients'}")
    with ended(demo):
        demo.until(lambda: "events in" in demo.said, PATIENCE_S, "the list")

    assert "`pip install 'eropaf[board]'`" in demo.said


@pytest.mark.parametrize("columns", [40, 80])
def test_in_a_terminal_the_list_moves_and_tells_who_paid(
    columns: int, installation: Installation, tmp_path: Path
) -> None:
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    board, metrics = choose(2)
    command = [sys.executable, "-m", "eropaf.main", "demo", "--households", "20000", "--speed", "6"]
    settings = {
        "EROPAF_BOARD_PORT": str(board),
        "EROPAF_METRICS_PORT": str(metrics),
        "TERM": "xterm-256color",
    }
    environment = {**os.environ, **settings, "PYTHONPATH": str(Path(__file__).parents[2] / "clients")}
    demo = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    os.set_blocking(ours, False)
    screen = bytearray()

    def shows(what: bytes) -> bool:
        with suppress(OSError):
            screen.extend(os.read(ours, 1 << 20))
        return what in screen

    try:
        until(lambda: shows(b"off the list after"), PATIENCE_S, "somebody paid")
        until(lambda: shows(b"The month is over"), PATIENCE_S, "the end of the month")
        assert b"None" not in screen
    finally:
        demo.send_signal(signal.SIGINT)
        deadline = time.monotonic() + PATIENCE_S
        while demo.poll() is None and time.monotonic() < deadline:
            shows(b"")  # a terminal that nobody reads holds its writer up
            time.sleep(0.05)
        demo.kill()
        os.close(ours)
        (tmp_path / "screen").write_bytes(bytes(screen))
    assert demo.returncode == 0, screen[-2000:].decode("utf-8", "replace")


def test_a_kafka_that_ends_by_itself_ends_the_demo_with_its_last_words(
    installation: Installation, tmp_path: Path
) -> None:
    demo = a_demo(tmp_path / "log")
    with ended(demo):
        demo.until(lambda: "events in" in demo.said, PATIENCE_S, "events")
        (java,) = [
            each for each in psutil.Process(demo.popen.pid).children(recursive=True) if "java" in each.name()
        ]

        java.kill()

        assert demo.wait(PATIENCE_S) == 1
    assert "Kafka node 1 has ended" in demo.said
    assert "Traceback" not in demo.said


@pytest.mark.parametrize("after_s", [0.0, 0.7, 1.4, 2.1, 2.8, 3.5, 5.0])
def test_ctrl_c_at_any_moment_leaves_nothing_and_no_trace(
    after_s: float, installation: Installation, tmp_path: Path
) -> None:
    demo: Process = a_demo(tmp_path / "log")
    with ended(demo):
        demo.until(lambda: "Codec" in demo.said, PATIENCE_S, "the first line")
        time.sleep(after_s)  # wherever it is by then: that is what is tried
        family = psutil.Process(demo.popen.pid).children(recursive=True)
        demo.popen.send_signal(signal.SIGINT)
        demo.wait(PATIENCE_S)
        until(lambda: not alive(family), PATIENCE_S, "every process of the demo gone")

    assert "Traceback" not in demo.said

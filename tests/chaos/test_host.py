from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE

import pytest

from eropaf.deploy.embedded.installation import Installation
from tests.chaos.host import Broken, break_host, breakable, can_break

pytestmark = pytest.mark.skipif(not can_break(), reason="NO C COMPILER, SO NO BROKEN HOST")

# Stands where Java does: does what it is told, line by line.
TOLD = """
import sys, time
with open("data/log", "ab", 0) as log, open("beside", "ab", 0) as beside:
    for line in sys.stdin:
        try:
            print(eval(line), flush=True)
        except OSError as error:
            print(error.strerror, flush=True)
"""


@dataclass(frozen=True)
class Program:
    """A program on a host that can be broken."""

    folder: Path
    popen: subprocess.Popen[str]

    def does(self, what: str) -> str:
        assert self.popen.stdin is not None
        assert self.popen.stdout is not None
        self.popen.stdin.write(f"{what}\n")
        self.popen.stdin.flush()
        return self.popen.stdout.readline().strip()

    def host_is(self, broken: Broken) -> None:
        break_host(self.folder, broken)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    (tmp_path / "data").mkdir()
    java = breakable(Installation(Path(sys.executable), "none", ()), tmp_path).java
    popen = subprocess.Popen([java, "-c", TOLD], cwd=tmp_path, stdin=PIPE, stdout=PIPE, text=True)
    return Program(tmp_path, popen)


@pytest.fixture(autouse=True)
def ended(program: Program) -> Iterator[None]:
    yield
    program.popen.kill()
    program.popen.communicate()


def test_a_clock_steps_while_the_program_runs_and_what_it_waits_for_does_not(program: Program) -> None:
    before = float(program.does("time.time()"))
    program.host_is(Broken(clock_ahead_s=3600))
    waited_s = float(program.does("-time.monotonic() + [time.sleep(0.1), time.monotonic()][1]"))
    after = float(program.does("time.time()"))

    assert 3600 <= after - before < 3660
    assert 0.1 <= waited_s < 30


def test_a_full_disk_takes_nothing_more_and_what_lies_beside_is_written(program: Program) -> None:
    assert program.does("log.write(b'one')") == "3"
    program.host_is(Broken(disk_full=True))

    assert program.does("log.write(b'two')") == "No space left on device"
    assert program.does("beside.write(b'two')") == "3"

    program.host_is(Broken())
    assert program.does("log.write(b'two')") == "3"


def test_an_unreadable_disk_gives_nothing(program: Program) -> None:
    program.does("log.write(b'one')")
    program.host_is(Broken(disk_unreadable=True))

    assert program.does("open('data/log', 'rb', 0).read()") == "Input/output error"
    assert program.does("log.write(b'two')") == "3"

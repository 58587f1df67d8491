"""Runs tests over and over, each time with one change of mutmut's switched on.

    python -m tests.hunted ASKED TOLD        (in the folder that `tests/mutants.py` made)

ASKED names the changes, as JSON; into TOLD goes of each, a line, whether some test failed. A change of what
runs while a module is imported is tried once more in a process of its own, where it stands from the start.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from types import FrameType

import mutmut
import pytest
from _pytest.runner import runtestprotocol

SWITCH = "MUTANT_UNDER_TEST"
# Of the processor's time, so that a busy machine changes no verdict: a change may let a loop run for ever.
# So many times what the test takes, and some more.
LONGEST_TIMES = 10
LONGEST_S = 1.0
# Of time, for a change that lets something wait for ever: at once where nothing at all was done in between,
# nor was the process waiting for its turn on a processor, at two looks in a row: it may have been stopped.
LONGEST_WAIT_S = 30.0
LOOK_EVERY_S = 5.0
LEAST_DONE_S = 0.02
IDLE_LOOKS = 2
# What the kernel knows of this process: how long it ran and how long it waited for its turn, in nanoseconds.
TURNS = Path("/proc/self/schedstat")
# A test that takes longer is not run thousands of times: what it alone would notice counts as not noticed.
QUICK_S = 1.5
PYTEST = ["-q", "--tb=native", "-p", "no:cacheprovider", "-p", "no:randomly", "-W", "ignore"]
# Kept from call to call, so that a change of what fills them must find them empty.
CACHED = (
    ("eropaf.risk.calendar", "holidays_of"), ("eropaf.risk.zone", "civil_zone"),
    ("tests.book.pages", "_parsed"),
)  # fmt: skip


class TookTooLong(BaseException):
    """A test ran on and on."""


class Patience:
    """Ends a test that runs on and on, and one that waits for ever."""

    def begin(self, within_s: float) -> None:
        """Bound what runs from here on to `within_s` of the processor."""
        self._ends = time.monotonic() + max(within_s, LONGEST_WAIT_S)
        self._done_s, self._idle = _done_s(), 0
        signal.setitimer(signal.ITIMER_PROF, within_s)
        signal.setitimer(signal.ITIMER_REAL, LOOK_EVERY_S, LOOK_EVERY_S)

    def end(self) -> None:
        """Bound nothing any more."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)

    def look(self, number: int, frame: FrameType | None) -> None:
        """End what did nothing for some looks, and what waits too long."""
        done_s = _done_s()
        self._idle = self._idle + 1 if done_s - self._done_s < LEAST_DONE_S else 0
        if self._idle == IDLE_LOOKS or time.monotonic() > self._ends:
            raise TookTooLong
        self._done_s = done_s


def _done_s() -> float:
    """Return how long this process ran or waited for its turn: to wait for one is not to be idle."""
    waited_ns = int(TURNS.read_text().split()[1]) if TURNS.exists() else 0
    return time.process_time() + waited_ns / 1e9


PATIENCE = Patience()


class Hunt:
    """Takes the place of pytest's loop over the tests that it collected."""

    def __init__(self, asked: list[str], told: Path) -> None:
        self._asked, self._told = asked, told
        self.noticed: dict[str, bool] = {}
        # Changes of what runs when a module is imported: a switch that is turned afterwards changes nothing.
        self.at_import: list[str] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Learn which test reaches which function, then try each change."""
        reached: dict[str, list[tuple[float, pytest.Item]]] = defaultdict(list)
        functions: set[str] = mutmut._stats
        self.at_import = [change for change in self._asked if _function(change) in functions]
        for item in session.items:
            _empty_caches()
            functions.clear()
            began = time.process_time()
            failed = _failure(item, within_s=300)
            if failed:
                raise SystemExit(f"{item.nodeid} fails as it is:\n{failed}")
            took_s = time.process_time() - began
            for function in functions if took_s < QUICK_S else ():
                reached[function].append((took_s, item))
        for tests in reached.values():
            tests.sort(key=lambda each: each[0])
        for change in self._asked:
            self.notice(change, self._is_noticed(change, reached[_function(change)]))
        os.environ[SWITCH] = ""
        return True

    def notice(self, change: str, noticed: bool) -> None:
        """Take down whether `change` is noticed, at once: a change may end the process."""
        self.noticed[change] = noticed
        with self._told.open("a") as told:
            told.write(f"{json.dumps([change, noticed])}\n")

    def _is_noticed(self, change: str, tests: list[tuple[float, pytest.Item]]) -> bool:
        os.environ[SWITCH] = change
        _empty_caches()
        try:
            for place, (took_s, item) in enumerate(tests):
                if _failure(item, LONGEST_S + LONGEST_TIMES * took_s):
                    # What noticed one change of a function soonest notices the next.
                    tests.insert(0, tests.pop(place))
                    return True
            return False
        finally:
            os.environ[SWITCH] = ""
            _empty_caches()


def _function(change: str) -> str:
    return change.rpartition("__mutmut_")[0]


def _is_noticed_anew(change: str) -> bool:
    """Return whether some test fails, or cannot be collected, in a process that knew nothing but `change`."""
    module = change.split(".")[-2]
    first = [str(own) for own in Path("tests/unit").rglob(f"test_{module}.py")]
    pytest_anew = [sys.executable, "-m", "pytest", "-x", *PYTEST, *first, "tests"]
    try:
        ended = subprocess.run(pytest_anew, env=os.environ | {SWITCH: change}, timeout=600)
    except subprocess.TimeoutExpired:
        return True
    return ended.returncode in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED)


def _failure(item: pytest.Item, within_s: float) -> str:
    """Run a test; return why it failed, or nothing."""
    PATIENCE.begin(within_s)
    try:
        reports = runtestprotocol(item, log=False, nextitem=None)
    except (TookTooLong, KeyboardInterrupt) as ended:
        return type(ended).__name__
    finally:
        PATIENCE.end()
    return "\n".join(report.longreprtext or "failed" for report in reports if report.failed)


def _empty_caches() -> None:
    for module, name in CACHED:
        clear = getattr(getattr(sys.modules.get(module), name, None), "cache_clear", None)
        if clear is not None:
            clear()


def _too_long(number: int, frame: FrameType | None) -> None:
    raise TookTooLong


if __name__ == "__main__":
    signal.signal(signal.SIGPROF, _too_long)
    signal.signal(signal.SIGALRM, PATIENCE.look)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background ignores it
    os.environ[SWITCH] = "stats"
    hunt = Hunt(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]))
    ended = pytest.main([*PYTEST, "tests"], [hunt])
    for late in (each for each in hunt.at_import if not hunt.noticed[each]):
        hunt.notice(late, _is_noticed_anew(late))
    sys.stdout.flush()
    # A change may have left threads behind that wait for ever.
    os._exit(int(ended))

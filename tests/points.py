"""Lines of a program as points at which something happens: an exception, a kill.

A point is a function's line, by its number. Nothing in the product knows of it: the interpreter's trace
hook stops there. `reached` runs a program once and tells which points it passes, and how often.
"""

from __future__ import annotations

import linecache
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType, FrameType
from typing import Any, NamedTuple


class Point(NamedTuple):
    """A line of a function, and which time it is reached."""

    function: str
    line: int
    time: int


class Killed(BaseException):
    """What a kill looks like to a process that goes on: no `except Exception` may swallow it."""


Place = tuple[str, int]


@contextmanager
def _traced(codes: Sequence[CodeType], at: Callable[[Place], None]) -> Iterator[None]:
    wanted = {code: code.co_qualname for code in codes}
    last: dict[FrameType, int] = {}

    def lines(frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            line, before = frame.f_lineno, last.get(frame, 0)
            last[frame] = line
            # A `with` is left on its own line. Python lets nothing happen between that and its `__exit__`.
            if not (before > line and _begins_with(frame.f_code, line)):
                at((wanted[frame.f_code], line))
        elif event == "return":
            last.pop(frame, None)
        return lines

    def calls(frame: FrameType, event: str, argument: Any) -> Any:
        return lines if frame.f_code in wanted else None

    before = sys.gettrace()
    sys.settrace(calls)
    try:
        yield
    finally:
        sys.settrace(before)


def _begins_with(code: CodeType, line: int) -> bool:
    return linecache.getline(code.co_filename, line).lstrip().startswith("with ")


def codes(*functions: Any) -> list[CodeType]:
    """Return the code of `functions`, methods and classes (all their methods), also of what they wrap."""
    found: list[CodeType] = []
    for each in functions:
        members = vars(each).values() if isinstance(each, type) else [each]
        for member in members:
            inner = getattr(member, "fget", None) or getattr(member, "__func__", member)
            inner = getattr(inner, "__wrapped__", inner)
            code = getattr(inner, "__code__", None)
            if code is not None:
                found.append(code)
    return found


def reached(functions: Sequence[Any], run: Callable[[], object]) -> list[Point]:
    """Return every point of `functions` that `run` passes, in order."""
    times: Counter[Place] = Counter()
    passed: list[Point] = []

    def at(place: Place) -> None:
        times[place] += 1
        passed.append(Point(*place, times[place]))

    with _traced(codes(*functions), at):
        run()
    return passed


@contextmanager
def happens(point: Point, functions: Sequence[Any], what: Callable[[], object]) -> Iterator[None]:
    """Let `what` happen once, when `point` is reached."""
    times: Counter[Place] = Counter()
    done = False

    def at(place: Place) -> None:
        nonlocal done
        times[place] += 1
        if not done and (place, times[place]) == (point[:2], point.time):
            done = True
            what()

    with _traced(codes(*functions), at):
        yield


def killed() -> None:
    """End what runs here as a kill would."""
    raise Killed


@contextmanager
def quick_folder(otherwise: Path) -> Iterator[Path]:
    """Yield a folder where a file is on disk at once, as far as this machine has one: in memory."""
    memory = Path("/dev/shm")  # noqa: S108  # a folder of our own within it
    if not os.access(memory, os.W_OK):
        yield otherwise
        return
    with TemporaryDirectory(dir=memory, prefix="eropaf-test-") as folder:
        yield Path(folder)

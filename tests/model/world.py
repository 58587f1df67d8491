"""Time, tasks and chance: one thread does everything, in an order that follows from a seed.

A task is a greenlet, so code that blocks, as ours does in its lanes, runs as it is: where it would
block, another goes on. Nothing here takes real time.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

# More than any schedule takes: what comes this far goes round in a circle.
MOST_EVENTS = 400_000


class Task(greenlet):  # type: ignore[misc]  # it has no types
    """Something that a host does, and that may block."""

    host: Host


class Host:
    """A process: what belongs to it stands still while it is paused, and ends with it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.alive = True
        self.cut = False
        """Whether its network cable is pulled."""
        self.paused_until = 0.0
        self.tasks: set[greenlet] = set()

    def kill(self, world: World) -> None:
        """End it at once, as kill -9 does."""
        self.alive = False
        world.at(0.0, self._unwind)

    def _unwind(self) -> None:
        # Whoever throws from inside a task never gets back to it: the world does it, when none runs.
        for task in list(self.tasks):
            task.throw(GreenletExit)
        self.tasks.clear()


OUTSIDE = Host("outside")


@dataclass(slots=True)
class Promise:
    """What a task waits for: a result that comes once."""

    world: World
    _done: bool = False
    _value: Any = None
    _error: BaseException | None = None
    _then: list[Callable[[], None]] = field(default_factory=list)

    def done(self) -> bool:
        """Return whether it has come."""
        return self._done

    def set_result(self, value: Any) -> None:
        """Let it come; only the first counts."""
        self._settle(value, None)

    def set_exception(self, error: BaseException) -> None:
        """Let an error come in its place."""
        self._settle(None, error)

    def result(self, timeout: float | None = None) -> Any:
        """Return it, waiting for it; raise TimeoutError after `timeout` seconds."""
        if not self.world.wait(self, timeout):
            raise TimeoutError
        if self._error is not None:
            raise self._error
        return self._value

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Return what it failed with, or None, waiting for it; raise TimeoutError after `timeout` seconds."""
        if not self.world.wait(self, timeout):
            raise TimeoutError
        return self._error

    def then(self, call: Callable[[], None]) -> None:
        """Call `call` once it has come."""
        if self._done:
            call()
        else:
            self._then.append(call)

    def _settle(self, value: Any, error: BaseException | None) -> None:
        if not self._done:
            self._done, self._value, self._error = True, value, error
            for call in self._then:
                call()


class World:
    """A clock that only events move, and the events that are to come."""

    def __init__(self, seed: int, epoch_s: float = 1_772_452_800.0, most_events: int = MOST_EVENTS) -> None:
        self.random = Random(seed)
        self.now = 1_000.0
        self.epoch_s = epoch_s
        """Seconds since 1970 at the beginning."""
        self.events = 0
        self._most_events = most_events
        self.names = count(1)
        """Numbers for what needs a name of its own."""
        self._heap: list[tuple[float, float, int, Host, Callable[[], None]]] = []
        self._count = 0
        self._hub = getcurrent()
        self._trace = hashlib.blake2b(digest_size=16)

    # Time.

    def time(self) -> float:
        """Return the time of day, seconds since 1970."""
        return self.epoch_s + self.now - 1_000.0

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        self.wait(Promise(self), seconds)

    def note(self, *what: object) -> None:
        """Take something into the trace, by which two runs are compared."""
        self._trace.update(repr((round(self.now, 9), *what)).encode())

    @property
    def trace(self) -> str:
        """What happened so far, as a hash."""
        return self._trace.hexdigest()

    # Events.

    def at(self, delay_s: float, call: Callable[[], None], host: Host = OUTSIDE) -> None:
        """Call `call` after `delay_s`, on `host`: later while it is paused, and never once it has ended."""
        self._count += 1
        heapq.heappush(self._heap, (self.now + delay_s, self.random.random(), self._count, host, call))

    def spawn(self, host: Host, call: Callable[[], None]) -> None:
        """Run `call` as a task of `host`, soon."""

        def body() -> None:
            try:
                call()
            except GreenletExit:
                pass
            finally:
                host.tasks.discard(task)

        task = Task(body, self._hub)
        task.host = host
        host.tasks.add(task)
        self.at(0.0, task.switch, host)

    def wait(self, promise: Promise, timeout: float | None = None) -> bool:
        """Return True once `promise` has come, False after `timeout` seconds; others go on meanwhile."""
        if promise.done():
            return True
        current = getcurrent()
        if current is self._hub:
            return self._wait_outside(promise, timeout)
        assert isinstance(current, Task)
        host = current.host
        if not host.alive:
            raise GreenletExit
        waiting = [True]

        def go_on() -> None:
            if waiting[0]:
                waiting[0] = False
                current.switch()

        promise.then(lambda: self.at(0.0, go_on, host))
        if timeout is not None:
            self.at(timeout, go_on, host)
        self._hub.switch()
        return promise.done()

    def run(self, until: Callable[[], bool], within_s: float) -> bool:
        """Let events happen until `until()`; return whether that was within `within_s`."""
        deadline = self.now + within_s
        while not until():
            if not self._heap or self._heap[0][0] > deadline:
                self.now = deadline
                return until()
            self._step()
        return True

    def let_pass(self, seconds: float) -> None:
        """Let everything happen that happens within `seconds`."""
        deadline, heap = self.now + seconds, self._heap
        while heap and heap[0][0] <= deadline:
            self._step()
        self.now = deadline

    def _wait_outside(self, promise: Promise, timeout: float | None) -> bool:
        return self.run(promise.done, 1e6 if timeout is None else timeout)

    def _step(self) -> None:
        at, _, _, host, call = heapq.heappop(self._heap)
        self.now = max(self.now, at)
        if not host.alive:
            return
        if host.paused_until > self.now:
            self.at(host.paused_until - self.now, call, host)
            return
        self.events += 1
        if self.events > self._most_events:
            raise RuntimeError(f"more than {self._most_events} events: this schedule goes round in a circle")
        call()

"""Workers that die, leave, sleep and come."""

from __future__ import annotations

import contextlib
import time

import psutil

from tests.chaos.faults.fault import KILLED_BOUND_S, SESSION_S, Fault, Struck
from tests.chaos.system import System

# An open transaction that is still there after so long is not that of a worker who is awake.
ANOTHERS_S = 0.5
TRIES = 15
FALTERS_S = 8.0
STANDS_S, RUNS_S = 0.8, 0.2
# What a worker left open that does not come back is aborted after 15 s, and the broker looks each 10 s.
ABORTED_WITHIN_S = 25.0


class KillWorker(Fault):
    """A worker is gone from one instant to the next."""

    kind = "kill -9 of a worker"
    strikes = frozenset({Struck.WORKERS})
    bound_s = KILLED_BOUND_S

    def inject(self, system: System, target: int) -> None:
        system.worker(target).kill()


class EndWorker(Fault):
    """A worker is told to end: it saves, leaves, and is started again."""

    kind = "SIGTERM of a worker"
    strikes = frozenset({Struck.WORKERS})

    def inject(self, system: System, target: int) -> None:
        system.worker(target).terminate()


class LoseHost(Fault):
    """A supervisor and all its workers are gone at once, and workers of another host take everything over."""

    kind = "kill -9 of a supervisor with all its workers"
    strikes = frozenset({Struck.WORKERS})
    # Its transactions may be open on every partition.
    bound_s = ABORTED_WITHIN_S + KILLED_BOUND_S

    def inject(self, system: System, target: int) -> None:
        lost, workers = system.run, system.workers()
        system.run_workers_elsewhere()
        lost.kill()  # first, or it starts them again
        for worker in workers:
            with contextlib.suppress(psutil.NoSuchProcess):
                worker.kill()


class FalteringWorker(Fault):
    """A worker stands still for most of each second, as on a host that has too little for it."""

    kind = "a worker that falters for 8 s"
    strikes = frozenset({Struck.WORKERS})

    def inject(self, system: System, target: int) -> None:
        worker, ends_at = system.worker(target), time.monotonic() + FALTERS_S
        with contextlib.suppress(psutil.NoSuchProcess):
            while time.monotonic() < ends_at:
                worker.suspend()
                time.sleep(STANDS_S)
                worker.resume()
                time.sleep(RUNS_S)


class PauseWorker(Fault):
    """A worker sleeps through twice the session time-out, others take over, and it wakes up: a zombie.

    It falls asleep in the middle of a checkpoint: that is when it can do harm.
    """

    kind = "SIGSTOP of a worker for two sessions"
    strikes = frozenset({Struck.WORKERS})
    holds_s = 2 * SESSION_S

    def inject(self, system: System, target: int) -> None:
        for _ in range(TRIES):
            self.worker = system.worker(target)
            self.worker.suspend()
            before = system.hidden()
            time.sleep(ANOTHERS_S)
            after = system.hidden()
            if any(after.get(place) == offset for place, offset in before.items()):
                return
            self.worker.resume()
            time.sleep(ANOTHERS_S / 7)

    def cure(self, system: System) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            self.worker.resume()


class PauseThenKill(PauseWorker):
    """While one worker sleeps, maybe inside a transaction, those who took over are killed."""

    kind = "SIGSTOP of a worker, then kill -9 of the others"

    def inject(self, system: System, target: int) -> None:
        super().inject(system, target)
        time.sleep(SESSION_S + 1)
        for other in system.workers():
            with contextlib.suppress(psutil.NoSuchProcess):
                if other.pid != self.worker.pid:
                    other.kill()


class Rebalances(Fault):
    """Two workers come and go in quick succession: partitions move before they have arrived."""

    kind = "workers added and removed"
    strikes = frozenset({Struck.WORKERS})

    def inject(self, system: System, target: int) -> None:
        for name in ("worker-3", "worker-4"):
            system.add_worker(name)
            time.sleep(0.5 + target % 10 / 5)
        for name in ("worker-3", "worker-4"):
            system.remove_worker(name)
            time.sleep(0.2)


WORKERS: tuple[type[Fault], ...] = (
    *(KillWorker, EndWorker, LoseHost, FalteringWorker),
    *(PauseWorker, PauseThenKill, Rebalances),
)

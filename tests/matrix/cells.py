"""One cell each of the matrix: what is tried, and what came of it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from eropaf.deploy.embedded.installation import Installation
from tests.chaos.faults.brokers import KillBroker
from tests.chaos.faults.fault import Fault
from tests.chaos.faults.workers import EndWorker, KillWorker, Rebalances
from tests.chaos.run import GIVE_UP_AFTER_S, Run
from tests.chaos.schedule import Step
from tests.chaos.setup import Setup
from tests.chaos.system import System
from tests.integration.processes import PATIENCE_S, Process, ended
from tests.matrix.passage import judge_passage
from tests.matrix.previous import Previous

SEED = 1
PER_SECOND = 60
COMMAND_WITHIN_S = 120.0

HOLDS = "holds"
NO_GROUPS = "no such protocol before Kafka 4.0"
KEPT_MARKERS = "not tried: KAFKA-20734"


@dataclass(frozen=True, slots=True)
class Cell:
    """One thing that is tried on a broker, under a group protocol."""

    name: str
    tried: Callable[[Installation, str, Previous | None], str]


def impossible(cell: str, version: str, protocol: str) -> str | None:
    """Return why a cell cannot pass, where it cannot."""
    number = tuple(int(part) for part in version.split("."))
    if protocol == "consumer" and number < (4, 0):
        return NO_GROUPS
    if cell == BROKER_KILLED and number >= (4, 3):
        return KEPT_MARKERS
    return None


def _faults(kinds: tuple[type[Fault], ...]) -> Callable[[Installation, str, Previous | None], str]:
    def tried(installation: Installation, protocol: str, _: Previous | None) -> str:
        steps = [Step((fault.kind,), target, 1.0) for target, fault in enumerate(kinds)]
        setup = Setup(SEED, protocol=protocol, per_second=PER_SECOND)
        with (
            tempfile.TemporaryDirectory(prefix="eropaf-matrix-") as folder,
            System(setup, Path(folder), installation) as system,
        ):
            report = Run(system, len(steps), lambda text: None).work(steps, time.monotonic() + 600)
        return HOLDS if report.verdict.clean else str(report.verdict)

    return tried


class Earlier(System):
    """A flow whose workers are an earlier version's, until they are replaced."""

    def __init__(self, setup: Setup, folder: Path, installation: Installation, earlier: Previous) -> None:
        super().__init__(setup, folder, installation)
        self._now = self.code, self.python
        self.code, self.python = earlier.code, earlier.python

    def register_schemas(self) -> None:
        """Register the earlier version's schemas, as its operator did, before the feed's."""
        self._command("schemas", "register")
        super().register_schemas()

    def upgrade(self) -> None:
        """Do as docs/how-to/upgrade.md says: topics first, then new workers beside the old, which end."""
        self.code, self.python = self._now
        for command in (["schemas", "register"], ["topics", "mend"], ["topics", "create"]):
            self._command(*command)
        old = self.run
        self.run_workers_elsewhere()
        old.popen.terminate()
        old.wait(PATIENCE_S)

    def _command(self, *command: str) -> None:
        process = Process(
            ["-m", "eropaf.main", *command],
            self.folder / "commands.log",
            self.code,
            self.python,
            **self.environment,
        )
        with ended(process):
            if process.wait(COMMAND_WITHIN_S):
                raise AssertionError(process.said[-2000:])


def _upgraded(installation: Installation, protocol: str, earlier: Previous | None) -> str:
    assert earlier is not None
    setup = Setup(SEED, protocol=protocol, per_second=PER_SECOND, with_registry=True)
    with (
        tempfile.TemporaryDirectory(prefix="eropaf-matrix-") as folder,
        Earlier(setup, Path(folder), installation, earlier) as system,
    ):
        system.feed.go_on()
        system.await_progress(GIVE_UP_AFTER_S)
        system.upgrade()
        system.await_progress(GIVE_UP_AFTER_S)
        system.worker(0).kill()
        system.await_progress(GIVE_UP_AFTER_S)
        with system.at_rest():
            verdict = judge_passage(
                system.journal.read(), system.flow.intake.inputs, system.feed.acknowledged, system.registry
            )
    return HOLDS if verdict.clean else str(verdict)


BROKER_KILLED = "the only broker killed"
UPGRADE = "upgrade from v0.1.0 while it runs"
CELLS = (
    Cell("workers killed, ended, added", _faults((KillWorker, EndWorker, Rebalances, KillWorker))),
    Cell(BROKER_KILLED, _faults((KillBroker, KillBroker))),
    Cell(UPGRADE, _upgraded),
)

"""A broker that outlives the command that starts it: up, down, status, reset."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from eropaf.deploy.embedded import identity, processes
from eropaf.deploy.embedded.errors import DataDirInUse, NotOurs
from eropaf.deploy.embedded.file_lock import LOCK, file_lock
from eropaf.deploy.embedded.install import install
from eropaf.deploy.embedded.installation import DATA_VARIABLE
from eropaf.deploy.embedded.installation import data_dir as user_data_dir
from eropaf.deploy.embedded.launch import (
    BROKER_STOPS_WITHIN_S,
    BROKERS_READY_WITHIN_S,
    await_ready,
    start_detached,
)
from eropaf.deploy.embedded.place import kept_in
from eropaf.deploy.embedded.plan import Folders, Settings, prepare


@dataclass(frozen=True, slots=True)
class Status:
    """The broker's status: its process if it is running, its address, its data."""

    data_dir: Path
    pid: int | None
    bootstrap: str | None

    @property
    def running(self) -> bool:
        """Whether the broker runs."""
        return self.pid is not None


def default_dir() -> Path:
    """Return the directory of this user's broker."""
    return user_data_dir() / "kafka"


def up(data_dir: Path) -> Status:
    """Start the broker on `data_dir`, unless it is running; return once it is ready.

    Raises:
        EmbeddedKafkaError: it could not start; nothing is left running.
    """
    with kept_in(data_dir, DATA_VARIABLE):
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with file_lock(data_dir / LOCK):
        if processes.find_all(data_dir):
            return status(data_dir)
        installation = install(None)
        taken = identity.take(data_dir, installation.kafka, 1)
        identity.write(data_dir, taken)
        (plan,) = prepare(Folders(data_dir), taken, installation, Settings())
        java = start_detached(plan)
        processes.remember(plan, java)
        try:
            await_ready([plan], lambda _: processes.is_alive(java), BROKERS_READY_WITHIN_S)
        except BaseException:
            _end(java)
            raise
    return status(data_dir)


def status(data_dir: Path) -> Status:
    """Return whether the broker on `data_dir` is running, and where."""
    running = processes.find_all(data_dir)
    known = identity.read(data_dir)
    return Status(data_dir, running[0].pid if running else None, known.bootstrap if known else None)


def down(data_dir: Path) -> bool:
    """Stop the broker on `data_dir`; return whether it was running. Its data stays."""
    running = processes.find_all(data_dir)
    for java in running:
        _end(java)
    return bool(running)


def reset(data_dir: Path) -> None:
    """Delete the broker's data: files with its mark, and nothing else in the folder.

    Raises:
        NotOurs: it never held one of our brokers.
        DataDirInUse: the broker is running; stop it first.
    """
    known = identity.read(data_dir)
    if known is None:
        raise NotOurs(
            f"{data_dir} holds no broker's {identity.FILE}: nothing was deleted. `eropaf kafka status` shows "
            "the broker's folder"
        )
    with file_lock(data_dir / LOCK):
        running = [*processes.find_all(data_dir), *processes.find_unremembered(data_dir)]
        if running:
            raise DataDirInUse(
                f"Kafka (pid {running[0].pid}) runs on {data_dir}: stop it first, with `kafka down`"
            )
        for number in range(1, len(known.nodes) + 1):
            node = data_dir / f"node-{number}"
            if not node.is_symlink():
                shutil.rmtree(node, ignore_errors=True)
        (data_dir / identity.FILE).unlink()
        (data_dir / LOCK).unlink()
    with suppress(OSError):  # the folder holds something else too, and is left alone
        data_dir.rmdir()


def _end(java: psutil.Process) -> None:
    java.terminate()
    try:
        java.wait(BROKER_STOPS_WITHIN_S)
    except psutil.TimeoutExpired:
        java.kill()
        java.wait(BROKER_STOPS_WITHIN_S)

"""The process of a node, recorded so that no other is ever signalled."""

from __future__ import annotations

import json
from pathlib import Path

import psutil

from eropaf.deploy.embedded.atomic import write_atomically
from eropaf.deploy.embedded.plan import NodePlan

FILE = "process.json"
PROPERTIES = "server.properties"
# psutil derives the start time from the clock, which may have been corrected slightly since.
TOLERANCE_S = 1.0


def remember(plan: NodePlan, process: psutil.Process) -> None:
    """Record that `process` is this node."""
    content = {"pid": process.pid, "started_s": process.create_time()}
    write_atomically(plan.folder / FILE, json.dumps(content) + "\n")


def find(node_folder: Path) -> psutil.Process | None:
    """Return the running process of the node in this folder, if any.

    A pid is not enough, because pids are reused. A process is the node if its command names the node's
    settings; the start time must match too, unless the clock was corrected.
    """
    try:
        content = json.loads((node_folder / FILE).read_text("utf-8"))
        process = psutil.Process(content["pid"])
        same = _runs(process, node_folder) or abs(process.create_time() - content["started_s"]) < TOLERANCE_S
    except (FileNotFoundError, psutil.NoSuchProcess):
        return None
    return process if same and is_alive(process) else None


def find_unremembered(data_dir: Path) -> list[psutil.Process]:
    """Return every process on this machine that runs a node of this directory, recorded or not."""
    folders = [folder for folder in data_dir.glob("node-*") if folder.is_dir()]
    return [
        process
        for process in psutil.process_iter()
        if is_alive(process) and any(_runs(process, folder) for folder in folders)
    ]


def _runs(process: psutil.Process, node_folder: Path) -> bool:
    try:
        command = process.cmdline()
    except (psutil.AccessDenied, psutil.NoSuchProcess, psutil.ZombieProcess):
        return False
    named = {str(node_folder / PROPERTIES), str(node_folder.resolve() / PROPERTIES)}
    return not named.isdisjoint(command)


def find_all(data_dir: Path) -> list[psutil.Process]:
    """Return the running processes of all nodes in this data directory."""
    found = (find(folder) for folder in sorted(data_dir.glob("node-*")))
    return [process for process in found if process is not None]


def is_alive(process: psutil.Process) -> bool:
    """Return whether this exact process is still running. A zombie is not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False

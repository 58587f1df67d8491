"""Starting a node through its guard."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from eropaf.deploy.embedded import processes
from eropaf.deploy.embedded.errors import BrokerEnded, BrokerNotStarted, EmbeddedKafkaError, NoPlace
from eropaf.deploy.embedded.log import last_lines
from eropaf.deploy.embedded.plan import NodePlan
from eropaf.deploy.embedded.readiness import ask_metadata
from eropaf.deploy.embedded.spawn import close, spawn

NODE_CHECKED_EVERY_S = 0.02
# Only a safety net: a node that ended is reported at once. A slow, busy machine needs all of it.
BROKERS_READY_WITHIN_S = 120.0
BROKER_STOPS_WITHIN_S = 10.0
NO_ROOM_BYTES = 1 << 20  # a broker ends at the first record that finds no room


@dataclass(frozen=True, slots=True)
class Guarded:
    """A node that ends when this process ends."""

    guard: subprocess.Popen[str]
    java: psutil.Process


def start_guarded(plan: NodePlan, temporary: Path | None) -> Guarded:
    """Start a node that never outlives this process, and neither does the folder `temporary`."""
    _keep_last_log(plan)
    guard = spawn(plan.command, cwd=plan.folder, log=plan.log_path, temporary=temporary)
    try:
        return Guarded(guard, _java_of(plan, guard))
    except BaseException:
        close(guard)
        raise


def start_detached(plan: NodePlan) -> psutil.Process:
    """Start a node that keeps running when this process ends."""
    _keep_last_log(plan)
    launcher = spawn(plan.command, cwd=plan.folder, log=plan.log_path, detached=True)
    try:
        return _java_of(plan, launcher)
    finally:
        close(launcher)


def await_ready(
    plans: Sequence[NodePlan], running: Callable[[NodePlan], bool], within_s: float, whole: bool = True
) -> None:
    """Wait until each node answers; if `whole`, also until each sees all the others.

    Raises:
        BrokerNotStarted: a node ended, or time ran out. Includes the end of its log.

    """
    expected = frozenset(plan.id for plan in plans)
    deadline = time.monotonic() + within_s
    waiting = list(plans)
    while waiting:
        for plan in waiting:
            if not running(plan):
                raise _not_started(plan, "ended before it was ready")
            if time.monotonic() > deadline:
                raise _not_started(plan, f"was not ready within {within_s:g} s")
        waiting = [plan for plan in waiting if not _serves(plan, expected if whole else {plan.id})]
        if waiting:
            time.sleep(NODE_CHECKED_EVERY_S)


def ended(plan: NodePlan, variable: str) -> EmbeddedKafkaError:
    """Return why a node that was ready has ended; `variable` sets another folder."""
    if not plan.folder.exists():
        return BrokerEnded(
            f"Kafka node {plan.id} has ended: its folder {plan.folder} is gone. Something deleted it: set "
            f"{variable} to a folder that nothing clears"
        )
    if shutil.disk_usage(plan.folder).free < NO_ROOM_BYTES:
        return NoPlace(
            f"Kafka ended (no room is left on {plan.folder.parent}). Make room, or set {variable} to a "
            "folder with room"
        )
    return BrokerEnded(
        f"Kafka node {plan.id} has ended (folder {plan.folder}). The end of its log:\n"
        f"{last_lines(plan.log_path)}"
    )


def _serves(plan: NodePlan, expected: frozenset[int] | set[int]) -> bool:
    seen = ask_metadata(plan.ports.broker, plan.security)
    return seen is not None and seen.controller >= 0 and expected <= seen.brokers


def _keep_last_log(plan: NodePlan) -> None:
    with suppress(FileNotFoundError):
        os.replace(plan.log_path, plan.log_path.with_suffix(".log.1"))


def _java_of(plan: NodePlan, guard: subprocess.Popen[str]) -> psutil.Process:
    answer = guard.stdout.readline() if guard.stdout else ""
    try:
        process = psutil.Process(int(answer))
        processes.remember(plan, process)
    except (ValueError, psutil.NoSuchProcess) as error:
        raise _not_started(plan, "ended at once") from error
    return process


def _not_started(plan: NodePlan, what: str) -> BrokerNotStarted:
    return BrokerNotStarted(
        f"Kafka node {plan.id} {what} (port {plan.ports.broker}, folder {plan.folder}). The end of its log:\n"
        f"{last_lines(plan.log_path)}\n"
        "If they name a setting, correct it; if a port, wait until it is free; then start again."
    )

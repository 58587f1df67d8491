"""The worker that is measured: its words, and its settings."""

from __future__ import annotations

import os

from eropaf.settings import Settings


def arguments(settings: Settings) -> list[str]:
    """Return the words after `python` that start it."""
    return ["-m", "eropaf.worker", "worker-1", str(settings.metrics_port)]


def environment(settings: Settings) -> dict[str, str]:
    """Return the settings of a process of ours on the cluster that is measured."""
    return {
        "EROPAF_BOOTSTRAP": settings.bootstrap,
        "EROPAF_HOUSEHOLD_SECRET": settings.secret().decode(),
        "EROPAF_CREDITORS": ",".join(settings.creditors),
        "EROPAF_LOG_LEVEL": "warning",
        "EROPAF_CLOCK": "none",  # its days are those of its signals
    }


def beside_ours(settings: Settings) -> dict[str, str]:
    """Return the same beside this process's own variables; the process ends with this one."""
    return {**os.environ, "STREAMS_PARENT": str(os.getpid()), **environment(settings)}

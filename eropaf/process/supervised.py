"""The configured workers, each a process that is kept running."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from eropaf.process.form import check_lock
from eropaf.settings import Settings
from eropaf.streams.operate.supervisor import Supervisor


def supervisor(settings: Settings, environment: Mapping[str, str]) -> Supervisor:
    """Return the supervisor of the configured workers.

    Raises:
        SettingsError: this Python runs without its global interpreter lock.

    """
    check_lock()
    name, first = settings.worker_name, settings.metrics_port
    ports = {f"{name}-{number + 1}": first + number for number in range(settings.workers)}
    return Supervisor(
        list(ports),
        lambda name: [sys.executable, "-m", "eropaf.worker", name, str(ports[name])],
        environment,
        settings.give_up_after,
    )

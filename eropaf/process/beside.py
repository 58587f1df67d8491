"""What every process beside the flow does before its work: settings that it needs, metrics, and its end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable
from typing import Any

from prometheus_client import CollectorRegistry

from eropaf.serving.listening import serve_metrics
from eropaf.settings import Settings
from eropaf.settings.environment import SettingsError


def needed(settings: Settings, names: Iterable[str], page: str) -> list[Any]:
    """Return the settings called `names`; `page` says what they are.

    Raises:
        SettingsError: one is not set; the message names it.

    """
    found = {name: getattr(settings, name) for name in names}
    if missing := [f"EROPAF_{name.upper()}" for name, value in found.items() if value is None]:
        raise SettingsError(f"{', '.join(missing)}: not set ({page})")
    return list(found.values())


def watched(settings: Settings, measures: CollectorRegistry) -> threading.Event:
    """Serve `measures` where a port is set; return what is set at Ctrl-C or SIGTERM.

    Raises:
        CannotListen: nobody can listen there.

    """
    if settings.gateway_metrics_port is not None:
        serve_metrics(settings.metrics_host, settings.gateway_metrics_port, measures)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    return stopped

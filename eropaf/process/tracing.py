"""Whether spans are sent to a collector, and for which service."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from eropaf.process.extras import missing
from eropaf.settings import Settings

if TYPE_CHECKING:
    from eropaf.streams.observe.open_telemetry import OpenTelemetry

# OpenTelemetry's own names for the same.
STANDARD = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def tracer(settings: Settings, service: str, instance: str) -> OpenTelemetry | None:
    """Return the tracer that sends spans of `service` to the collector; None without a collector.

    Raises:
        SettingsError: a collector is configured, but OpenTelemetry is not installed.

    """
    if settings.otlp_endpoint is None and not any(os.environ.get(name) for name in STANDARD):
        return None
    try:
        # Here, so that who traces nothing neither needs it nor loads it.
        from eropaf.streams.observe.open_telemetry import OpenTelemetry
    except ModuleNotFoundError as error:
        raise missing(f"a collector (EROPAF_OTLP_ENDPOINT, {STANDARD[0]})", "tracing", error) from None
    return OpenTelemetry(settings.otlp_endpoint, service, instance)

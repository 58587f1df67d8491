"""One worker process, as the supervisor starts it: `python -m eropaf.worker NAME PORT`."""

from __future__ import annotations

import sys
from importlib.metadata import version

import faust
import structlog
from prometheus_client import disable_created_metrics

from eropaf import logs, tracing
from eropaf.agents import metrics
from eropaf.agents.sealing import Sealer
from eropaf.agents.topology import stages
from eropaf.agents.worker import build
from eropaf.settings import Settings
from eropaf.streams.observe.endpoint import Endpoint
from eropaf.streams.operate.supervisor import end_with_parent


def main(name: str, metrics_port: int) -> None:
    """Run the worker `name` until it is told to stop."""
    end_with_parent()
    disable_created_metrics()  # type: ignore[no-untyped-call]
    settings = Settings()
    logs.configure(settings.log_format, name, settings.log_level)
    registry = settings.registry()
    flow = stages(settings.group, settings.creditors, registry)
    key = settings.auditors_public_key
    sealer = None if key is None else Sealer(key)
    policy = settings.read_policy()
    metrics.SETTINGS.info(
        {"version": version("eropaf"), "policy": policy.version, "secret": settings.secret_fingerprint()}
    )
    tracer = tracing.tracer(settings, "eropaf-worker", name)
    app = build(settings.streams(name), flow, registry, policy, settings.secret(), sealer, tracer)
    endpoint = Endpoint(settings.metrics_host, metrics_port, lambda: app.health)
    structlog.get_logger(__name__).info("worker starts", bootstrap=settings.bootstrap)
    worker = faust.Worker(app, endpoint, quiet=True, override_logging=False, redirect_stdouts=False)
    worker.spinner = None  # no banner, no spinner: ours are log lines
    worker.execute_from_commandline()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

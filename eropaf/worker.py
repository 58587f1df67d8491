"""One worker process, as the supervisor starts it: `python -m eropaf.worker NAME PORT`."""

from __future__ import annotations

import sys
from functools import partial
from importlib.metadata import version

import faust
import structlog
from mode import Service
from prometheus_client import disable_created_metrics
from pydantic import ValidationError

from eropaf.agents import metrics
from eropaf.agents.append import Appender
from eropaf.agents.clock import Clock
from eropaf.agents.sealing import Sealer
from eropaf.agents.topology import stages
from eropaf.agents.worker import build
from eropaf.cluster.policy_held import activations, of
from eropaf.cluster.secret_kept import proven_secret
from eropaf.process import logs, tracing
from eropaf.process.faults import sentences
from eropaf.risk.policy import Policy
from eropaf.risk.policy_file import PolicyFile
from eropaf.risk.zone import CivilZone
from eropaf.settings import Settings, SettingsError
from eropaf.settings.policy import policy_text
from eropaf.streams.errors import BrokerUnreachable, MayNotJoin
from eropaf.streams.observe.endpoint import Endpoint
from eropaf.streams.operate.supervisor import end_with_parent
from eropaf.streams.runtime.app import CheckpointedApp
from eropaf_client.errors import ClientError
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS


class Named(faust.Worker):
    """Faust's worker, which keeps its command line unchanged.

    If setproctitle is installed, as another package's dependency, Faust replaces it with a title that is the
    same for every worker: neither `ps` nor anything that looks for a worker would find its name.
    """

    def _setproctitle(self, info: str, **_: str) -> None:
        pass


def main(name: str, metrics_port: int) -> None:
    """Run the worker `name` until it is told to stop."""
    end_with_parent()
    disable_created_metrics()  # type: ignore[no-untyped-call]
    try:
        settings = Settings()
    except ValidationError as error:
        sys.exit("\n".join(sentences(error)))
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
    app = build(
        settings.streams(name),
        flow,
        registry,
        policy,
        settings.secret(),
        sealer,
        tracer,
        partial(_proven, settings),
        settings.numbers(),
    )
    endpoint = Endpoint(settings.metrics_host, metrics_port, lambda: app.health)
    structlog.get_logger(__name__).info("worker starts", bootstrap=settings.bootstrap)
    beside: list[Service] = [endpoint]
    if settings.clock == "wall":
        beside.append(_clock(app, settings, registry))
    worker = Named(app, *beside, quiet=True, override_logging=False, redirect_stdouts=False)
    worker.spinner = None  # no banner, no spinner: ours are log lines
    worker.execute_from_commandline()


def _proven(settings: Settings) -> None:
    """Refuse to join unless the cluster's keys were made with this worker's household secret.

    Raises:
        MayNotJoin: they were not, or it may not check. BrokerUnreachable: no answer.
    """
    try:
        proven_secret(settings)
    except SettingsError as error:
        raise MayNotJoin(str(error)) from None
    except ClientError as error:
        raise (BrokerUnreachable if error.retriable else MayNotJoin)(str(error)) from None


def _zone(settings: Settings, named: PolicyFile) -> CivilZone:
    """Return the zone of the policy in force; `named` is what the settings named when this worker started.

    Their file is not read again: it counts for nothing once another is in force, and may be gone.
    """
    return Policy.of(of(activations(settings), named).policy).zone


def _clock(app: CheckpointedApp, settings: Settings, registry: Registry) -> Clock:
    """Return a worker's clock, which leads while the worker reads the first partition of histories."""
    return Clock(
        lambda: Appender(settings.bootstrap, settings.kafka_client, registry, f"clock-{settings.group}"),
        lambda: app.reads(HOUSEHOLD_EVENTS, 0),
        partial(_zone, settings, PolicyFile.parse(policy_text(settings.policy))),
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))

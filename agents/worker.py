"""One worker: the app with every agent attached."""

from __future__ import annotations

from collections.abc import Callable

from eropaf.agents import household, intake, outcomes, ranking, residency
from eropaf.agents.codecs import letters
from eropaf.agents.sealing import Sealer
from eropaf.agents.topology import Stages
from eropaf.risk.bsn import BY_LAW, BsnRules
from eropaf.risk.policy import Policy
from eropaf.streams.config import StreamsConfig
from eropaf.streams.observe.tracing import Tracer
from eropaf.streams.runtime.app import CheckpointedApp
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import creditor


def build(
    config: StreamsConfig,
    flow: Stages,
    registry: Registry,
    policy: Policy,
    secret: bytes,
    sealer: Sealer | None,
    tracer: Tracer | None = None,
    beforehand: Callable[[], None] | None = None,
    numbers: BsnRules = BY_LAW,
) -> CheckpointedApp:
    """Build the app that serves the whole flow.

    `policy` is in force until another is activated; `secret` makes household and resident keys; without a
    `sealer` no explanations are kept, and without a `tracer` no spans are sent. `beforehand`: see
    `CheckpointedApp`. `numbers` says whose BSN is accepted.
    """
    app = CheckpointedApp(config, letters(registry), flow.all(), tracer, beforehand)
    attach(app, flow, registry, policy, secret, sealer, numbers)
    return app


def attach(
    app: CheckpointedApp,
    flow: Stages,
    registry: Registry,
    policy: Policy,
    secret: bytes,
    sealer: Sealer | None,
    numbers: BsnRules = BY_LAW,
) -> None:
    """Attach every agent to `app`; see `build`."""
    creditors = [creditor(topic) for topic in flow.intake.inputs]
    intake.attach(app, flow.intake, registry, secret, numbers)
    residency.attach(app, flow.residency, registry, creditors, secret)
    outcomes.attach(app, flow.outcomes, registry)
    household.attach(app, flow.household, registry, creditors, policy, sealer)
    ranking.attach(app, flow.ranking, registry, policy)

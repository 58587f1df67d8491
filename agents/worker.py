"""One worker: the app with every agent attached."""

from __future__ import annotations

from agents import household, intake, ranking, residency
from agents.topology import Stages
from risk.policy import Policy
from schemas.registry import Registry
from streams.app import CheckpointedApp
from streams.config import StreamsConfig


def build(
    config: StreamsConfig, flow: Stages, registry: Registry, policy: Policy, secret: bytes
) -> CheckpointedApp:
    """Build the app that serves the whole flow. `secret` makes household and resident keys."""
    app = CheckpointedApp(config, registry, flow.all())
    intake.attach(app, flow.intake, registry, secret)
    residency.attach(app, flow.residency, registry, secret)
    household.attach(app, flow.household, registry, policy)
    ranking.attach(app, flow.ranking, registry, policy)
    return app

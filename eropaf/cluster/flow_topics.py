"""The topics of the configured flow: as they must be, and made where they are missing."""

from __future__ import annotations

from eropaf.agents.topology import stages, topics
from eropaf.settings import Settings
from eropaf.streams.operate.topics import Topic, admin, ensure


def create_topics(settings: Settings) -> list[str]:
    """Create the missing topics; return their names."""
    return ensure(admin(settings.bootstrap, settings.kafka_client), wanted(settings), settings.replication)


def wanted(settings: Settings) -> list[Topic]:
    """Return the topics as they must be."""
    flow = stages(settings.group, settings.creditors, settings.registry())
    return topics(settings.group, flow, settings.partitions)

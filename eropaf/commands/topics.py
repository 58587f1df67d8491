"""`eropaf topics`: the topics as they must be."""

from __future__ import annotations

import typer

from eropaf.agents.topology import stages, topics
from eropaf.settings import Settings
from eropaf.streams.operate.topics import admin, ensure

app = typer.Typer(help="The topics of the flow.", no_args_is_help=True)


@app.command()
def create() -> None:
    """Make the topics that are missing; check the others, and name every difference."""
    made = create_topics(Settings())
    typer.echo("made " + ", ".join(made) if made else "every topic is there as it must be")


def create_topics(settings: Settings) -> list[str]:
    """Make the topics that are missing; give their names."""
    flow = stages(settings.group, settings.creditors, settings.registry())
    wanted = topics(settings.group, flow, settings.partitions)
    return ensure(admin(settings.bootstrap, settings.kafka_client), wanted, settings.replication)

"""`eropaf topics`: create and check the topics."""

from __future__ import annotations

import typer

from eropaf.cluster.flow_topics import create_topics, wanted
from eropaf.settings import Settings
from eropaf.streams.operate import topics as topic_tools
from eropaf.streams.operate.topics import admin

app = typer.Typer(help="The topics of the flow.", no_args_is_help=True)


@app.command()
def create() -> None:
    """Create the missing topics; check the others and name every difference."""
    made = create_topics(Settings())
    typer.echo("made " + ", ".join(made) if made else "every topic is there as it must be")


@app.command()
def mend() -> None:
    """Correct the settings of existing topics; name each change. Partitions are left alone."""
    settings = Settings()
    changed = topic_tools.mend(admin(settings.bootstrap, settings.kafka_client), wanted(settings))
    for one in changed:
        typer.echo(f"changed: {one.topic} had {one.setting}={one.has}, has {one.setting}={one.must_have}")
    if not changed:
        typer.echo("every topic is as it must be")

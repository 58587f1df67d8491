"""`eropaf schemas`: the registry's view of the records."""

from __future__ import annotations

import typer

from eropaf.agents.topology import records_by_topic, stages
from eropaf.settings import Settings, SettingsError
from eropaf_client.schemas import catalogue
from eropaf_client.schemas.http_registry import HttpRegistry
from eropaf_client.schemas.registry import LocalRegistry

app = typer.Typer(help="The schemas, and the registry that holds them.", no_args_is_help=True)


@app.command()
def register() -> None:
    """Register the newest schema of every topic, with FULL_TRANSITIVE evolution."""
    settings = Settings()
    registry = settings.registry()
    if not isinstance(registry, HttpRegistry):
        raise SettingsError(
            "EROPAF_REGISTRY_URL is not set: without a registry the built-in schema ids are used"
        )
    records = records_by_topic(settings.group, stages(settings.group, settings.creditors, LocalRegistry()))
    subjects = ((f"{topic}-value", catalogue.latest(record)) for topic, record in records.items())
    for subject, schema_id in registry.register(subjects).items():
        typer.echo(f"{subject}: {schema_id}")

"""`eropaf strimzi`: what the Strimzi operator is to make."""

from __future__ import annotations

import typer

from eropaf.derived.strimzi import resources
from eropaf.settings import Settings


def strimzi() -> None:
    """Print every topic and user as a resource of the Strimzi operator."""
    typer.echo(resources(Settings()), nl=False)

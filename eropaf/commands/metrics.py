"""`eropaf metrics`: what a worker measures."""

from __future__ import annotations

import typer

from eropaf.derived.catalogue import catalogue


def metrics() -> None:
    """Print the catalogue of metrics, as in the reference."""
    typer.echo(catalogue(), nl=False)

"""`eropaf status`: one screen that says how it stands, and whether a person is needed."""

from __future__ import annotations

import json
import sys

import typer

from eropaf.cluster.state_now import as_json, in_lines, state_now
from eropaf.process.exits import NOT_AS_IT_MUST_BE
from eropaf.settings import Settings


def status() -> None:
    """Say how it stands: workers, what waits, policy, rejected. Exit 3 where something needs a person.

    In a pipe as JSON. Asks the cluster alone, so it runs anywhere that can reach it.
    """
    now = state_now(Settings())
    needs = now.needs()
    if sys.stdout.isatty():
        for line in in_lines(now):
            typer.echo(line)
        for need in needs:
            typer.secho(f"NEEDED    {need}", fg=typer.colors.YELLOW)
    else:
        typer.echo(json.dumps(as_json(now)))
    if needs:
        raise typer.Exit(NOT_AS_IT_MUST_BE)

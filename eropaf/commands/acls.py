"""`eropaf acls`: who may do what on the cluster, as the table of topics says."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from eropaf.agents.access import grants, matrix
from eropaf.agents.roles import is_ours
from eropaf.agents.topology import table
from eropaf.process.exits import NOT_AS_IT_MUST_BE
from eropaf.settings import Settings
from eropaf.streams.operate import acls
from eropaf.streams.operate.acls import Difference, Grant
from eropaf.streams.operate.topics import admin

app = typer.Typer(help="Rights on the cluster, generated from the table of topics.", no_args_is_help=True)


@app.command("print")
def print_(
    form: Annotated[
        Literal["list", "matrix"], typer.Option("--as", help="One right per line, or a table.")
    ] = "list",
) -> None:
    """Print every right that the flow needs, without contacting the cluster."""
    settings = Settings()
    if form == "matrix":
        typer.echo(matrix(table(settings.group, settings.creditors), settings.group), nl=False)
    else:
        for grant in _wanted(settings):
            typer.echo(_line(grant))


@app.command()
def apply() -> None:
    """Make the cluster's rights match the list exactly, for every role in it.

    A creditor that EROPAF_CREDITORS no longer names loses all its rights. Run it as the cluster's
    administrator (EROPAF_KAFKA_USERNAME), who has no role in the flow.
    """
    settings = Settings()
    kafka = admin(settings.bootstrap, settings.kafka_client)
    _tell(acls.apply(kafka, _wanted(settings), is_ours), "added", "taken away", "nothing to change")


@app.command()
def check() -> None:
    """Say what the cluster allows less or more; exit 3 where it does."""
    settings = Settings()
    kafka = admin(settings.bootstrap, settings.kafka_client)
    difference = acls.compare(kafka, _wanted(settings), is_ours)
    _tell(difference, "missing", "not in the table", "every right is as it must be")
    raise typer.Exit(NOT_AS_IT_MUST_BE if difference else 0)


def _wanted(settings: Settings) -> list[Grant]:
    return grants(table(settings.group, settings.creditors), settings.group)


def _tell(difference: Difference, less: str, more: str, none: str) -> None:
    for word, listed in ((less, difference.missing), (more, difference.excess)):
        for grant in listed:
            typer.echo(f"{word}: {_line(grant)}")
    if not difference:
        typer.echo(none)


def _line(grant: Grant) -> str:
    kind = "CLUSTER" if grant.resource == acls.CLUSTER else grant.resource
    name = f"{grant.name}*" if grant.prefixed else grant.name
    return f"{grant.principal} may {grant.operation} {kind} {name}"

"""`eropaf policy`: show the one in force, check one, compare two, activate one."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from eropaf.cluster.activation import put_in_force
from eropaf.cluster.policy_held import Held, held
from eropaf.risk.policy_file import PolicyFile
from eropaf.settings import Settings
from eropaf.settings.policy import policy_text

app = typer.Typer(help="The numbers that decide who is offered help first.", no_args_is_help=True)

File = Annotated[str, typer.Argument(help="A policy file (TOML), or the name of a shipped one.")]


@app.command()
def show() -> None:
    """Show the policy in force, since when, and the one in the settings; JSON in a pipe."""
    found = held(Settings())
    if not sys.stdout.isatty():
        typer.echo(json.dumps(as_json(found)))
    else:
        for line in in_lines(found):
            typer.echo(line)
    if found.warning:
        typer.secho(found.warning, fg=typer.colors.YELLOW, err=True)


def as_json(found: Held) -> dict[str, str | bool | None]:
    """Return the policy in force, for programs."""
    since = None if found.since is None else found.since.isoformat(timespec="seconds")
    return {
        "holds": found.policy.version,
        "since": since,
        "settings_name": found.named.version,
        "differs": found.differs,
    }


def in_lines(found: Held) -> list[str]:
    """Return the policy in force, for people."""
    since = "from the start: none was activated yet" if found.unreadable is None else "of the settings"
    if found.since is not None:
        since = f"since {found.since:%Y-%m-%d %H:%M} UTC, when it was activated"
    same = "another" if found.differs else "the same"
    return [f"holds: {found.policy.version}, {since}", f"EROPAF_POLICY names {found.named.version}: {same}"]


@app.command()
def check(file: File) -> None:
    """Check whether a policy can be used; name every fault."""
    policy = PolicyFile.parse(policy_text(file))
    typer.echo(f"{policy.version} is valid")
    counted = policy.minor_children
    if counted is not None:
        typer.echo(f"minor children count: {counted.points} points, on the ground of {counted.legal_basis}")
    if policy.still_open is not None:
        typer.echo(f"creditors are asked before a visit, on the ground of {policy.still_open.legal_basis}")
    if policy.contact_slips is not None:
        typer.echo(f"contact slips are taken, on the ground of {policy.contact_slips.legal_basis}")


@app.command()
def diff(before: File, after: Annotated[str, typer.Argument(help="The policy to compare with.")]) -> None:
    """List every number that differs between two policies."""
    one, other = (_flat(PolicyFile.parse(policy_text(file)).model_dump()) for file in (before, after))
    names = [name for name in {**one, **other} if one.get(name) != other.get(name)]
    for name in names:
        typer.echo(f"{name}: {_said(one.get(name))} -> {_said(other.get(name))}")
    if not names:
        typer.echo("no number differs")
    elif one["version"] == other["version"]:
        typer.echo(
            f"same version, other numbers: both are called {one['version']}. One version has one text for "
            "ever, so `activate` will ask for a new one"
        )


@app.command()
def activate(file: File) -> None:
    """Put a policy in force for every household from now on; all of them are reassessed.

    It reaches every partition in one transaction, and each update names the policy it was sent under. Running
    the command twice does no harm.
    """
    settings = Settings()
    text = policy_text(file)
    policy = PolicyFile.parse(text)
    partitions = put_in_force(settings, text, policy)
    typer.echo(f"{policy.version} holds from now on, in {partitions} partitions")
    if PolicyFile.parse(policy_text(settings.policy)).version != policy.version:
        typer.echo("EROPAF_POLICY names another: let it name this one, so that nobody is misled")
    if policy.minor_children is not None:
        typer.echo(
            "minor children count from now on. What the register said of them under a policy that does not "
            "count them was not kept: load it again (`eropaf residents load`)"
        )


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    if isinstance(value, tuple | list) and any(isinstance(part, dict) for part in value):
        value = dict(enumerate(value, 1))  # the rows of a table, as they stand in the file
    if isinstance(value, dict):
        parts = [_flat(part, f"{name}.{key}" if name else str(key)) for key, part in value.items()]
        return {key: part for each in parts for key, part in each.items()}
    return {name: value}


def _said(value: Any) -> str:
    return "none" if value is None else str(value)

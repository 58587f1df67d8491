"""`eropaf policy`: show the one in force, check one, compare two, activate one."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from importlib import resources
from typing import Annotated, Any

import typer

from eropaf.agents.append import Appender
from eropaf.agents.clock import ticks
from eropaf.cluster.appending import appender, new_id, now_ms
from eropaf.cluster.policy_held import Held, activations, held
from eropaf.risk.events import EpochDay, PolicyActivated
from eropaf.risk.policy_file import PolicyFile
from eropaf.risk.records import HouseholdEvent
from eropaf.risk.zone import civil_zone
from eropaf.settings import Settings
from eropaf.settings.policy import policy_text
from eropaf.streams.runtime.record import Output
from eropaf_client.errors import ClientError
from eropaf_client.schemas.limits import EARLIEST_DAY
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import EVERY, POLICY
from eropaf_client.schemas.wire import Codec

app = typer.Typer(help="The numbers that decide who is offered help first.", no_args_is_help=True)

File = Annotated[str, typer.Argument(help="A policy file (TOML), or the name of a shipped one.")]


# A day before every other that a household takes.
LONG_PAST = EARLIEST_DAY


class VersionTaken(ClientError):
    """Another text was already activated under this version."""


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
    version = policy.version
    registry = settings.registry()
    before, now = activations(settings), now_ms()
    _refuse_another_text(settings, before, version, text)
    opened = appender(settings)
    activated = PolicyActivated(version, text, _moment(before, now))
    # Where no clock runs, no time passes either.
    today = civil_zone(policy.time_zone).day_of(now) if settings.clock == "wall" else LONG_PAST
    opened.write(_activation(opened, registry, activated, today))
    typer.echo(f"{version} holds from now on, in {opened.partitions} partitions")
    if PolicyFile.parse(policy_text(settings.policy)).version != version:
        typer.echo("EROPAF_POLICY names another: let it name this one, so that nobody is misled")
    if policy.minor_children is not None:
        typer.echo(
            "minor children count from now on. What the register said of them under a policy that does not "
            "count them was not kept: load it again (`eropaf residents load`)"
        )


def _activation(
    opened: Appender, registry: Registry, activated: PolicyActivated, today: EpochDay
) -> list[Output]:
    text = Codec("PolicyActivated", POLICY, registry).encode(activated.to_record())
    event = HouseholdEvent(EVERY, new_id("policy"), activated.at, policy=activated)
    everywhere = [opened.event(event, activated.at, partition) for partition in range(opened.partitions)]
    # Who is not heard of again is looked at too: a slice at a time, so that nobody waits for all.
    return [
        Output(POLICY, activated.version.encode(), text, activated.at),
        *everywhere,
        *ticks(opened, today),
    ]


def _moment(before: Iterable[PolicyActivated], now: int) -> int:
    """Return a moment behind every activation: workers take none that is older than what is in force.

    The clock of whoever activated before may have been ahead of this one.
    """
    return max([now, *[one.at + 1 for one in before]])


def _refuse_another_text(
    settings: Settings, before: Iterable[PolicyActivated], version: str, text: str
) -> None:
    """Refuse a text whose version belongs to another: the settings', a shipped or an activated one.

    Raises:
        VersionTaken: another text has this version.

    """
    # What every partition began with has its version too, though it was never activated.
    own = policy_text(settings.policy)
    known = [(PolicyFile.parse(own).version, own, "stands in EROPAF_POLICY")]
    known += [(PolicyFile.parse(each).version, each, "is shipped") for each in _shipped()]
    known += [(one.version, one.text, "was activated before") for one in before]
    for taken, stands, where in known:
        if taken == version and stands != text:
            raise VersionTaken(
                f"another text {where} as {version}. A version's text never changes: give this one a new "
                "version"
            )


def _shipped() -> list[str]:
    folder = resources.files("eropaf.risk") / "policies"
    return [file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".toml")]


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    if isinstance(value, tuple | list) and any(isinstance(part, dict) for part in value):
        value = dict(enumerate(value, 1))  # the rows of a table, as they stand in the file
    if isinstance(value, dict):
        parts = [_flat(part, f"{name}.{key}" if name else str(key)) for key, part in value.items()]
        return {key: part for each in parts for key, part in each.items()}
    return {name: value}


def _said(value: Any) -> str:
    return "none" if value is None else str(value)

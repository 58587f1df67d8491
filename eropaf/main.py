"""The command line: `eropaf COMMAND`."""

from __future__ import annotations

import signal
import sys
from importlib import import_module
from types import FrameType
from typing import Any, cast

import typer
from pydantic import ValidationError
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from eropaf.deploy.embedded.errors import EmbeddedKafkaError
from eropaf.risk.policy import PolicyError
from eropaf.risk.refusal import Refused
from eropaf.settings import SettingsError
from eropaf.streams.errors import StreamsError
from eropaf_client.errors import ClientError, FileRefused
from eropaf_client.schemas.errors import SchemaError

COMMANDS = {
    "demo": "demo:demo",
    "run": "run:run",
    "publish": "publish:publish",
    "watch": "watch:watch",
    "metrics": "metrics:metrics",
    "strimzi": "strimzi:strimzi",
    "rank": "rank:rank",
    "tick": "tick:tick",
    "overrule": "overrule:overrule",
    "explain": "explain:explain",
    "report": "report:app",
    "board": "board:app",
    "policy": "policy:app",
    "resident": "resident:app",
    "auditors": "explain:app",
    "replay": "replay:replay",
    "rejected": "rejected:app",
    "state": "state:app",
    "kafka": "kafka:app",
    "topics": "topics:app",
    "acls": "acls:app",
    "schemas": "schemas:app",
    "residents": "residents:app",
}
"""Each command, and where it is: `module:attribute` within `eropaf.commands`."""


class Commands(TyperGroup):
    """Imports a command when it is asked for: all of them together take a second."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Give the names in their order."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | TyperGroup | None:
        """Give the command of that name, if there is one."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name].split(":")
        found = getattr(import_module(f"eropaf.commands.{module}"), attribute)
        parent = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        parent.callback()(_eropaf)
        if isinstance(found, typer.Typer):
            parent.add_typer(found, name=cmd_name)
        else:
            parent.command(cmd_name)(found)
        group = cast(TyperGroup, get_command(parent))
        return cast(TyperCommand | TyperGroup, group.commands[cmd_name])


def _eropaf() -> None:
    """Be a group, also with one command."""


app = typer.Typer(
    cls=Commands,
    help="Early signalling of payment arrears, live: who needs help most, never why.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


app.callback()(_eropaf)

# Faults that a person can mend, told in a sentence; anything else is a bug and shows its trace.
EXPECTED = (ClientError, StreamsError, SchemaError, EmbeddedKafkaError, PolicyError, Refused, SettingsError)
MOST_PROBLEMS_SHOWN = 50


def main() -> None:
    """Run the command line; exit 1 with a sentence on the error stream where something is wrong."""
    signal.signal(signal.SIGTERM, _as_ctrl_c)
    try:
        app()
    except FileRefused as error:
        _say(str(error))
        for problem in error.problems[:MOST_PROBLEMS_SHOWN]:
            _say(f"  {problem}")
        if len(error.problems) > MOST_PROBLEMS_SHOWN:
            _say(f"  … and {len(error.problems) - MOST_PROBLEMS_SHOWN} more")
    except ValidationError as error:
        for fault in error.errors():
            place = f"EROPAF_{'.'.join(map(str, fault['loc'])).upper()}: " if fault["loc"] else ""
            _say(place + fault["msg"].removeprefix("Value error, "))
    except EXPECTED as error:
        _say(str(error))
    else:
        return
    sys.exit(1)


def _as_ctrl_c(number: int, frame: FrameType | None) -> None:
    """End in order on SIGTERM, wherever we are: leave no broker and no worker behind."""
    raise KeyboardInterrupt


def _say(text: str) -> None:
    typer.secho(text, fg=typer.colors.RED, err=True)


if __name__ == "__main__":
    main()

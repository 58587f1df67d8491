"""The command line: `eropaf COMMAND`."""

from __future__ import annotations

import signal
import sys
from importlib import import_module
from types import FrameType
from typing import Any, NamedTuple, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from eropaf.process.terminated import Terminated


class Where(NamedTuple):
    """A command's place in `eropaf.commands` as `module:attribute`, its line in the list, its extra."""

    place: str
    line: str
    extra: str | None = None


COMMANDS = {
    "demo": Where(
        "demo:demo",
        "Run the demo: a real Kafka, five creditor sectors, a month in a minute, the list moving.",
    ),
    "run": Where("run:run", "Run the workers until Ctrl-C or SIGTERM; one that ends is restarted."),
    "status": Where(
        "status:status",
        "Say how it stands: workers, what waits, policy, rejected. Exit 3 where something needs a person.",
    ),
    "publish": Where(
        "publish:publish", "Check a file as a whole, then publish its signals, and wait until each is stored."
    ),
    "watch": Where(
        "watch:watch", "Show the ranked list as it moves; in a pipe, write each update as a line of JSON."
    ),
    "metrics": Where("metrics:metrics", "Print the catalogue of metrics, as in the reference."),
    "strimzi": Where("strimzi:strimzi", "Print every topic and user as a resource of the Strimzi operator."),
    "rank": Where("rank:rank", "Rank a file: its own columns plus rank, band, respond_by and area."),
    "tick": Where(
        "tick:tick",
        "Let time pass up to a day: deadlines approach, pauses end, and expired data is forgotten.",
    ),
    "overrule": Where(
        "overrule:overrule",
        "Move a household's band up or down, or keep it, until a date.",
    ),
    "explain": Where(
        "explain:explain", "Open a household's explanation, after leaving a trace on the topic `audit`."
    ),
    "simulate": Where(
        "simulate:app", "A simulated city of years, and how far it is to be believed.", extra="worth"
    ),
    "backtest": Where(
        "backtest:backtest", "Live through the same cities under every order and delivery.", extra="worth"
    ),
    "hindsight": Where(
        "hindsight:hindsight",
        "Rank each month by what was known then, and judge it by those after.",
        extra="worth",
    ),
    "choose": Where(
        "choose:choose", "Choose a policy's points by what they gain, within lawful bounds.", extra="worth"
    ),
    "worth": Where("worth:worth", "Write the decision page, in Dutch and in English.", extra="worth"),
    "trial": Where("trial:app", "A real trial of a list: planned, drawn, analysed.", extra="worth"),
    "report": Where("report:app", "Reports that the municipality delivers to others."),
    "board": Where("board:app", "The outreach team's page.", extra="board"),
    "gateway": Where(
        "gateway:gateway",
        "Serve creditors and outreach tools that speak HTTP, until Ctrl-C or SIGTERM.",
        extra="gateway",
    ),
    "webhooks": Where("webhooks:app", "Tell outreach tools over HTTP what changes.", extra="gateway"),
    "cases": Where("cases:app", "Hand on help that was accepted: a case, an event, a file.", extra="gateway"),
    "logboek": Where(
        "logboek:app", "Tell a processing log what is done with households' data.", extra="logboek"
    ),
    "policy": Where("policy:app", "The numbers that decide who is offered help first."),
    "documents": Where(
        "documents:documents",
        "Write the municipality's documents: what the policy, the schemas and the topics say is filled in.",
    ),
    "resident": Where("resident:app", "A resident's rights: object, access, erase."),
    "resident-page": Where(
        "resident_page:resident_page",
        "Serve a resident's own page until Ctrl-C or SIGTERM. It asks the desk, and has no rights itself.",
        extra="board",
    ),
    "auditors": Where("explain:app", "The keys that seal and open explanations."),
    "replay": Where("replay:replay", "Send rejected records again, as they were."),
    "rejected": Where("rejected:app", "Records that were set aside, and why."),
    "state": Where("state:app", "Tables and offsets together, in a file."),
    "kafka": Where("kafka:app", "A real Kafka broker on this machine, with data that survives."),
    "topics": Where("topics:app", "The topics of the flow."),
    "acls": Where("acls:app", "Rights on the cluster, generated from the table of topics."),
    "schemas": Where("schemas:app", "The schemas, and the registry that holds them."),
    "addresses": Where("addresses:app", "Streets and places of addresses, of the national register (BAG)."),
    "unknown-addresses": Where(
        "unknown_addresses:app", "Addresses with signals that the address register does not have."
    ),
    "door-safety": Where("door_safety:app", "Addresses that are unsafe to visit: not alone, or office only."),
    "residents": Where("residents:app", "The municipality's register: which BSN lives where."),
    "forwarding": Where(
        "forwarding:app", "Forward signals on residents of other municipalities.", extra="gateway"
    ),
}


class Listed(TyperCommand):
    """A command as the list of commands shows it; imported only when it is run."""

    def __init__(self, name: str, where: Where) -> None:
        super().__init__(name, callback=None, help=where.line, short_help=where.line, rich_markup_mode=None)
        self._where = where

    def make_context(self, info_name: Any, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Make the context of the command itself, which runs in place of this one."""
        return self._imported().make_context(info_name, args, parent, **extra)

    def _imported(self) -> TyperCommand | TyperGroup:
        module, attribute = self._where.place.split(":")
        try:
            found = getattr(import_module(f"eropaf.commands.{module}"), attribute)
        except ModuleNotFoundError as error:
            if (extra := self._where.extra) is None:
                raise
            from eropaf.process.extras import missing  # as slow to import as any command

            raise missing(f"`eropaf {self.name}`", extra, error) from None
        parent = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
        parent.callback()(_eropaf)
        if isinstance(found, typer.Typer):
            parent.add_typer(found, name=self.name)
        else:
            parent.command(self.name)(found)
        group = cast(TyperGroup, get_command(parent))
        _list_whole(group)
        return cast(TyperCommand | TyperGroup, group.commands[str(self.name)])


class Commands(TyperGroup):
    """Lists the commands without importing them: all together take seconds."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands.update({name: Listed(name, where) for name, where in COMMANDS.items()})


def _list_whole(group: TyperGroup) -> None:
    """Show each command of `group` with its whole first paragraph: a list ends it within a line."""
    for command in group.commands.values():
        command.short_help = str(command.help or "").split("\n\n")[0]
        if isinstance(command, TyperGroup):
            _list_whole(command)


def _eropaf() -> None:
    """Be a group, also with one command."""


app = typer.Typer(
    cls=Commands,
    help="Early signalling of payment arrears, live: who needs help most, never why.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    # Help in plain text, here and of each command: Rich takes two thirds of the time of `eropaf --help`.
    rich_markup_mode=None,
)


app.callback()(_eropaf)


def main() -> None:
    """Run the command line; exit 1 with a sentence on the error stream where something is wrong.

    What ends by itself and is interrupted exits 130 (Ctrl-C) or 143 (SIGTERM).
    """
    signal.signal(signal.SIGTERM, _terminated)
    try:
        app()
    except SystemExit as ended:
        if _was_terminated(ended):
            sys.exit(128 + signal.SIGTERM)
        raise
    except Exception as error:
        from eropaf.process.faults import sentences  # all that may go wrong takes half a second to import

        if not (told := sentences(error)):
            raise  # a bug shows its trace
        for sentence in told:
            typer.secho(sentence, fg=typer.colors.RED, err=True)
        sys.exit(1)


def _terminated(number: int, frame: FrameType | None) -> None:
    raise Terminated


def _was_terminated(ended: SystemExit) -> bool:
    """Return whether Typer ended for `Terminated`, of which it makes the status of Ctrl-C."""
    error: BaseException | None = ended
    while error is not None and not isinstance(error, Terminated):
        error = error.__cause__ or error.__context__
    return ended.code == 128 + signal.SIGINT and error is not None


if __name__ == "__main__":
    main()

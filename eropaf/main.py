"""The command line: `eropaf COMMAND`."""

from __future__ import annotations

import signal
import sys
from types import FrameType

import typer
from pydantic import ValidationError

from clients.errors import ClientError, FileRefused
from deploy.embedded.errors import EmbeddedKafkaError
from eropaf.commands import (
    acls,
    board,
    demo,
    explain,
    kafka,
    metrics,
    overrule,
    policy,
    publish,
    rank,
    rejected,
    replay,
    report,
    resident,
    residents,
    run,
    schemas,
    state,
    strimzi,
    tick,
    topics,
    watch,
)
from eropaf.settings import SettingsError
from risk.policy import PolicyError
from risk.refusal import Refused
from schemas.errors import SchemaError
from streams.errors import StreamsError

app = typer.Typer(
    help="Early signalling of payment arrears, live: who needs help most, never why.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.demo)
app.command("run")(run.run)
app.command("publish")(publish.publish)
app.command("watch")(watch.watch)
app.command("metrics")(metrics.metrics)
app.command("strimzi")(strimzi.strimzi)
app.command("rank")(rank.rank)
app.command("tick")(tick.tick)
app.command("overrule")(overrule.overrule)
app.command("explain")(explain.explain)
app.add_typer(report.app, name="report")
app.add_typer(board.app, name="board")
app.add_typer(policy.app, name="policy")
app.add_typer(resident.app, name="resident")
app.add_typer(explain.app, name="auditors")
app.command("replay")(replay.replay)
app.add_typer(rejected.app, name="rejected")
app.add_typer(state.app, name="state")
app.add_typer(kafka.app, name="kafka")
app.add_typer(topics.app, name="topics")
app.add_typer(acls.app, name="acls")
app.add_typer(schemas.app, name="schemas")
app.add_typer(residents.app, name="residents")

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

"""`eropaf demo`: everything at once, on this machine, in about a minute."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console

from eropaf.demo.show import Show, perform
from eropaf.process import logs
from eropaf.simulate.calibration import AMSTERDAM_HOUSEHOLDS


def demo(
    once: Annotated[
        bool, typer.Option("--once", help="Stop after one month and print a summary as JSON.")
    ] = False,
    households: Annotated[int, typer.Option(min=100, help="Households in the city.")] = AMSTERDAM_HOUSEHOLDS,
    speed: Annotated[float, typer.Option(min=0.01, help="1: a month in about a minute.")] = 1.0,
    secure: Annotated[
        bool,
        typer.Option(
            "--secure", help="Three brokers with TLS, passwords and rights; one principal per role."
        ),
    ] = False,
    seed: Annotated[int, typer.Option(help="The same seed gives the same updates.")] = 1,
) -> None:
    """Run the demo: a real Kafka, five creditor sectors, a month in a minute, the list moving."""
    logs.configure("console", level="warning")
    console = Console(stderr=True)
    summary = perform(Show(households, speed, seed, once, secure), console)
    if once:
        typer.echo(json.dumps(summary, indent=2))
    else:
        console.print_json(data=summary)

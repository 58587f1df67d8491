"""`eropaf report`: what the municipality delivers elsewhere."""

from __future__ import annotations

import calendar
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from eropaf.report.ddas import Month, exchanged
from eropaf.risk.records import HouseholdEvent
from eropaf.settings import Settings
from eropaf_client.files.ddas_exchange import Delivery, ExchangeFile, to_json
from eropaf_client.reading import read_all
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, feedback
from eropaf_client.schemas.wire import Codec

app = typer.Typer(help="What the municipality delivers elsewhere.", no_args_is_help=True)


@app.callback()
def report() -> None:
    """Make what the municipality delivers elsewhere."""


@app.command()
def ddas(
    month: Annotated[str, typer.Option(help="YYYY-MM; what `household-events` still holds.")],
    municipality: Annotated[str, typer.Option(help="Four digits of CBS: 0363 is Amsterdam.")],
    organisation: Annotated[str, typer.Option(help="Name of who delivers.")],
    supplier: Annotated[str, typer.Option(help="Code of the data supplier.")] = "EROPAF",
    out: Annotated[Path | None, typer.Option(help="Where to; without it to the screen.")] = None,
) -> None:
    """Write the monthly DDAS 1.2 exchange file: signals, cases, contact attempts and results."""
    period = _month(month)
    settings = Settings()
    signals, cases = exchanged(_events(settings), _statuses(settings), period)
    file = ExchangeFile(
        supplier,
        period.first,
        period.last,
        datetime.now(UTC).replace(microsecond=0),
        (Delivery(1, municipality, organisation, signals=signals, cases=cases),),
    )
    text = json.dumps(to_json(file), indent=2, ensure_ascii=False) + "\n"
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
        typer.echo(f"{out}: {len(signals)} signals, {len(cases)} cases")


def _month(text: str) -> Month:
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise typer.BadParameter("write a month as YYYY-MM") from None
    return Month(first, first.replace(day=calendar.monthrange(first.year, first.month)[1]))


def _events(settings: Settings) -> list[HouseholdEvent]:
    codec = Codec("HouseholdEvent", HOUSEHOLD_EVENTS, settings.registry())
    records = read_all(settings.bootstrap, HOUSEHOLD_EVENTS, settings.kafka_client)
    return [HouseholdEvent.from_record(codec.decode(record.value())) for record in records]


def _statuses(settings: Settings) -> dict[tuple[str, str], str]:
    """Give what each creditor last heard of each of its signals."""
    statuses: dict[tuple[str, str], str] = {}
    for creditor in settings.creditors:
        topic = feedback(creditor)
        codec = Codec("CreditorFeedback", topic, settings.registry())
        for record in read_all(settings.bootstrap, topic, settings.kafka_client):
            told = codec.decode(record.value())
            statuses[creditor, told["signal_id"]] = told["status"]
    return statuses

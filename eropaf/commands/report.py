"""`eropaf report`: reports that the municipality delivers to others."""

from __future__ import annotations

import calendar
import json
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer

from eropaf.cluster.policy_held import in_force
from eropaf.cluster.readable import records, say
from eropaf.commands.target import check_target
from eropaf.report.ddas import Month, exchanged, kept_from
from eropaf.risk.records import HouseholdEvent
from eropaf.risk.zone import CivilZone
from eropaf.settings import Settings
from eropaf_client.files.ddas_exchange import Contact, Delivery, ExchangeFile, to_json
from eropaf_client.files.understood import counted
from eropaf_client.files.writing import in_its_place
from eropaf_client.schemas.aside import Asides
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, feedback

app = typer.Typer(help="Reports that the municipality delivers to others.", no_args_is_help=True)


@app.callback()
def report() -> None:
    """Make reports that the municipality delivers to others."""


@app.command()
def ddas(
    month: Annotated[str, typer.Option(help="YYYY-MM, within what `household-events` still holds.")],
    organisation: Annotated[str, typer.Option(help="Name of the organisation that delivers.")],
    supplier: Annotated[
        str | None, typer.Option(help="Code of the data supplier; default: EROPAF and its version.")
    ] = None,
    contact: Annotated[
        str | None, typer.Option(help="E-mail address of its contact person, for questions from CBS.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Output file; default: the screen.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Overwrite an existing file.")] = False,
) -> None:
    """Write the monthly DDAS 1.2 exchange file: signals, cases, contact attempts and results.

    The policy in force determines the municipality (`lawful.municipality`) and the days.
    """
    if out is not None:
        check_target(out, overwrite)
    settings = Settings()
    policy = in_force(settings)
    period = _month(month, policy.zone)
    asides = Asides()
    events, statuses = _events(settings, period, asides), _statuses(settings, asides)
    signals, cases = exchanged(events, statuses, period)
    say(asides)
    if first := kept_from(events, period):
        typer.echo(
            f"the first event that is kept is of {first}: what came in {month} before that is not in this "
            "report. So it is after a restore, which brings no events back, or where they are kept no longer",
            err=True,
        )
    file = ExchangeFile(
        supplier or f"EROPAF {version('eropaf')}",
        period.first,
        period.last,
        datetime.now(UTC).replace(microsecond=0),
        (
            Delivery(
                1,
                policy.municipality,
                organisation,
                contacts=None if contact is None else (Contact(email=contact),),
                signals=signals,
                cases=cases,
            ),
        ),
    )
    text = json.dumps(to_json(file), indent=2, ensure_ascii=False) + "\n"
    if out is None:
        typer.echo(text, nl=False)
    else:
        with in_its_place(out, replace=overwrite) as target:
            target.write(text.encode())
        typer.echo(f"{out}: {counted(len(signals), 'signal')}, {counted(len(cases), 'case')}")


def _month(text: str, zone: CivilZone) -> Month:
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise typer.BadParameter("write a month as YYYY-MM") from None
    return Month(first, first.replace(day=calendar.monthrange(first.year, first.month)[1]), zone)


def _events(settings: Settings, period: Month, asides: Asides) -> list[HouseholdEvent]:
    def usable(record: dict[str, Any]) -> HouseholdEvent:
        event = HouseholdEvent.from_record(record)
        exchanged([event], {}, period)  # what cannot be reported alone would end the whole report
        return event

    told = records(settings, HOUSEHOLD_EVENTS, "HouseholdEvent", asides, usable)
    return [event for _, event in told if event is not None]


def _statuses(settings: Settings, asides: Asides) -> dict[tuple[str, str], str]:
    """Return what each creditor last heard of each of its signals."""
    statuses: dict[tuple[str, str], str] = {}
    for creditor in settings.creditors:
        for _, told in records(settings, feedback(creditor), "CreditorFeedback", asides, dict):
            if told is not None:
                statuses[creditor, told["signal_id"]] = told["status"]
    return statuses

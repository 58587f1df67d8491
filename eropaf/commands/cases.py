"""`eropaf cases`: help that was accepted is handed on."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from eropaf.commands.target import check_target
from eropaf.gateway.cases.accepted import Acceptances, acceptances_reader
from eropaf.gateway.cases.balance_request import lines
from eropaf.gateway.cases.book import FILE, Book
from eropaf.gateway.cases.metrics import CASE_MEASURES
from eropaf.gateway.cases.serve import PURPOSE, CasesConfig, HookAccess, hand_on
from eropaf.gateway.cases.zaken import ZakenAccess
from eropaf.gateway.webhooks.tool import secret_of
from eropaf.process import logs
from eropaf.process.beside import needed, watched
from eropaf.settings import Settings
from eropaf.settings.environment import SettingsError
from eropaf_client.files.writing import in_its_place
from eropaf_client.schemas.topics import OUTCOMES, PRIORITIES
from eropaf_client.source import KafkaSource

PAGE = "docs/how-to/cases.md"
FOR_A_CASE = (
    "cases_zaken_api", "cases_client_id", "cases_secret", "cases_rsin", "cases_case_type",
    "cases_status_type",
)  # fmt: skip
FOR_A_HOOK = ("cases_webhook", "cases_secret", "webhook_source", "gateway_address")

app = typer.Typer(help="Hand on help that was accepted: a case, an event, a file.", no_args_is_help=True)


@app.command()
def run(
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="Pass over for good what was accepted before this day (UTC)."
        ),
    ] = None,
) -> None:
    """Hand on what households accept, and ask how their cases stand, until Ctrl-C or SIGTERM."""
    settings = Settings()
    logs.configure(settings.log_format, level=settings.log_level)
    known = config(settings)
    if since is not None:
        known = replace(known, since=since.replace(tzinfo=UTC))
    hand_on(known, watched(settings, CASE_MEASURES).is_set)


@app.command("list")
def list_cases() -> None:
    """List what became of each acceptance: its number, day, state, and the case's status. End `run` first."""
    with closing(Book(config(Settings()).book())) as book:
        for each in book.rows():
            day = datetime.fromtimestamp(each.accepted_at_s, UTC).date() if each.household else "-"
            said = (each.number, day, each.state, each.household or "-", each.status, each.ended_on, each.why)
            typer.echo(" ".join(str(part) for part in said if part))


@app.command()
def retry() -> None:
    """Let the next `run` try again what was given up. End `run` first."""
    with closing(Book(config(Settings()).book())) as book:
        typer.echo(f"{book.try_again()} tried again with the next run")


@app.command("file")
def write_file(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="The CSV file to write.")],
    debt_helper: Annotated[str, typer.Option(help="Name of the debt helper who asks (Schuldhulpverlener).")],
    since: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="Only help that was accepted on that day or later.")
    ],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Overwrite an existing file.")] = False,
) -> None:
    """Write accepted help in the columns of Schuldenknooppunt's balance request, for a debt helper.

    With EROPAF_CASES_STATE_DIR set, end `run` first: who was forgotten since is left out by its book.
    """
    check_target(out, overwrite)
    settings, found = Settings(), Acceptances()
    cluster, forgotten = settings.cluster(), _forgotten(settings)
    source = KafkaSource(cluster, [OUTCOMES, PRIORITIES], PURPOSE)
    with closing(acceptances_reader(source, cluster.registry)) as reader:
        while not reader.caught_up:
            for read in reader.poll(0.5):
                found.take(read)
    first = since.replace(tzinfo=UTC)
    accepted = found.addressed(found.drain())
    chosen = [each for each in accepted if each.at >= first and each.number not in forgotten]
    with in_its_place(out, overwrite) as file:
        file.write("".join(lines(chosen, debt_helper)).encode())
    typer.echo(f"{len(chosen)} written to {out}")


def _forgotten(settings: Settings) -> set[str]:
    """Return what `run` knows to be forgotten: a household that is listed again shows it in no topic."""
    if settings.cases_state_dir is None or not (path := settings.cases_state_dir / FILE).exists():
        return set()
    with closing(Book(path)) as book:
        return book.forgotten()


def config(settings: Settings) -> CasesConfig:
    """Return what the cases need.

    Raises:
        SettingsError: a setting is missing; the message names it.
        CallersRefused: the webhook's secret is none.
    """
    if settings.cases_zaken_api is None and settings.cases_webhook is None:
        raise SettingsError(
            f"neither EROPAF_CASES_ZAKEN_API nor EROPAF_CASES_WEBHOOK is set: help goes nowhere ({PAGE})"
        )
    to = _zaken(settings) if settings.cases_webhook is None else _hook(settings)
    (state_dir,) = needed(settings, ("cases_state_dir",), PAGE)
    return CasesConfig(settings.cluster(), to, state_dir)


def _zaken(settings: Settings) -> ZakenAccess:
    address, client_id, secret, rsin, case_type, status_type = needed(settings, FOR_A_CASE, PAGE)
    return ZakenAccess(
        address=address,
        client_id=client_id,
        secret=secret.get_secret_value(),
        rsin=rsin,
        case_type=case_type,
        status_type=status_type,
        ca_file=settings.cases_ca_file,
    )


def _hook(settings: Settings) -> HookAccess:
    address, secret, source, gateway = needed(settings, FOR_A_HOOK, PAGE)
    return HookAccess(
        address=address,
        secret=secret_of(secret.get_secret_value()),
        source=source,
        origin=urlsplit(gateway).hostname or "",
        ca_file=settings.cases_ca_file,
    )

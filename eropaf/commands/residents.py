"""`eropaf residents`: the municipality's register of where residents live."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from eropaf.cluster.policy_held import held
from eropaf.cluster.secret_kept import proven_secret
from eropaf.cluster.storing import store
from eropaf.files.residents import Entry, read_register
from eropaf.lookup.metrics import LOOKUP_MEASURES
from eropaf.lookup.persons import PersonsAccess
from eropaf.lookup.serve import LookupConfig, look_up
from eropaf.lookup.service import Credentials
from eropaf.process import logs
from eropaf.process.beside import needed, watched
from eropaf.settings import Settings
from eropaf_client.errors import ClientError
from eropaf_client.files.understood import counted
from eropaf_client.schemas.topics import RESIDENTS

PAGE = "docs/how-to/who-is-where.md"
NEEDED = ("brp_api", "brp_municipality", "brp_ground")

app = typer.Typer(help="The municipality's register: which BSN lives where.", no_args_is_help=True)


class NotCounted(ClientError):
    """The register says more than the policy has a legal ground to use."""


@app.callback()
def residents() -> None:
    """Say which BSN lives where: from a file, or asked of the national register (BRP)."""


@app.command()
def load(
    file: Annotated[Path, typer.Argument(help="CSV with columns bsn, postcode, house_number, addition.")],
    encoding: Annotated[
        str | None,
        typer.Option(help="Encoding of a file that cannot be told from its bytes: cp850, mac-roman, …"),
    ] = None,
) -> None:
    """Publish register entries. The BSN itself is not sent: only a key derived with the household secret.

    An entry without an address means that the resident has left. A fifth column, minor_children (yes, no or
    empty), is accepted only if the policy in force counts it.
    """
    settings = Settings()
    register = read_register(file, proven_secret(settings), encoding, settings.test_numbers)
    for sentence in register.told:
        typer.echo(sentence, err=True)
    entries = register.entries
    _refuse_what_is_not_counted(settings, entries)
    store(settings, RESIDENTS, "Residence", entries)
    typer.echo(f"{counted(len(entries), 'entry', 'entries')} stored")


@app.command("look-up")
def look_up_persons() -> None:
    """Ask the national register (BRP) for residents whose signals wait, until Ctrl-C or SIGTERM."""
    settings = Settings()
    logs.configure(settings.log_format, level=settings.log_level)
    known = lookup_config(settings)
    look_up(known, watched(settings, LOOKUP_MEASURES))


def lookup_config(settings: Settings) -> LookupConfig:
    """Return what asking needs.

    Raises:
        SettingsError: a setting is missing, or the cluster's keys were made with another secret.
    """
    _, municipality, ground = needed(settings, NEEDED, PAGE)
    return LookupConfig(
        cluster=settings.cluster(),
        creditors=settings.creditors,
        secret=proven_secret(settings),
        access=_persons_access(settings),
        municipality=municipality,
        ground=ground,
        fresh_s=settings.brp_fresh_hours * 3600,
        per_minute=settings.brp_per_minute,
    )


def _persons_access(settings: Settings) -> PersonsAccess:
    key, secret = settings.brp_api_key, settings.brp_client_secret
    return PersonsAccess(
        address=str(settings.brp_api),
        api_key=None if key is None else key.get_secret_value(),
        known_as=Credentials(
            token_address=settings.brp_token_url,
            client_id=settings.brp_client_id,
            client_secret=None if secret is None else secret.get_secret_value(),
            scope=settings.brp_scope,
            certificate_file=settings.brp_certificate_file,
            key_file=settings.brp_key_file,
            ca_file=settings.brp_ca_file,
        ),
        headers=settings.brp_headers,
    )


def _refuse_what_is_not_counted(settings: Settings, entries: Sequence[Entry]) -> None:
    if all(entry is None or entry["minor_children"] is None for _, entry in entries):
        return
    policy = held(settings).policy
    if policy.minor_children is None:
        raise NotCounted(
            "nothing was stored: the file says who has minor children, but the policy in force, "
            f"{policy.version}, does not count them. Leave the column out, or activate a policy whose "
            "[minor_children] names the ground for it"
        )

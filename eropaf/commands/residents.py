"""`eropaf residents`: the municipality's register of where residents live."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from eropaf.policy_held import held
from eropaf.residents_file import Entry, read_register
from eropaf.secret_kept import proven_secret
from eropaf.settings import Settings
from eropaf.storing import store
from eropaf_client.errors import ClientError
from eropaf_client.files.understood import counted
from eropaf_client.schemas.topics import RESIDENTS

app = typer.Typer(help="The municipality's register: which BSN lives where.", no_args_is_help=True)


class NotCounted(ClientError):
    """The register says more than the policy has a legal ground to use."""


@app.callback()
def residents() -> None:
    """Load the municipality's register of which BSN lives where."""


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

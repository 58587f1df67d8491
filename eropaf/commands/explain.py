"""`eropaf explain`: why a household stands where it stands, for who may know; with a trace."""

from __future__ import annotations

import getpass
from typing import Annotated, Any, Literal

import typer

from agents.sealing import CannotOpen, new_keys, opened
from clients.errors import ClientError
from clients.reading import read_all
from eropaf.commands.append import appender, now_ms
from eropaf.settings import Settings, SettingsError
from risk.explanation import in_words
from risk.outreach import HOUSEHOLD
from schemas.topics import AUDIT, EXPLANATIONS
from schemas.wire import Codec
from streams.record import Output

app = typer.Typer(help="The keys that seal and open explanations.", no_args_is_help=True)


class NothingToExplain(ClientError):
    """No explanation is kept of the household."""


class SealedToAnother(ClientError):
    """The private key does not open the explanation."""


@app.callback()
def auditors() -> None:
    """Keep the two keys apart: workers seal with the public one, auditors open with the private one."""


@app.command()
def keys() -> None:
    """Draw a pair of keys."""
    public, private = new_keys()
    typer.echo(f"EROPAF_AUDITORS_PUBLIC_KEY={public}  # for the workers")
    typer.echo(f"EROPAF_AUDITORS_PRIVATE_KEY={private}  # for the auditors alone")


def explain(
    household: Annotated[str, typer.Argument(help="Household key, as the priority update gives it.")],
    purpose: Annotated[str, typer.Option(help="What for. Stored with who asked, before anything opens.")],
    language: Annotated[str, typer.Option(help="nl or en.")] = "nl",
) -> None:
    """Open the explanation of a household. Leaves a trace on the topic `audit` first."""
    if HOUSEHOLD.fullmatch(household) is None:
        raise typer.BadParameter("a household key has 32 hexadecimal digits")
    if language not in ("nl", "en"):
        raise typer.BadParameter("the language is nl or en")
    if not purpose.strip():
        raise typer.BadParameter("say what for: --purpose")
    settings = Settings()
    facts = opened_facts(settings, household, purpose)
    if facts is None:
        raise NothingToExplain("no explanation is kept of this household")
    chosen: Literal["nl", "en"] = "nl" if language == "nl" else "en"
    typer.echo(in_words(facts, chosen))


def opened_facts(settings: Settings, household: str, purpose: str) -> dict[str, Any] | None:
    """Leave a trace, then give the facts that explain `household`; None where none are kept.

    Raises:
        SettingsError: there is no private key.
        SealedToAnother: the private key does not fit.

    """
    key = settings.auditors_private_key
    if key is None:
        raise SettingsError("EROPAF_AUDITORS_PRIVATE_KEY is not set: only who holds it may open explanations")
    leave_trace(settings, household, "explanation", purpose)
    codec = Codec("Explanation", EXPLANATIONS, settings.registry())
    newest: bytes | None = None
    for record in read_all(settings.bootstrap, EXPLANATIONS, settings.kafka_client):
        if record.key() == household.encode():
            newest = record.value()
    if newest is None:
        return None
    try:
        return opened(codec.decode(newest), key.get_secret_value())
    except CannotOpen as error:
        raise SealedToAnother(str(error)) from None


def leave_trace(settings: Settings, household: str, what: str, purpose: str) -> None:
    """Store who opens what, and what for; returns only once it is stored."""
    at = now_ms()
    entry = {"who": getpass.getuser(), "what": what, "purpose": purpose, "household": household, "at": at}
    data = Codec("AuditEntry", AUDIT, settings.registry()).encode(entry)
    appender(settings).write([Output(AUDIT, household.encode(), data, at)])

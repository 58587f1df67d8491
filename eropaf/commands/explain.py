"""`eropaf explain`: what gave a household its points, for those who may know; leaves a trace."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from eropaf.agents.sealing import new_keys
from eropaf.desk import resealing
from eropaf.desk.at_the_desk import answer, made
from eropaf.desk.deeds import Explain
from eropaf.risk.plain_words import in_words
from eropaf.risk.purpose import Purpose
from eropaf.settings import Settings
from eropaf_client.errors import ClientError
from eropaf_client.files.understood import counted

app = typer.Typer(help="The keys that seal and open explanations.", no_args_is_help=True)


WHICH = 'A household key, as the update gives it, or an address as "1011 AB 12 hs".'


class NothingToExplain(ClientError):
    """No explanation is stored for the household."""


class NotOpenedByThese(ClientError):
    """Some stored explanations cannot be opened with any of the private keys."""


@app.callback()
def auditors() -> None:
    """Manage the auditors' keys: workers seal with the public one, the desk opens with the private one."""


@app.command()
def keys() -> None:
    """Generate a key pair."""
    public, private = new_keys()
    typer.echo(f"EROPAF_AUDITORS_PUBLIC_KEY={public}  # for the workers")
    typer.echo(f"EROPAF_AUDITORS_PRIVATE_KEY={private}  # for the desk alone")


@app.command()
def reseal() -> None:
    """Reseal every stored explanation to EROPAF_AUDITORS_PUBLIC_KEY, the new key.

    Opens them with EROPAF_AUDITORS_PRIVATE_KEY, the old one. Needs the role `restore`. Workers keep running,
    with the new public key. docs/how-to/secure.md lists the steps.
    """
    done = resealing.reseal(Settings(), lambda anew: typer.echo(f"{anew} resealed", err=True))
    typer.echo(f"{counted(done.anew, 'explanation')} sealed to the new key")
    if done.left:
        raise NotOpenedByThese(
            f"{counted(done.left, 'explanation')} could not be opened with these keys and were left unchanged"
        )


def explain(
    household: Annotated[str, typer.Argument(help=WHICH)],
    purpose: Annotated[
        Purpose, typer.Option(help="The purpose. Stored with who asked, before anything is opened.")
    ],
    language: Annotated[str, typer.Option(help="nl or en.")] = "nl",
) -> None:
    """Open a household's explanation, after leaving a trace on the topic `audit`."""
    if language not in ("nl", "en"):
        raise typer.BadParameter("the language is nl or en")
    deed = made(Explain, household=household, purpose=purpose)
    facts = answer(Settings(), deed)["facts"]
    if facts is None:
        raise NothingToExplain("no explanation is kept for this household")
    chosen: Literal["nl", "en"] = "nl" if language == "nl" else "en"
    typer.echo(in_words(facts, chosen, Settings().contact))

"""`eropaf explain`: why a household stands where it stands, for who may know; with a trace."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from eropaf.agents.sealing import new_keys
from eropaf.commands.append import ADDRESS
from eropaf.opening import opened_facts, person_here
from eropaf.risk.address import normalise
from eropaf.risk.explanation import in_words
from eropaf.risk.identity import household_key
from eropaf.risk.outreach import HOUSEHOLD
from eropaf.risk.purpose import Purpose
from eropaf.settings import Settings
from eropaf_client.errors import ClientError

app = typer.Typer(help="The keys that seal and open explanations.", no_args_is_help=True)


WHICH = 'A household key, as the update gives it, or an address as "1011 AB 12 hs".'


class NothingToExplain(ClientError):
    """No explanation is kept of the household."""


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
    household: Annotated[str, typer.Argument(help=WHICH)],
    purpose: Annotated[Purpose, typer.Option(help="What for. Stored with who asked, before anything opens.")],
    language: Annotated[str, typer.Option(help="nl or en.")] = "nl",
) -> None:
    """Open the explanation of a household. Leaves a trace on the topic `audit` first."""
    if language not in ("nl", "en"):
        raise typer.BadParameter("the language is nl or en")
    settings = Settings()
    if HOUSEHOLD.fullmatch(household) is None:
        household = _of_address(settings, household)
    facts = opened_facts(settings, person_here(settings), household, purpose)
    if facts is None:
        raise NothingToExplain("no explanation is kept of this household")
    chosen: Literal["nl", "en"] = "nl" if language == "nl" else "en"
    typer.echo(in_words(facts, chosen))


def _of_address(settings: Settings, text: str) -> str:
    """Return the household key of an address. A BSN is not taken: an auditor may not read the register."""
    found = ADDRESS.fullmatch(text)
    if found is None:
        raise typer.BadParameter(
            'say a household key (32 hexadecimal digits), or an address as "1011 AB 12 hs"'
        )
    return household_key(normalise(found[1], found[2], found[3]), settings.secret())

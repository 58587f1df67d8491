"""Carries out a deed: at the desk if EROPAF_DESK_URL is set, otherwise here.

Here it needs the rights of the role `desk`, and the actor is whoever this machine says: for a trial on one
machine, and for operators of the desk's host. The desk identifies the caller by their session.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any, TypeVar

import httpx2
import typer
from pydantic import ValidationError

from eropaf.board.explaining import Asking
from eropaf.desk.deeds import Answer, Deed
from eropaf.desk.opening import person_here
from eropaf.settings import Settings, SettingsError
from eropaf_client.errors import ClientError
from eropaf_client.files.understood import counted

Made = TypeVar("Made", bound=Deed)

# The desk writes a space now and then while it reads: it is there. What it reads may take minutes.
SILENT_AT_MOST_S = 60.0


class DeskRefused(ClientError):
    """The desk refused; the message is the desk's."""

    code = "desk-refused"


class DeskUnreachable(ClientError):
    """The desk did not answer. The request may have been carried out: the traces say."""

    code = "desk-unreachable"
    retriable = True


def made(kind: type[Made], **said: Any) -> Made:
    """Parse a deed from the command line.

    Raises:
        typer.BadParameter: it is invalid; the message repeats nothing that was typed.

    """
    try:
        return kind(**said)
    except ValidationError as error:
        # What is wrong with a deed as a whole is of no field.
        faults = [
            ": ".join([*map(str, each["loc"][:1]), _plain(str(each["msg"]))]) for each in error.errors()
        ]
        raise typer.BadParameter("; ".join(faults)) from None


def answer(settings: Settings, deed: Deed) -> Answer:
    """Carry out `deed` and return the result.

    Raises:
        DeskRefused, DeskUnreachable: as they say.
        SettingsError: a desk is configured without a token.

    """
    if settings.desk_url is None:
        return deed.do(settings, Asking(person_here(settings), lambda household, area: True))
    return _asked(settings, deed)


def tell_aside(said: Mapping[str, Any]) -> None:
    """Report on standard error what could not be used, and the first such record's place."""
    aside = said["aside"]
    if aside["records"]:
        line = f"{counted(aside['records'], 'record')} set aside, as unusable"
        for each in (
            f"{line}. docs/reference/reasons.md says why",
            *(f"  {place}" for place in aside["first"]),
        ):
            typer.secho(each, fg=typer.colors.YELLOW, err=True)


def _asked(settings: Settings, deed: Deed) -> Answer:
    url, token = str(settings.desk_url).rstrip("/"), settings.desk_token
    if token is None:
        raise SettingsError(
            "EROPAF_DESK_TOKEN is not set: log in at the desk and create a token on its page `Command line`"
        )
    context = ssl.create_default_context(cafile=settings.desk_ca_file)
    headers = {
        "authorization": f"Bearer {token.get_secret_value()}",
        "content-type": "application/json",
        "accept-encoding": "identity",  # packed, a sign of life would wait for what comes after it
    }
    try:
        # No redirect is followed and no proxy of the environment used: the token is for this address alone.
        with httpx2.Client(verify=context, timeout=SILENT_AT_MOST_S, trust_env=False) as http:
            answered = http.post(f"{url}/deeds/{deed.name}", content=deed.model_dump_json(), headers=headers)
            if answered.status_code == httpx2.codes.TOO_MANY_REQUESTS:
                raise DeskRefused(
                    f"the desk at {url}: too many requests in a minute. Wait a little, then try again"
                )
            said = answered.json()
    except (httpx2.HTTPError, ValueError) as error:
        raise DeskUnreachable(
            f"no answer from the desk at {url} ({type(error).__name__}). The request may have been carried "
            "out: the desk's page of traces says whether it was"
        ) from None
    if not isinstance(said, dict) or "error" in said or answered.status_code != httpx2.codes.OK:
        told = said.get("error") if isinstance(said, dict) else None
        raise DeskRefused(f"the desk at {url}: {told or f'status {answered.status_code}'}")
    return said


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")

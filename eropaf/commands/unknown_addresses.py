"""`eropaf unknown-addresses`: which address is meant by one with signals that there is not."""

from __future__ import annotations

from typing import Annotated

import typer

from eropaf.desk.at_the_desk import answer, made, tell_aside
from eropaf.desk.unknown_addresses import AnswerUnknownAddresses, Meant, SettleAddress, UnknownAddresses
from eropaf.process.exits import NOT_AS_IT_MUST_BE
from eropaf.settings import Settings
from eropaf_client.files.understood import counted

NO_REGISTER = "no address register is set: EROPAF_BOARD_ADDRESS_REGISTER, of the desk"

app = typer.Typer(
    help="Addresses with signals that the address register does not have.", no_args_is_help=True
)


@app.command("list")
def list_unknown() -> None:
    """List addresses with signals that the register does not have; exit status 3 if there are any.

    The key of each, the address, since when, and which may be meant. `eropaf unknown-addresses correct KEY
    ADDRESS` says which is, and without an address that there is none.
    """
    said = answer(Settings(), made(UnknownAddresses))
    tell_aside(said)
    for each in said["addresses"]:
        may_be = f"  perhaps {'; '.join(each['candidates'])}" if each["candidates"] else ""
        typer.echo(f"{each['household']}  {each['address']}  since {each['since']}{may_be}")
    if not said["addresses"]:
        typer.echo("every address with signals is in the register" if said["register"] else NO_REGISTER)
    raise typer.Exit(NOT_AS_IT_MUST_BE if said["addresses"] else 0)


@app.command()
def correct(
    household: Annotated[str, typer.Argument(help="The key that `eropaf unknown-addresses list` names.")],
    address: Annotated[
        str, typer.Argument(help='The address that is meant, "1011 AB 12 hs"; without one: none is.')
    ] = "",
) -> None:
    """Say which address is meant by one that there is not; without an address, that none is.

    Its signals go to that household, or their creditors hear that there is no such address. Leaves a trace on
    `audit`.
    """
    meant = Meant.ANOTHER if address else Meant.NONE
    answer(Settings(), made(SettleAddress, household=household, meant=meant, address=address))
    typer.echo(
        "its signals go to that address" if address else "creditors hear that there is no such address"
    )


@app.command("answer")
def answer_all() -> None:
    """Tell the creditors of each address whose number the register does not have that there is none.

    Where others at the number may be meant, a clerk chooses. Load a register of this month first: what was
    built since is in none before. Leaves a trace of each on `audit`.
    """
    said = answer(Settings(), made(AnswerUnknownAddresses))
    tell_aside(said)
    typer.echo(f"{counted(said['answered'], 'address', 'addresses')} answered")

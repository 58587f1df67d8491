"""`eropaf addresses`: streets and places of addresses, of the national register."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eropaf.files.address_extract import extract
from eropaf_client.files.understood import counted

app = typer.Typer(
    help="Streets and places of addresses, of the national register (BAG).", no_args_is_help=True
)


@app.callback()
def addresses() -> None:
    """Say which street an address is in, and where it stands."""


@app.command()
def load(
    file: Annotated[Path, typer.Argument(help="PDOK's bag-light.gpkg.")],
    municipality: Annotated[str, typer.Option(help="Whose addresses, by its name in the register.")],
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("addresses.db"),
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Write over one that is there.")] = False,
) -> None:
    """Make the board's address register of the national one.

    EROPAF_BOARD_ADDRESS_REGISTER names the file; a board reads it when it starts. No household's key comes
    of it, so a newer one moves nobody.
    """
    done = extract(file, municipality, out, overwrite)
    typer.echo(f"{counted(done.stored, 'address', 'addresses')} of {municipality} in {out}")
    if done.gone or done.unusable:
        typer.echo(
            f"left out: {done.gone} withdrawn or never built, {done.unusable} without a usable postcode"
        )
    if done.shared:
        typer.echo(
            f"{counted(done.shared, 'address', 'addresses')} cannot be told from another one in creditors' "
            f"spellings, so both are one household: {', '.join(done.examples)}"
        )

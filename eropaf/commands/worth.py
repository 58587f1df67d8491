"""`eropaf worth`: the page that decides, from what backtests found."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eropaf.simulate.backtest.manifest import WrongStudy
from eropaf.worth.facts import Folders, facts
from eropaf.worth.languages import WORDS
from eropaf.worth.numbers import HEAD, numbers
from eropaf.worth.page import page
from eropaf_client.files.writing import csv_line, in_its_place


def worth(
    orders: Annotated[Path, typer.Argument(help="The folder of `eropaf backtest`, of orders.")],
    out: Annotated[Path, typer.Option(help="A folder for worth-nl.html, worth-en.html and worth.csv.")],
    levers: Annotated[Path | None, typer.Option(help="That of `--compare levers`.")] = None,
    effects: Annotated[Path | None, typer.Option(help="That of `--compare effects`.")] = None,
    calibration: Annotated[
        Path | None, typer.Option(help="The page of `eropaf simulate calibrate`: how far the city holds.")
    ] = None,
    list_day: Annotated[
        list[Path] | None, typer.Option(help="That of orders with `--list-day`; may be said several times.")
    ] = None,
    silent: Annotated[Path | None, typer.Option(help="That of `--compare silent`.")] = None,
    area_map: Annotated[
        list[Path] | None,
        typer.Option("--map", help="That of `--compare map`, one for each `--area-inequality`."),
    ] = None,
) -> None:
    """Write the decision page, in Dutch and in English.

    What changes, how sure that is, what would change the conclusion, and who loses.
    """
    folders = Folders(
        orders=orders,
        levers=levers,
        effects=effects,
        calibration=calibration,
        list_days=list_day or (),
        silent=silent,
        maps=area_map or (),
    )
    try:
        found = facts(folders)
    except WrongStudy as error:
        raise typer.BadParameter(str(error)) from None
    # Whole paths are the machine's, and as many of them fill a third sheet.
    files = ", ".join(each.resolve().name for each in folders.all)
    out.mkdir(parents=True, exist_ok=True)
    for language in WORDS:
        path = out / f"worth-{language}.html"
        with in_its_place(path, replace=True) as file:
            file.write(page(found, language, files).encode())
        typer.echo(f"Written: {path}")
    with in_its_place(out / "worth.csv", replace=True) as file:
        file.write("".join(csv_line(row) for row in (HEAD, *numbers(found))).encode())
    typer.echo(f"Written: {out / 'worth.csv'}")

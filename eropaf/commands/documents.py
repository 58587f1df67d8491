"""`eropaf documents`: the municipality's documents, filled from its policy, the schemas and the topics."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eropaf.derived.documents import FOLDER, SHIPPED, WITHOUT, write
from eropaf.risk.policy_file import PolicyFile
from eropaf.settings.policy import policy_text


def documents(
    policy: Annotated[
        str, typer.Argument(help="A policy file (TOML), or the name of a shipped one.")
    ] = SHIPPED,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write into; default: the project's own documents.")
    ] = None,
) -> None:
    """Write the municipality's documents: what the policy, the schemas and the topics say is filled in.

    The register entry, the DPIA, the model card and the page on retention. The words around the tables are
    people's, and stay; a table that is new since comes in, and is told.
    """
    if not FOLDER.is_dir():
        raise typer.BadParameter(
            "the documents are in Eropaf's sources (docs/explanation), not in the installed package: run "
            "this in a clone"
        )
    if out is None and policy != SHIPPED:
        raise typer.BadParameter(
            "name a folder with --out: the project's own documents describe the shipped policy",
            param_hint="--out",
        )
    if out is not None and out.exists() and not out.is_dir():
        raise typer.BadParameter(f"{out} is a file; name a folder", param_hint="--out")
    written = write(PolicyFile.parse(policy_text(policy)), out or FOLDER)
    for each in written:
        typer.echo(f"{each.page} written")
        for name in each.added:
            typer.echo(f"  new in it: {name}; to do without it, put {WITHOUT.format(name)} in its place")
    if not written:
        typer.echo("every document is as it must be")

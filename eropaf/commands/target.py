"""Where a command writes the file that somebody named: refused before the work, not after it."""

from __future__ import annotations

from pathlib import Path

import typer


def check_target(
    file: Path, overwrite: bool, instead: str = "name another with --out, or say --overwrite"
) -> None:
    """Check that `file` can be made and nothing is lost by it; `instead` says what to do where it is there.

    `in_its_place` sees to it again, at the end: somebody else may have made the file meanwhile.

    Raises:
        typer.BadParameter: it is a folder, is there already, or has no folder.
    """
    if file.is_dir():
        raise typer.BadParameter(f"{file} is a folder; name a file in it")
    if file.exists() and not overwrite:
        raise typer.BadParameter(f"{file} is there already; {instead}")
    if not file.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {file.parent}; make it first")

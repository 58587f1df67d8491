"""Checks a command's output file before the work, not after it."""

from __future__ import annotations

from pathlib import Path

import typer


def check_target(
    file: Path, overwrite: bool, instead: str = "name another with --out, or say --overwrite"
) -> None:
    """Check that `file` can be created without losing anything; `instead` says what to do if it exists.

    `in_its_place` checks again at the end: somebody else may have created the file in between.

    Raises:
        typer.BadParameter: it is a folder, already exists, or its folder does not exist.
    """
    if file.is_dir():
        raise typer.BadParameter(f"{file} is a folder; name a file in it")
    if file.exists() and not overwrite:
        raise typer.BadParameter(f"{file} already exists; {instead}")
    if not file.parent.is_dir():
        raise typer.BadParameter(f"folder {file.parent} does not exist; create it first")

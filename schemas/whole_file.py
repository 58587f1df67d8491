"""Puts a file in its place: who finds one under its name finds the whole of it.

Savepoints, reports, letters and ranked files are written so. It stands here because plumbing and creditors'
library share no other floor.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EEXIST, EISDIR
from pathlib import Path
from typing import BinaryIO

UNFINISHED = ".unfinished"


class Overtaken(Exception):
    """Another began to write the same file meanwhile. What it writes stays, and nothing of this is there."""


@contextmanager
def whole_file(path: Path, replace: bool) -> Iterator[BinaryIO]:
    """Open a file that becomes `path` once all of it is on disk, readable by its owner alone.

    Until then, and if anything fails, `path` is unchanged, and nothing else is left behind. What a killed
    process left, the next that writes `path` takes away.

    Raises:
        FileExistsError: there is a file, and `replace` does not allow for writing over it.
        Overtaken: two wrote `path` at once.
        OSError: it cannot be written.
    """
    if path.is_dir():
        raise IsADirectoryError(EISDIR, os.strerror(EISDIR), str(path))
    if os.path.lexists(path) and not replace:
        raise FileExistsError(EEXIST, os.strerror(EEXIST), str(path))
    unfinished = path.with_name(path.name + UNFINISHED)
    # A link that somebody put there would carry what is written elsewhere, and a file keeps the mode it has.
    unfinished.unlink(missing_ok=True)
    file = _opened(unfinished)
    ours = os.fstat(file.fileno())
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _put(unfinished, ours, path, replace)
    finally:
        _remove(unfinished, ours)


def _opened(unfinished: Path) -> BinaryIO:
    try:
        return open(unfinished, "xb", opener=_for_its_owner)
    except FileExistsError:
        raise Overtaken from None


def _put(unfinished: Path, ours: os.stat_result, path: Path, replace: bool) -> None:
    """Name the file that was written `path`."""
    if not _stands(unfinished, ours):
        raise Overtaken
    if replace:
        os.replace(unfinished, path)
        return
    # Of two at once one has the name. Hard links would do it in one step, and not every file system has them:
    # who is killed between these two leaves an empty file, which nobody takes for a whole one.
    with open(path, "xb", opener=_for_its_owner) as claim:
        claimed = os.fstat(claim.fileno())
    try:
        os.replace(unfinished, path)
    except OSError:
        _remove(path, claimed)
        if not _stands(unfinished, ours):
            raise Overtaken from None
        raise


def _for_its_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _remove(path: Path, known: os.stat_result) -> None:
    """Remove `path` if it is still the file of which this is known: another's stays."""
    if _stands(path, known):
        path.unlink()


def _stands(path: Path, known: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.stat(path, follow_symlinks=False), known)
    except FileNotFoundError:
        return False

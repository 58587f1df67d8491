"""Folders that cannot hold what they should, told in a sentence."""

from __future__ import annotations

import errno
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eropaf.deploy.embedded.errors import NoPlace

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
NO_RIGHT = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR})


@contextmanager
def kept_in(folder: Path, variable: str) -> Iterator[None]:
    """Tell of a `folder` that is full or may not be written; `variable` names another one.

    Raises:
        NoPlace: so it is.

    """
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise NoPlace(
                f"{folder} is full ({error.strerror}). Make room, or set {variable} to a folder that has it; "
                "what is whole already is kept"
            ) from None
        if error.errno in NO_RIGHT:
            raise NoPlace(
                f"{folder} cannot be written ({error.strerror}). Set {variable} to a folder that this user "
                "may write"
            ) from None
        raise


def private(folder: Path) -> None:
    """Make a folder, and those above it; its owner alone may look into it, also where it was there before."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if stat.S_IMODE(folder.stat().st_mode) & 0o077:
        folder.chmod(0o700)


def temporary(prefix: str) -> Path:
    """Make a folder for what goes with this process.

    Raises:
        NoPlace: there is none that this user may write, or no room.

    """
    try:
        return Path(tempfile.mkdtemp(prefix=prefix))
    except OSError as error:
        raise NoPlace(
            f"no folder for temporary files ({error.strerror}). Set TMPDIR to one that this user may write"
        ) from None


def fault_of_folder(error: BaseException) -> OSError | None:
    """Return what is wrong with the folder, where `error` or what it came from is about that."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in NO_ROOM | NO_RIGHT:
            return cause
        cause = cause.__cause__ or cause.__context__
    return None

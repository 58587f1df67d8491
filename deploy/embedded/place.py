"""Errors of unusable folders, as sentences."""

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
    """Report a `folder` that is full or not writable; `variable` sets another one.

    Raises:
        NoPlace: the folder is full or not writable.

    """
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise NoPlace(
                f"{folder} is full ({error.strerror}). Make room, or set {variable} to a folder with room; "
                "completed downloads are kept"
            ) from None
        if error.errno in NO_RIGHT:
            raise NoPlace(
                f"{folder} cannot be written ({error.strerror}). Set {variable} to a writable folder"
            ) from None
        raise


def private(folder: Path) -> None:
    """Create a folder and its parents, private to its owner even if it already existed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if stat.S_IMODE(folder.stat().st_mode) & 0o077:
        folder.chmod(0o700)


def temporary(prefix: str) -> Path:
    """Create a folder that lives as long as this process.

    Raises:
        NoPlace: no folder is writable, or there is no room.

    """
    try:
        return Path(tempfile.mkdtemp(prefix=prefix))
    except OSError as error:
        raise NoPlace(
            f"no folder for temporary files ({error.strerror}). Set TMPDIR to a writable one"
        ) from None


def fault_of_folder(error: BaseException) -> OSError | None:
    """Return the folder's problem if `error` or its cause is about that."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in NO_ROOM | NO_RIGHT:
            return cause
        cause = cause.__cause__ or cause.__context__
    return None

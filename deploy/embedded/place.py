"""Errors of unusable folders, as sentences."""

from __future__ import annotations

import errno
import ssl
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eropaf.deploy.embedded.errors import NoPlace

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
NO_RIGHT = frozenset({errno.EROFS, errno.ENOTDIR})
# A socket has these too: of a file only where one is named.
NO_RIGHT_ON_A_FILE = frozenset({errno.EACCES, errno.EPERM})


def has_no_room(error: OSError) -> bool:
    """Return whether the file system has no room."""
    return error.errno in NO_ROOM and not isinstance(error, ssl.SSLError)


def has_no_right(error: OSError) -> bool:
    """Return whether this user may not use a file or folder.

    TLS's errors carry OpenSSL's numbers: its 1, a certificate that is not trusted, is the system's EPERM.
    """
    if isinstance(error, ssl.SSLError):
        return False
    return error.errno in NO_RIGHT or (error.errno in NO_RIGHT_ON_A_FILE and error.filename is not None)


@contextmanager
def kept_in(folder: Path, variable: str) -> Iterator[None]:
    """Report a `folder` that is full or not writable; `variable` sets another one.

    Raises:
        NoPlace: the folder is full or not writable.

    """
    try:
        yield
    except OSError as error:
        if has_no_room(error):
            raise NoPlace(
                f"{folder} is full ({error.strerror}). Make room, or set {variable} to a folder with room; "
                "completed downloads are kept"
            ) from None
        if has_no_right(error) and _is_on_the_way(error.filename, folder):
            raise NoPlace(
                f"{folder} cannot be written ({error.strerror}). Set {variable} to a writable folder"
            ) from None
        raise


def _is_on_the_way(named: object, folder: Path) -> bool:
    """Return whether an error that has `named` a file, or none, is about `folder`: not about a program."""
    path = Path(str(named))
    return named is None or path == folder or folder in path.parents or path in folder.parents


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
        if isinstance(cause, OSError) and (has_no_room(cause) or has_no_right(cause)):
            return cause
        cause = cause.__cause__ or cause.__context__
    return None

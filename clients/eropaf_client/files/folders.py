"""Folders held by file descriptor: a file lands in the right folder even if a path is swapped.

POSIX only. A name is what the file system says, even if it is not UTF-8.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from eropaf_client.errors import LedgerError, LedgerFull

# The limit of most file systems, in bytes.
LONGEST_FILE_NAME_BYTES = 255
LONGEST_LINE = 65_536
# Errors that pass once somebody makes room or remounts the disk writable.
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Folder:
    """A folder, opened once. A link in its place is refused.

    A folder `within` another is private to its owner and to the group `readers` (a number).

    Each method may raise `LedgerFull` (retriable) if nothing can be written now, and `LedgerError` for any
    other refusal of the file system.

    Raises:
        LedgerError: it is not a folder, is a link to one, or is not accessible.
    """

    def __init__(self, path: Path, within: Folder | None = None, readers: int | None = None) -> None:
        self.path = path
        try:
            if within is not None and path.name not in os.listdir(within.fd):
                os.mkdir(path.name, 0o700, dir_fd=within.fd)
            parent = None if within is None else within.fd
            self.fd: int = os.open(path if within is None else path.name, OPEN, dir_fd=parent)
        except OSError as error:
            raise LedgerError(
                f"{path} is not a usable folder ({error.strerror}). A link to one is refused: create a real "
                "folder"
            ) from None
        if within is not None:
            with suppress(OSError):  # made by an earlier version, which gave others access
                os.fchmod(self.fd, 0o700)
            _let_read(self.fd, readers, 0o750)

    @property
    def senders(self) -> int | None:
        """The group that may put files here, and so may read the answers; None if no group may."""
        known = os.fstat(self.fd)
        return known.st_gid if known.st_mode & stat.S_IWGRP else None

    @property
    def deleted(self) -> bool:
        """Whether it has been deleted since it was opened."""
        return os.fstat(self.fd).st_nlink == 0

    def close(self) -> None:
        """Release it."""
        os.close(self.fd)

    def names(self) -> list[str]:
        """Return the names in it, in order."""
        with self._told():
            return sorted(os.listdir(self.fd))

    def stat(self, name: str) -> os.stat_result | None:
        """Return the status of `name`, without following a link; None if it is gone."""
        with self._told(name):
            try:
                return os.stat(name, dir_fd=self.fd, follow_symlinks=False)
            except FileNotFoundError:
                return None

    def move(self, name: str, to: Folder, new_name: str) -> None:
        """Move a file into another folder, on the same file system.

        Raises:
            FileNotFoundError: it has gone.
        """
        with self._told(name):
            try:
                os.rename(name, new_name, src_dir_fd=self.fd, dst_dir_fd=to.fd)
            except FileNotFoundError as error:
                if self.stat(name) is None:
                    raise
                raise LedgerError(f"{to.path} was deleted; create it again and restart") from error

    def remove(self, name: str) -> None:
        """Delete a file; one that has gone is no matter."""
        with self._told(name), suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self.fd)

    def write(self, name: str, lines: Iterable[str], readers: int | None = None) -> None:
        """Write a new file, replacing an existing one; never follow a link.

        It is private to its owner; the group `readers` (a number) may read it.
        """
        with self._told(name):
            if self.stat(name) is not None:
                os.unlink(name, dir_fd=self.fd)
            made = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=self.fd)
            with open(made, "w", encoding="utf-8", errors="backslashreplace") as file:
                _let_read(made, readers, 0o640)
                file.writelines(lines)
                file.flush()
                os.fsync(made)

    def append(self, name: str, lines: Iterable[str]) -> None:
        """Append to one of our files; a link is refused."""
        with self._told(name):
            opened = os.open(name, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW, dir_fd=self.fd)
            with open(opened, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.writelines(lines)

    def lines(self, name: str) -> Iterator[str]:
        """Yield the lines of a regular file, each cut to our longest; of a link none.

        Raises:
            FileNotFoundError: it does not exist.
        """
        with self._told(name):
            opened = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=self.fd)
            with open(opened, encoding="utf-8", errors="replace", newline="") as file:
                while line := file.readline(LONGEST_LINE):
                    yield line

    @contextmanager
    def _told(self, name: str = "") -> Iterator[None]:
        """Return our error for one of the file system's, except a missing file."""
        try:
            yield
        except FileNotFoundError:
            raise
        except OSError as error:
            path = shown(str(self.path / name))
            if error.errno in NO_ROOM:
                to_do = "mount it to be written" if error.errno == errno.EROFS else "make room"
                raise LedgerFull(f"{path} cannot be written ({error.strerror}); {to_do}") from error
            raise LedgerError(f"{path} cannot be used ({error.strerror}); check its permissions") from error

    def free(self, name: str, room: int) -> str:
        """Return an unused name close to `name`, leaving `room` bytes for a suffix."""
        path, number = Path(name), 1
        suffix = path.suffix if len(os.fsencode(path.suffix)) < LONGEST_FILE_NAME_BYTES // 4 else ""
        stem = name[: len(name) - len(suffix)]
        while True:
            end = suffix if number == 1 else f"-{number}{suffix}"
            most = LONGEST_FILE_NAME_BYTES - room - len(os.fsencode(end))
            found = _cut(stem, most) + end
            if self.stat(found) is None:
                return found
            number += 1


def _let_read(fd: int, readers: int | None, mode: int) -> None:
    """Let a group read an open file, whatever the umask; leave it private if that fails."""
    if readers is not None:
        with suppress(OSError):
            os.fchown(fd, -1, readers)
            os.fchmod(fd, mode)


def shown(name: str) -> str:
    """Return `name` as printable text: bytes that are not UTF-8 are marked."""
    return os.fsencode(name).decode("utf-8", "replace")


def _cut(text: str, most: int) -> str:
    """Return the longest prefix of whole characters of `text` within `most` bytes."""
    while len(os.fsencode(text)) > most:
        text = text[:-1]
    return text

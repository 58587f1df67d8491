"""For creditors that cannot stream: a file put in a folder is published, and answered beside it."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any, Callable, NamedTuple

from eropaf_client.errors import FileRefused, OutboxInUse, Problem
from eropaf_client.files.filed import NOTHING_ASKED, Asked
from eropaf_client.files.reading import READERS, read_by_creditor
from eropaf_client.files.receipt import RECEIPT, accepted, refused
from eropaf_client.outbox_publisher import OutboxPublisher
from eropaf_client.schemas.registry import Registry

# A file that nobody has written to for this long is taken to be complete.
SETTLED_S = 2.0
LOOK_EVERY_S = 0.5

OWN = ".eropaf"
TAKEN = "taken"
ACCEPTED = "accepted"
REFUSED = "refused"

TABLES = "CREATE TABLE IF NOT EXISTS file (sha256 TEXT PRIMARY KEY, name TEXT, taken_on TEXT, done INTEGER)"


class Answered(NamedTuple):
    """A file that was dealt with: where it lies now, its receipt, and how many signals were stored."""

    file: Path
    receipt: Path
    stored: int


class WatchedFolder:
    """Publishes each file that is put into `folder`, once.

    A file is picked up whole, by a rename, when it has not changed for two seconds. It then lies in
    `accepted` or `refused`, with `<name>.receipt.csv` beside it. A file with a fault is refused as a
    whole. A file whose content was accepted before is refused, whatever its name. Links, folders
    and names that begin with a dot are left alone.

    Whatever is killed, a file's signals are stored once: they go through an outbox, and a file
    that was in hand is taken up again.

    Raises:
        OutboxInUse: another process watches this folder.
    """

    def __init__(
        self,
        folder: Path,
        bootstrap: str,
        creditor: str | None,
        registry: Registry | None = None,
        config: Mapping[str, Any] | None = None,
        asked: Asked = NOTHING_ASKED,
    ) -> None:
        self._folder = folder
        self._asked = asked
        self._creditor = creditor
        self._own = folder / OWN
        for path in (self._own / TAKEN, folder / ACCEPTED, folder / REFUSED):
            path.mkdir(parents=True, exist_ok=True)
        self._connect = (bootstrap, registry, config)
        self._publishers: dict[str, OutboxPublisher] = {}
        self._journal = sqlite3.connect(str(self._own / "journal.db"), isolation_level=None, timeout=1)
        try:
            self._journal.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._journal.execute("PRAGMA synchronous = FULL")
            self._journal.execute(TABLES)
            self._journal.execute("DELETE FROM file WHERE sha256 = ''")  # takes the lock
        except sqlite3.OperationalError as error:
            self._journal.close()
            if "locked" not in str(error):
                raise
            raise OutboxInUse(f"{folder}: another process watches this folder; end it first") from None

    def __enter__(self) -> WatchedFolder:
        return self

    def __exit__(self, *exc_info: object) -> None:
        for publisher in self._publishers.values():
            publisher.__exit__()
        self._journal.close()

    def watch(self, answered: Callable[[Answered], object], stopped: Callable[[], bool]) -> None:
        """Deal with each file as it comes until `stopped()` turns true.

        Raises:
            NotAcknowledged: the broker does not answer; the file in hand is taken up at the next start.
        """
        while not stopped():
            for file in self._in_hand():
                answered(self._deal_with(file))
            self._pick_up()
            if not self._in_hand():
                time.sleep(LOOK_EVERY_S)

    def _in_hand(self) -> list[Path]:
        return sorted((self._own / TAKEN).iterdir())

    def _pick_up(self) -> None:
        now = time.time()
        for entry in os.scandir(self._folder):
            if entry.name.startswith(".") or not entry.is_file(follow_symlinks=False):
                continue
            # What begins with ~$ is Excel's own note that somebody has the workbook open.
            if entry.name.startswith("~$") or entry.name.endswith(RECEIPT):
                continue
            if Path(entry.name).suffix.lower() in READERS:
                changed = entry.stat(follow_symlinks=False).st_mtime
                if now - changed >= SETTLED_S:
                    os.rename(entry.path, self._own / TAKEN / entry.name)

    def _deal_with(self, file: Path) -> Answered:
        if file.is_symlink():
            return self._move(file, REFUSED, refused([Problem("file", "is a link")]))
        try:
            found = read_by_creditor(file, self._creditor, self._asked)
        except FileRefused as error:
            return self._move(file, REFUSED, refused(error.problems))
        digest = _digest(file)
        before = self._journal.execute(
            "SELECT taken_on FROM file WHERE sha256 = ? AND done", (digest,)
        ).fetchone()
        if before:
            said = f"is the same as one accepted on {before[0]}; nothing was sent again"
            return self._move(file, REFUSED, refused([Problem("file", said)]))
        self._journal.execute(
            "INSERT OR IGNORE INTO file VALUES (?, ?, ?, 0)", (digest, file.name, date.today().isoformat())
        )
        by_creditor = found.by_creditor
        for creditor, filed in by_creditor.items():
            self._publisher(creditor).report_all(each.signal for each in filed)
        everything = chain.from_iterable(by_creditor.values())
        answer = self._move(file, ACCEPTED, accepted(everything), sum(map(len, by_creditor.values())))
        self._journal.execute("UPDATE file SET done = 1 WHERE sha256 = ?", (digest,))
        return answer

    def _publisher(self, creditor: str) -> OutboxPublisher:
        if creditor not in self._publishers:
            bootstrap, registry, config = self._connect
            outbox = self._own / f"outbox-{creditor}.db"
            self._publishers[creditor] = OutboxPublisher(bootstrap, creditor, outbox, registry, config)
        return self._publishers[creditor]

    def _move(self, file: Path, where: str, lines: Iterator[str], stored: int = 0) -> Answered:
        """Put the receipt where the file will lie, then the file beside it."""
        target = _free(self._folder / where, file.name)
        receipt = target.with_name(target.name + RECEIPT)
        unfinished = self._own / "receipt.part"
        with unfinished.open("w", encoding="utf-8") as opened:
            opened.writelines(lines)
        os.replace(unfinished, receipt)
        os.rename(file, target)
        return Answered(target, receipt, stored)


def _digest(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        for part in iter(lambda: opened.read(1 << 20), b""):
            digest.update(part)
    return digest.hexdigest()


def _free(folder: Path, name: str) -> Path:
    """Give a path in `folder` that is not taken, as near to `name` as can be."""
    path, number = folder / name, 1
    while path.exists():
        number += 1
        path = folder / f"{Path(name).stem}-{number}{Path(name).suffix}"
    return path

"""For creditors that cannot stream: publishes files put into a folder, each answered by a receipt."""

from __future__ import annotations

import hashlib
import logging
import os
import stat
import time
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import date, timedelta
from itertools import chain
from pathlib import Path
from typing import Callable, NamedTuple, Protocol

from eropaf_client.cluster import Where, cluster
from eropaf_client.errors import (
    ClientError,
    FileRefused,
    LedgerError,
    NotPermitted,
    OutboxInUse,
    Problem,
    TopicMissing,
)
from eropaf_client.feedback import FeedbackReader
from eropaf_client.files.feedback_file import FEEDBACK, FeedbackFile, is_ours
from eropaf_client.files.filed import NOTHING_ASKED, Asked
from eropaf_client.files.folders import Folder
from eropaf_client.files.reading import READERS, read_by_creditor
from eropaf_client.files.receipt import RECEIPT, accepted, refused
from eropaf_client.files.sendable import check
from eropaf_client.ledger import Ledger
from eropaf_client.lifetime import Closing
from eropaf_client.outbox import REMEMBERED_DAYS
from eropaf_client.outbox_publisher import OutboxPublisher
from eropaf_client.records import ArrearsSignal

LOG = logging.getLogger("eropaf_client")

# A file not written to for this long is taken to be complete.
SETTLED_S = 2.0
FOLDER_CHECKED_EVERY_S = 0.5
# While a broker is unavailable, or the disk is full.
LONGEST_FOLDER_PAUSE_S = 30.0
# What was answered names people: it goes as soon as the signals of it do (`arrears.*`, 30 days).
ANSWERED_KEPT_S = 30 * 86_400.0
SWEPT_EVERY_S = 3_600.0

OWN = ".eropaf"
TAKEN = "taken"
ACCEPTED = "accepted"
REFUSED = "refused"
UNFINISHED = "receipt.part"

# What an office may deliver, and what is refused with a receipt: of files left lying nobody would hear.
REFUSED_KINDS = frozenset(
    {".xls", ".xlsm", ".xlsb", ".xlt", ".xltx", ".ods", ".numbers", ".txt", ".tsv", ".tab", ".xml"}
    | {".zip", ".gz", ".7z", ".rar", ".pdf", ".doc", ".docx"}
)

# Offices write people's names into those of files, so none is kept, of earlier versions neither.
TABLES = """
CREATE TABLE IF NOT EXISTS file (sha256 TEXT PRIMARY KEY, name TEXT, taken_on TEXT, done INTEGER);
UPDATE file SET name = NULL WHERE name IS NOT NULL
"""


class Answered(NamedTuple):
    """A file that was dealt with: its new path, its receipt, and how many signals were stored.

    `told` says how it was read and what was left out, in sentences; empty for a refused file.
    """

    file: Path
    receipt: Path
    stored: int
    told: tuple[str, ...] = ()


class Publisher(Protocol):
    """The publisher that a folder uses; see `OutboxPublisher`."""

    def check(self, signal: ArrearsSignal) -> None:
        """Check whether it can be sent, storing nothing."""

    def report_all(self, signals: Iterable[ArrearsSignal]) -> int:
        """Store and send signals; return once the broker has all."""

    def close(self) -> None:
        """Let go."""


class FolderJournal(Ledger):
    """Which files were taken, and which were accepted."""

    in_use = OutboxInUse

    def __init__(self, path: Path) -> None:
        super().__init__(path, "folder", TABLES)

    def accepted_on(self, digest: str) -> str | None:
        """Return the day on which a file with this content was accepted."""
        found = self.read("SELECT taken_on FROM file WHERE sha256 = ? AND done", digest)
        return found[0][0] if found else None

    def in_hand(self, digest: str) -> bool:
        """Return whether a file with this content was picked up, so that part of it may be stored."""
        return bool(self.read("SELECT 1 FROM file WHERE sha256 = ? AND NOT done", digest))

    def take(self, digest: str) -> None:
        """Note a file that is in hand."""
        today = date.today().isoformat()
        self.write("INSERT OR IGNORE INTO file VALUES (?, NULL, ?, 0)", digest, today)

    def forget_old(self, today: date) -> None:
        """Forget the files of so long ago that a signal of them would be sent again."""
        oldest = today - timedelta(days=REMEMBERED_DAYS)
        self.write("DELETE FROM file WHERE taken_on < ?", oldest.isoformat())

    def done(self, digest: str) -> None:
        """Note that all of a file is stored."""
        self.write("UPDATE file SET done = 1 WHERE sha256 = ?", digest)


class WatchedFolder(Closing):
    """Publishes each file that is put into `folder`, once.

    A file is picked up whole, by a rename, when it has not changed for two seconds. It then lies in
    `accepted` or `refused`, with `<name>.receipt.csv` beside it. A file with a fault is refused as a
    whole, and so is one of another office kind, such as .xls. A file whose content was accepted before is
    refused, whatever its name. Links, folders, names that begin with a dot, and kinds that no office
    delivers are left alone. What is answered may be read by its owner, and by the
    folder's group where that may put files there. After thirty days it is deleted; its receipt, which names
    nobody unless the file's own name does, stays. Where the folder is one creditor's, `feedback.csv` in it
    says what became of its signals.

    A fault in one file never affects the others. Whatever is killed, a file's signals are stored once: they
    go through an outbox, and a file in hand is resumed.

    Raises:
        OutboxInUse: another process is watching this folder.
        LedgerError: it, or a folder in it, is a link or not accessible.
    """

    def __init__(
        self,
        folder: Path,
        where: Where,
        creditor: str | None,
        asked: Asked = NOTHING_ASKED,
        publisher: Callable[[str, Path], Publisher] | None = None,
        feedback: Callable[[str], FeedbackReader] | None = None,
    ) -> None:
        self._creditor = creditor
        self._asked = asked
        at = cluster(where)
        # Files that cannot be picked up, so that each is reported once.
        self._left: set[str] = set()
        # Files whose timestamp lies ahead: how each was seen, and since when (monotonic).
        self._ahead: dict[str, tuple[tuple[int, int], float]] = {}
        self._swept_at = -SWEPT_EVERY_S
        self._publishers: dict[str, Publisher] = {}
        self._make = publisher or (lambda name, path: OutboxPublisher(at, name, path))
        with ExitStack() as stack:

            def opened(path: Path, within: Folder | None = None, readers: int | None = None) -> Folder:
                found = Folder(path, within, readers)
                stack.callback(found.close)
                return found

            _make(folder)
            self._folder = opened(folder)
            self._own = opened(folder / OWN, self._folder)
            self._taken = opened(folder / OWN / TAKEN, self._own)
            readers = self._folder.senders
            self._answers = {
                each: opened(folder / each, self._folder, readers) for each in (ACCEPTED, REFUSED)
            }
            self._journal = FolderJournal(folder / OWN / "journal.db")
            stack.callback(self._journal.close)
            read = feedback or (lambda name: FeedbackReader(at, name))
            self._feedback = FeedbackFile(self._folder, self._own, lambda: read(creditor or ""))
            stack.callback(self._feedback.close)
            self._open = stack.pop_all()

    def close(self) -> None:
        """Close; files in hand are resumed at the next start. Idempotent."""
        for publisher in self._publishers.values():
            publisher.close()
        self._open.close()

    def watch(self, answered: Callable[[Answered], object], stopped: Callable[[], bool]) -> None:
        """Process each file as it arrives until `stopped()` turns true.

        While the broker is unavailable or the disk is full, it waits and retries.

        Raises:
            ClientError: the cluster refuses us, or one of our files cannot be used.
        """
        pause_s = FOLDER_CHECKED_EVERY_S
        while not stopped():
            try:
                found = self.look()
                pause_s = FOLDER_CHECKED_EVERY_S
            except ClientError as error:
                if not error.retriable:
                    raise
                LOG.warning("%s: tried again in %.0f s", error, pause_s)
                found, pause_s = [], min(LONGEST_FOLDER_PAUSE_S, pause_s * 2)
            for each in found:
                answered(each)
            if self._creditor is not None:
                self._feedback.refresh()
            if not found:
                time.sleep(pause_s)

    def look(self) -> list[Answered]:
        """Finish files in hand, then pick up new ones; return those that were answered.

        Raises:
            ClientError: nothing can be sent now; files in hand remain so.
        """
        self._sweep()
        if not self._taken.names():
            self._pick_up()
        found = []
        for name in self._taken.names():
            answered = self._deal_with(name)
            if answered is not None:
                found.append(answered)
        return found

    def _sweep(self) -> None:
        """Delete what was answered thirty days ago: a file's change time is when it was put there."""
        if time.monotonic() - self._swept_at < SWEPT_EVERY_S:
            return
        self._swept_at = time.monotonic()
        self._journal.forget_old(date.today())
        before = time.time() - ANSWERED_KEPT_S
        for folder in self._answers.values():
            for name in folder.names():
                known = folder.stat(name)
                if known is None or name.endswith(RECEIPT) or not stat.S_ISREG(known.st_mode):
                    continue
                if known.st_ctime < before:
                    folder.remove(name)

    def _pick_up(self) -> None:
        now = time.time()
        names = self._folder.names()
        self._left.intersection_update(names)
        self._ahead = {name: self._ahead[name] for name in self._ahead.keys() & set(names)}
        for name in names:
            # A name with ~$ is Excel's lock file for an open workbook.
            if name.startswith((".", "~$")) or name.endswith(RECEIPT) or not _is_delivery(name):
                continue
            try:
                if self._is_settled(name, now):
                    self._folder.move(name, self._taken, name)
                    self._left.discard(name)
            except FileNotFoundError:  # taken back in the meantime
                continue
            except LedgerError as error:
                if error.retriable or self._taken.deleted:  # ours: a restart creates it again
                    raise
                if name not in self._left:
                    self._left.add(name)
                    LOG.warning("a file is left where it is, and the others go on: %s", error)

    def _is_settled(self, name: str, now: float) -> bool:
        known = self._folder.stat(name)
        if known is None or not stat.S_ISREG(known.st_mode) or not self._unchanged(name, known, now):
            return False
        return not (name == FEEDBACK and is_ours(self._folder))

    def _unchanged(self, name: str, known: os.stat_result, now: float) -> bool:
        """Return whether a file has not changed for long enough.

        A sender's program may keep a timestamp of the sender's clock: of one that lies ahead only that it
        stays the same says anything.
        """
        if known.st_mtime <= now:
            self._ahead.pop(name, None)
            return now - known.st_mtime >= SETTLED_S
        seen, here = (known.st_size, known.st_mtime_ns), time.monotonic()
        if self._ahead.get(name, (None, here))[0] != seen:
            self._ahead[name] = (seen, here)
        return here - self._ahead[name][1] >= SETTLED_S

    def _deal_with(self, name: str) -> Answered | None:
        known = self._taken.stat(name)
        if known is None:
            return None
        if not stat.S_ISREG(known.st_mode):
            return self._refuse(name, [Problem("file", "is no plain file")])
        path, again = self._taken.path / name, False
        try:
            delivered = read_by_creditor(path, self._creditor, self._asked)
            found = delivered.by_creditor
            digest = _digest(path)
            again = self._journal.in_hand(digest)
            publishers = {creditor: self._publisher(creditor) for creditor in found}
            before = self._journal.accepted_on(digest)
            if before:
                said = f"is the same as one accepted on {before}; nothing was sent again"
                return self._refuse(name, [Problem("file", said)])
            check(path, found, publishers)
            self._journal.take(digest)
            again = True
            for creditor, filed in found.items():
                publishers[creditor].report_all(each.signal for each in filed)
        except FileNotFoundError:
            return None
        except FileRefused as error:
            # Somebody still wrote to it while it was being sent, or an earlier version picked it up and was
            # killed.
            sent = again or self._was_begun(path)
            return self._answer(name, REFUSED, refused(error.problems, sent=sent))
        lines = accepted(chain.from_iterable(found.values()), delivered.told)
        answer = self._answer(name, ACCEPTED, lines, sum(map(len, found.values())))
        self._journal.done(digest)
        return answer._replace(told=delivered.told)

    def _was_begun(self, path: Path) -> bool:
        try:
            return self._journal.in_hand(_digest(path))
        except (FileRefused, FileNotFoundError):
            return False

    def _publisher(self, creditor: str) -> Publisher:
        if creditor not in self._publishers:
            try:
                path = self._own.path / f"outbox-{creditor}.db"
                self._publishers[creditor] = self._make(creditor, path)
            except (TopicMissing, NotPermitted) as error:
                said = f"names the creditor {creditor}, whose signals are not taken here ({error.code})"
                raise FileRefused("file", [Problem("file", said)]) from error
        return self._publishers[creditor]

    def _refuse(self, name: str, problems: Iterable[Problem]) -> Answered:
        return self._answer(name, REFUSED, refused(problems))

    def _answer(self, name: str, where: str, lines: Iterable[str], stored: int = 0) -> Answered:
        """Write the receipt to the file's destination, then move the file there."""
        folder = self._answers[where]
        target = folder.free(name, len(RECEIPT))
        self._own.write(UNFINISHED, lines, self._folder.senders)
        self._own.move(UNFINISHED, folder, target + RECEIPT)
        self._taken.move(name, folder, target)
        return Answered(folder.path / target, folder.path / (target + RECEIPT), stored)


def _is_delivery(name: str) -> bool:
    return Path(name).suffix.lower() in REFUSED_KINDS.union(READERS)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError(f"{folder} cannot be created ({error.strerror}); check the permissions") from error


def _digest(file: Path) -> str:
    digest = hashlib.sha256()
    try:
        with file.open("rb") as opened:
            for part in iter(lambda: opened.read(1 << 20), b""):
                digest.update(part)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise FileRefused(str(file), [Problem("file", f"cannot be read ({error.strerror})")]) from None
    return digest.hexdigest()

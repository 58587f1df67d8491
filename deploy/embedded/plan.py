"""A node before it runs: its folder, its ports, its command."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from eropaf.deploy.embedded import jvm
from eropaf.deploy.embedded.certificates import write_private
from eropaf.deploy.embedded.errors import FormatFailed
from eropaf.deploy.embedded.identity import Identity
from eropaf.deploy.embedded.installation import Installation
from eropaf.deploy.embedded.log import last_lines
from eropaf.deploy.embedded.place import private
from eropaf.deploy.embedded.properties import Ports, render, server_properties
from eropaf.deploy.embedded.security import Security
from eropaf.deploy.embedded.spawn import close, spawn

FORMAT_WITHIN_S = 120

LOG4J = """\
status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d %p %c{1}: %m%n
rootLogger.level = info
rootLogger.appenderRef.out.ref = out
logger.settings.name = org.apache.kafka.common.config.AbstractConfig
logger.settings.level = warn
"""


@dataclass(frozen=True, slots=True)
class NodePlan:
    """Everything needed to start one node."""

    id: int
    ports: Ports
    folder: Path
    command: tuple[str, ...]
    security: Security | None = None

    @property
    def log_path(self) -> Path:
        """The node's output since its last start: Kafka's log and Java's messages."""
        return self.folder / "kafka.log"


# The same for every node, or a function of each node's id and ports.
Properties: TypeAlias = Mapping[str, str] | Callable[[int, Ports], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Settings:
    """A caller's choices for each node."""

    heap_mb: int = jvm.HEAP_MB
    properties: Properties | None = None
    jvm_options: Sequence[str] = ()
    security: Security | None = None


@dataclass(frozen=True, slots=True)
class Folders:
    """A cluster's directory, and what to delete when its owner is killed."""

    data_dir: Path
    temporary: Path | None = None


def prepare(
    folders: Folders, identity: Identity, installation: Installation, settings: Settings
) -> tuple[NodePlan, ...]:
    """Write each node's settings, and format the storage of new ones.

    Raises:
        FormatFailed: Kafka refuses the settings.

    """
    nodes = range(1, len(identity.nodes) + 1)
    with ThreadPoolExecutor(len(nodes)) as pool:  # each waits for a Java of its own
        return tuple(pool.map(lambda id_: _prepare(id_, folders, identity, installation, settings), nodes))


def _prepare(
    id_: int, folders: Folders, identity: Identity, installation: Installation, settings: Settings
) -> NodePlan:
    folder = folders.data_dir / f"node-{id_}"
    private(folder)  # Kafka's files contain records with residents' addresses and numbers
    (folder / "tmp").mkdir(exist_ok=True)
    (folder / "log4j2.properties").write_text(LOG4J, "utf-8")
    properties = folder / "server.properties"
    data = folder / "data"
    wanted = settings.properties
    extra = wanted(id_, identity.nodes[id_ - 1]) if callable(wanted) else wanted

    def write_properties(storage: Path) -> None:
        content = server_properties(id_, identity.nodes, storage, extra, settings.security)
        write_private(properties, render(content).encode("ascii"))  # it may hold a password

    if not data.exists():
        # Under another name, so that a format killed halfway is not taken for storage.
        unfinished = folder / "data.formatting"
        shutil.rmtree(unfinished, ignore_errors=True)
        write_properties(unfinished)
        users = settings.security.format_arguments() if settings.security else ()
        format_storage = ("format", "-t", identity.cluster_id, "-c", str(properties), *users)
        _run_tool(jvm.java(installation, jvm.STORAGE_TOOL, *format_storage, folder=folder), folder, folders)
        os.replace(unfinished, data)
    write_properties(data)

    command = jvm.java(
        installation,
        jvm.BROKER,
        str(properties),
        folder=folder,
        heap_mb=settings.heap_mb,
        options=settings.jvm_options,
    )
    return NodePlan(id_, identity.nodes[id_ - 1], folder, tuple(command), settings.security)


def _run_tool(command: list[str], folder: Path, folders: Folders) -> None:
    """Format with Kafka's own tool: a handmade folder would have the new group protocol disabled."""
    log = folder / "format.log"
    tool = spawn(command, cwd=folder, log=log, temporary=folders.temporary)
    try:
        status = tool.wait(FORMAT_WITHIN_S)
    finally:
        close(tool)
    if status:
        raise FormatFailed(
            f"Kafka's storage tool ended with status {status} in {folder}. The end of its log:\n"
            f"{last_lines(log)}\nMost likely a setting in `properties` is wrong: correct it and start again."
        )

"""The command lines of Kafka's Java programs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from eropaf.deploy.embedded.installation import Installation

BROKER = "kafka.Kafka"
STORAGE_TOOL = "kafka.tools.StorageTool"
HEAP_MB = 256

# A broker for one machine: the fast compiler and the small collector halve its start-up time and memory. The
# start-up cache is made with the same flags. No perf data: it litters /tmp.
FAST = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData")

# Each can add flags to any Java a user starts, which would invalidate the start-up cache.
FOREIGN_FLAGS = ("CLASSPATH", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")


def java(
    installation: Installation,
    main: str,
    *arguments: str,
    folder: Path,
    heap_mb: int = HEAP_MB,
    options: Sequence[str] = (),
) -> list[str]:
    """Return the command that runs `main` for the node of this folder.

    Temporary files (native libraries that Kafka unpacks) go there too, so that a killed broker leaves nothing
    elsewhere.
    """
    if installation.aot_cache:
        options = (f"-XX:AOTCache={installation.aot_cache}", *options)
    return [
        str(installation.java),
        *FAST,
        f"-Xms{min(64, heap_mb)}m",
        f"-Xmx{heap_mb}m",
        "-XX:+ExitOnOutOfMemoryError",
        *options,
        f"-Djava.io.tmpdir={folder / 'tmp'}",
        f"-Dlog4j2.configurationFile={(folder / 'log4j2.properties').as_uri()}",
        "-cp",
        installation.class_path,
        main,
        *arguments,
    ]


def environment(own: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return this process's environment without variables that change Java's flags.

    Java reads file names in the locale's encoding, so in locale C paths must be ASCII.
    """
    kept = {name: value for name, value in own.items() if name not in FOREIGN_FLAGS}
    return {**kept, "LC_ALL": "C.UTF-8"}

"""Where Kafka's parts are on this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Installation:
    """A Java, the verified jars in the order of the lock, and the start-up cache if there is one."""

    java: Path
    kafka: str
    jars: tuple[Path, ...]
    aot_cache: Path | None = None

    @property
    def class_path(self) -> str:
        """Give the class path. Its order matters: the start-up cache holds for this one only."""
        return os.pathsep.join(str(jar) for jar in self.jars)


def cache_dir() -> Path:
    """Give this user's cache directory, as the XDG rules have it."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "eropaf"


def data_dir() -> Path:
    """Give this user's data directory, as the XDG rules have it."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "eropaf"

"""Where Kafka's parts are on this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from eropaf.deploy.embedded.errors import NoPlace

CACHE_VARIABLE, DATA_VARIABLE = "XDG_CACHE_HOME", "XDG_DATA_HOME"


@dataclass(frozen=True, slots=True)
class Installation:
    """A Java, the verified jars in the order of the lock, and the start-up cache if there is one."""

    java: Path
    kafka: str
    jars: tuple[Path, ...]
    aot_cache: Path | None = None

    @property
    def class_path(self) -> str:
        """Return the class path. Its order matters: the start-up cache is valid for this one only."""
        return os.pathsep.join(str(jar) for jar in self.jars)


def cache_dir() -> Path:
    """Return this user's cache directory, by the XDG rules."""
    return _of_user(CACHE_VARIABLE, Path(".cache"))


def data_dir() -> Path:
    """Return this user's data directory, by the XDG rules."""
    return _of_user(DATA_VARIABLE, Path(".local") / "share")


def _of_user(variable: str, folder: Path) -> Path:
    if given := os.environ.get(variable):
        return Path(given) / "eropaf"
    try:
        return Path.home() / folder / "eropaf"
    except RuntimeError:
        raise NoPlace(
            f"this user (id {os.getuid()}) has no home folder. Set {variable} to a writable folder"
        ) from None

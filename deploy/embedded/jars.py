"""The jars that make up Kafka, as listed in the lock file."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

LOCK_FILE = Path(__file__).with_name("kafka-4.2.2.lock.json")


@dataclass(frozen=True, slots=True)
class Jar:
    """One file on Maven Central, with the hash of the one that we tested."""

    group: str
    artifact: str
    version: str
    classifier: str
    packaging: str
    file: str
    size: int  # bytes
    sha256: str

    def matches(self, path: Path) -> bool:
        """Return whether the file at `path` is this jar, to the byte."""
        return path.is_file() and path.stat().st_size == self.size and sha256(path) == self.sha256


@dataclass(frozen=True, slots=True)
class Lock:
    """A Kafka version and its jars. Their order is the class path's."""

    kafka: str
    jars: tuple[Jar, ...]

    @property
    def size(self) -> int:
        """Bytes of all jars together."""
        return sum(jar.size for jar in self.jars)


def read_lock(path: Path = LOCK_FILE) -> Lock:
    """Read a lock file."""
    content = json.loads(path.read_text("utf-8"))
    return Lock(kafka=content["kafka"], jars=tuple(Jar(**jar) for jar in content["jars"]))


def sha256(path: Path) -> str:
    """Return a file's hash, in hex; `missing` if it does not exist."""
    if not path.is_file():
        return "missing"
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

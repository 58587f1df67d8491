"""What stands on a broker's disk, byte for byte."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def holders(data: Path, wanted: tuple[bytes, ...]) -> dict[bytes, set[str]]:
    """Return for each of `wanted` the logs, as topic-partition, where it stands in some segment."""
    found: dict[bytes, set[str]] = {each: set() for each in wanted}
    for path in data.rglob("*.log"):
        with suppress(FileNotFoundError):  # deleted just now
            held = path.read_bytes()
            for each in wanted:
                if each in held:
                    found[each].add(path.parent.name)
    return found

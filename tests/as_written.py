"""The rules as they are written, where `make compiled` has compiled them too."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.machinery import SOURCE_SUFFIXES, FileFinder, SourceFileLoader
from pathlib import Path

ROOT = Path(__file__).parents[1]
RULES = ROOT / "eropaf" / "risk"


def use_rules_as_written() -> None:
    """Let what is imported of `risk` from here on be its source."""

    def finder(folder: str) -> FileFinder:
        if Path(folder) != RULES:
            raise ImportError
        return FileFinder(folder, (SourceFileLoader, SOURCE_SUFFIXES))

    sys.path_hooks.insert(0, finder)
    sys.path_importer_cache.pop(str(RULES), None)


def stale() -> Iterator[Path]:
    """Yield what was compiled of a source that was edited since, or is gone."""
    for built in (built for room in ("risk", "schemas", "streams") for built in (ROOT / room).rglob("*.so")):
        name = built.name.partition(".")[0]
        written = (built.with_name(name + suffix) for suffix in (".pyx", ".py"))
        source = next(filter(Path.exists, written), None)
        if source is None or source.stat().st_mtime > built.stat().st_mtime:
            yield built.relative_to(ROOT)

"""The rules as they are written, where `make compiled` has compiled them too."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.machinery import EXTENSION_SUFFIXES, SOURCE_SUFFIXES, FileFinder, SourceFileLoader
from pathlib import Path

ROOT = Path(__file__).parents[1]
RULES = ROOT / "risk"


def use_rules_as_written() -> None:
    """Let what is imported of `risk` from here on be its source."""

    def finder(folder: str) -> FileFinder:
        if Path(folder) != RULES:
            raise ImportError
        return FileFinder(folder, (SourceFileLoader, SOURCE_SUFFIXES))

    sys.path_hooks.insert(0, finder)
    sys.path_importer_cache.pop(str(RULES), None)


def stale() -> Iterator[Path]:
    """Give what was compiled of a source that was edited since, or is gone."""
    for suffix in EXTENSION_SUFFIXES:
        for built in ROOT.glob(f"[a-z]*/*{suffix}"):
            name = built.parent / built.name.removesuffix(suffix)
            source = next(filter(Path.exists, map(name.with_suffix, (".pyx", ".py"))), None)
            if source is None or source.stat().st_mtime > built.stat().st_mtime:
                yield built

"""Which long modules are tried of a commit: a third, which its hash chooses, and all of them each night."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

SHARES = 3


def share(modules: Iterable[Path], commit: str) -> set[Path]:
    """Return the modules that are tried of this commit.

    Neighbours go to different shares: those that have most to wait for stand beside each other.
    """
    return set(sorted(modules)[int(commit, 16) % SHARES :: SHARES])

"""Memory that was freed goes back to the operating system."""

from __future__ import annotations

import ctypes

# glibc's own; other C libraries do so by themselves.
_TRIM = getattr(ctypes.CDLL(None), "malloc_trim", None)


def give_back() -> None:
    """Return every page that holds nothing any more to the system, in milliseconds.

    Others run meanwhile: it does not hold the interpreter's lock. glibc by itself returns the end of its
    heap alone: one small object there held all that a restore had read, some 60 MB, and each added to it.
    """
    if _TRIM is not None:
        _TRIM(0)

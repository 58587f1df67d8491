"""Whether codec, rows and rules run compiled or as plain Python."""

from __future__ import annotations

import sys
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import find_spec

from eropaf.settings import SettingsError

# One of each that may be compiled.
PARTS = ("eropaf_client.schemas.body", "eropaf.streams.state.packed", "eropaf.risk.household")


def compiled() -> bool:
    """Return whether everything that can be compiled is."""
    found = [find_spec(part) for part in PARTS]
    return all(spec is not None and str(spec.origin).endswith(tuple(EXTENSION_SUFFIXES)) for spec in found)


def check_lock() -> None:
    """Refuse a Python without its global interpreter lock: Kafka's client and the compiled parts rely on it.

    A free-threaded build enables the lock by itself for libraries that need it, which works.

    Raises:
        SettingsError: the lock was kept disabled.

    """
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        raise SettingsError(
            "this Python runs without its global lock (PYTHON_GIL=0, or -X gil=0), which Kafka's client "
            "relies on. Unset it, or use another build of Python"
        )


def told() -> str:
    """Return a line that says which form runs, and how to get the other."""
    if compiled():
        return "Codec, rows and rules run compiled."
    return (
        "Codec, rows and rules run as plain Python, at less than half the speed: in a checkout "
        "`make compiled` compiles them, elsewhere a C compiler at install does."
    )

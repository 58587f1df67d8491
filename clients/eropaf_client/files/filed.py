"""A signal as a file held it."""

from __future__ import annotations

from typing import NamedTuple

from eropaf_client.records import ArrearsSignal


class Filed(NamedTuple):
    """A signal, and where in its file it stood: `line 3`, or a JSON path."""

    place: str
    signal: ArrearsSignal

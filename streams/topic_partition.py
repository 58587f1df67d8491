"""Which partition of which topic: equal to Faust's and to any pair, without Faust and what it imports.

A command that asks a broker something needs no worker's framework: that takes a third of the time to import.
"""

from __future__ import annotations

from typing import NamedTuple


class TP(NamedTuple):
    """A partition of a topic."""

    topic: str
    partition: int

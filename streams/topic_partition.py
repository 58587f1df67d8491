"""A topic and partition: equal to Faust's TP and to any pair, without importing Faust.

A command that only queries a broker does not need Faust, whose import takes a third of its start-up time.
"""

from __future__ import annotations

from typing import NamedTuple


class TP(NamedTuple):
    """A partition of a topic."""

    topic: str
    partition: int

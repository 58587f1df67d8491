"""Closed sets of words, each written as it stands on the wire."""

from __future__ import annotations

from enum import Enum


class WireEnum(str, Enum):
    """A word of a closed set. It is the text that it is on the wire: equal to it, and shown as it.

    A word that a later version added is read as UNKNOWN, or as the set's own word for nothing.
    """

    def __str__(self) -> str:
        return str(self.value)

    def __format__(self, spec: str) -> str:
        return format(str(self.value), spec)

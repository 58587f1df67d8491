"""Closed sets of words, spelled as on the wire."""

from __future__ import annotations

from enum import Enum


class WireEnum(str, Enum):
    """A word of a closed set. It equals and prints as its text on the wire.

    A word added by a later version is read as UNKNOWN, or as the set's default.
    """

    def __str__(self) -> str:
        return str(self.value)

    def __format__(self, spec: str) -> str:
        return format(str(self.value), spec)

"""A signal as a file held it, and what whoever reads a file may say beforehand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from eropaf_client.records import ArrearsSignal


class Filed(NamedTuple):
    """A signal, and where in its file it stood: `line 3`, or a JSON path."""

    place: str
    signal: ArrearsSignal


@dataclass(frozen=True)
class Asked:
    """What the reader of a file is told beforehand.

    `encoding` is that of a CSV file whose bytes leave it open. `municipality` is the CBS code whose signals
    are taken from a DDAS file. `test_numbers` lets in a BSN that fails the eleven test: for examples and
    trials. `secret` makes contracts of the national model's signals that nobody without it can turn back
    into a person.
    """

    encoding: str | None = None
    municipality: str | None = None
    test_numbers: bool = False
    secret: bytes | None = field(default=None, repr=False)


NOTHING_ASKED = Asked()

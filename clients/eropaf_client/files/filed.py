"""A signal as found in a file, and the options for reading one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, NamedTuple

from eropaf_client.records import ArrearsSignal


class Filed(NamedTuple):
    """A signal and its place in the file: `line 3`, or a JSON path."""

    place: str
    signal: ArrearsSignal


@dataclass(frozen=True)
class Asked:
    """Options for reading a file.

    `encoding` is for a CSV file whose bytes are ambiguous. `municipality` is the CBS code whose signals are
    read from a DDAS file, or returns it: it is called where a file has no faults. `test_numbers` accepts a
    BSN that fails the eleven test: for examples and trials. `secret` derives contract names for the national
    model's signals that nobody without it can trace to a person.
    """

    encoding: str | None = None
    municipality: str | Callable[[], str] | None = None
    test_numbers: bool = False
    secret: bytes | None = field(default=None, repr=False)


NOTHING_ASKED = Asked()

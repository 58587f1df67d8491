"""Finds out, before anything of a file is sent, whether all of it can be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from eropaf_client.errors import InvalidSignal, Problem, Problems
from eropaf_client.files.reading import Signals
from eropaf_client.records import ArrearsSignal
from eropaf_client.schemas.errors import SchemaError


class Checks(Protocol):
    """What judges a signal without sending it; see `OutboxPublisher`."""

    def check(self, signal: ArrearsSignal) -> None:
        """Find out whether it can be sent, and keep nothing."""


def check(file: Path, found: Mapping[str, Signals], by: Mapping[str, Checks]) -> None:
    """Check the signals of each creditor by its own publisher, in the mapping `by`.

    Raises:
        FileRefused: some cannot be sent; each is named by its place.
    """
    problems = Problems()
    for creditor, filed in found.items():
        for each in filed:
            try:
                by[creditor].check(each.signal)
            except (InvalidSignal, SchemaError) as error:
                if error.retriable:
                    raise
                problems.add(Problem(each.place, str(error)))
    problems.refuse(str(file))

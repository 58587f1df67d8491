"""Finds out, before anything of a file is sent, whether all of it can be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from eropaf_client.errors import FileRefused, InvalidSignal, Problem
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
    problems: list[Problem] = []
    for creditor, filed in found.items():
        for each in filed:
            try:
                by[creditor].check(each.signal)
            except (InvalidSignal, SchemaError) as error:
                if error.retriable:
                    raise
                problems.append(Problem(each.place, str(error)))
    if problems:
        raise FileRefused(str(file), problems)

"""Checks, before any of a file is sent, whether all of it can be."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from eropaf_client.errors import InvalidSignal, Problem, Problems
from eropaf_client.files.reading import Signals
from eropaf_client.records import ArrearsSignal
from eropaf_client.schemas.errors import SchemaError


class Checks(Protocol):
    """Checks a signal without sending it; see `OutboxPublisher`."""

    def check(self, signal: ArrearsSignal) -> None:
        """Check whether it can be sent, storing nothing."""


def check(file: Path, found: Mapping[str, Signals], by: Mapping[str, Checks]) -> None:
    """Check each creditor's signals with that creditor's publisher in `by`.

    Raises:
        FileRefused: some cannot be sent; each is named with its place.
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

"""A stage of the flow: which topics it reads, and which table it keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A table: its name and how a row becomes bytes and back.

    `tally` says under what a row is counted, None for one that is not; without it there is no count
    but that of all rows.
    """

    name: str
    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], Any]
    tally: Callable[[Any], str | None] | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """One agent's place in the flow.

    A stage with a table owns a partition number as a whole: all inputs of that number, and the rows
    behind them. It is open only while every one of those inputs is assigned to this worker.
    """

    name: str
    inputs: tuple[str, ...]
    table: TableSpec | None = None


def changelog(group: str, table: str) -> str:
    """Name the compacted topic that holds the rows of `table`."""
    return f"{group}-{table}-changelog"

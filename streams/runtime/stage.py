"""A stage of the flow: which topics it reads, and which table it keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
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

    A stage `behind` another is chained to it: what that one writes to an input of this one is handed on in
    memory, and is saved with it in one transaction. Both own a partition number together. That asks of the
    two that their inputs have as many partitions, and that a record leads to records of its own key only.
    """

    name: str
    inputs: tuple[str, ...]
    table: TableSpec | None = None
    behind: Stage | None = None

    @property
    def head(self) -> Stage:
        """The first stage of its chain: itself, where it is not behind another."""
        return self if self.behind is None else self.behind.head


def chains(stages: Iterable[Stage]) -> dict[Stage, tuple[Stage, ...]]:
    """Return the chains that `stages` form, each under its head, in the order of the flow."""
    found: dict[Stage, list[Stage]] = {}
    for stage in stages:
        found.setdefault(stage.head, []).append(stage)
    for head, chained in found.items():
        if chained[0] != head:
            raise ValueError(f"{chained[0].name} is behind {head.name}, which is no stage before it")
    return {head: tuple(chained) for head, chained in found.items()}


def changelog(group: str, table: str) -> str:
    """Name the compacted topic that holds the rows of `table`."""
    return f"{group}-{table}-changelog"


def transactional_id(group: str, worker: str, stage: str) -> str:
    """Name the transactions of a stage, and of those chained behind it, on one worker."""
    return f"{group}-{worker}-{stage}"

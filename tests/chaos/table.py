"""What a run found, as a table a person reads."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.chaos.faults import Fault
from tests.verdict import COLUMNS


@dataclass(slots=True)
class Tally:
    """What happened with one kind of fault."""

    bound_s: float
    recoveries_s: list[float] = field(default_factory=list)
    differences: Counter[str] = field(default_factory=Counter)

    @property
    def good(self) -> bool:
        """Whether nothing differed, and every recovery was within its bound."""
        return not self.differences.total() and max(self.recoveries_s, default=0.0) <= self.bound_s


def as_markdown(tallies: Mapping[str, Tally]) -> str:
    """Return the table: a line a kind."""
    head = ["fault", "times", *COLUMNS, "recovery p50 s", "max s", "bound s"]
    lines = [head, ["---", *["---:"] * (len(head) - 1)]]
    for kind, tally in tallies.items():
        lines.append(
            [
                kind,
                str(len(tally.recoveries_s)),
                *(str(tally.differences[column]) for column in COLUMNS),
                f"{statistics.median(tally.recoveries_s):.1f}" if tally.recoveries_s else "-",
                f"{max(tally.recoveries_s, default=0.0):.1f}",
                f"{tally.bound_s:g}",
            ]
        )
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def kinds_as_markdown(kinds: Iterable[type[Fault]]) -> str:
    """Return what there is to strike with: each kind, how it comes, and its longest recovery."""
    lines = [["fault", "how", "bound s"], ["---", "---", "---:"]]
    for fault in kinds:
        how = " ".join((fault.__doc__ or "").split("\n\n")[0].split())
        where = " Three brokers." if fault.brokers > 1 else ""
        lines.append([fault.kind, how + where, f"{fault.bound_s:g}"])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)

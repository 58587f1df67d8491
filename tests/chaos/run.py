"""The run: fault after fault on a flow that never stops, and the oracle's word between them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tests.chaos.faults import AT_ONCE_BOUND_S, KINDS
from tests.chaos.schedule import Step
from tests.chaos.setup import SESSION_S
from tests.chaos.system import System
from tests.chaos.table import Tally
from tests.verdict import COLUMNS, Verdict

# A recovery that takes longer than this is given up, and the run with it.
GIVE_UP_AFTER_S = 240.0
TOGETHER = " + "


@dataclass(slots=True)
class Report:
    """What a run found."""

    later_s: float = 0.0
    """By how much each bound is later, as silent workers are given up later."""
    tallies: dict[str, Tally] = field(default_factory=dict)
    verdict: Verdict = field(default_factory=Verdict)

    @property
    def good(self) -> bool:
        """Whether nothing differed, and all was in time."""
        return self.verdict.clean and all(tally.good for tally in self.tallies.values())

    def tally(self, kind: str) -> Tally:
        """Return the tally of `kind`; that of faults at once has all their names, and another bound."""
        bound_s = AT_ONCE_BOUND_S if TOGETHER in kind else KINDS[kind].bound_s
        return self.tallies.setdefault(kind, Tally(bound_s + self.later_s))


class Run:
    """Works through a schedule.

    The oracle is asked after every `judge_every` faults, and at the end. A difference that it finds
    then for the first time is counted at every kind of fault since it was asked last.
    """

    def __init__(self, system: System, judge_every: int, say: Callable[[str], object]) -> None:
        self.report = Report(system.setup.session_s - SESSION_S)
        self._system = system
        self._judge_every = judge_every
        self._say = say
        self._since: list[str] = []

    def work(self, steps: Iterable[Step], ends_at: float) -> Report:
        """Do `steps` until there are none, or it is `ends_at` (monotonic); judge."""
        self._system.feed.go_on()
        for step in steps:
            time.sleep(step.pause_s)
            recovery_s = self._strike(step)
            kind = TOGETHER.join(step.kinds)
            self.report.tally(kind).recoveries_s.append(recovery_s)
            self._say(f"{kind}: well again after {recovery_s:.1f} s")
            self._since.append(kind)
            if len(self._since) >= self._judge_every:
                self._judge()
            if not self.report.verdict.clean or time.monotonic() > ends_at:
                break
        if self._since:
            self._judge()
        return self.report

    def _strike(self, step: Step) -> float:
        faults = [KINDS[kind]() for kind in step.kinds]
        for fault in faults:
            fault.inject(self._system, step.target)
        time.sleep(max(fault.holds_s for fault in faults))
        for fault in reversed(faults):
            fault.cure(self._system)
        began = time.monotonic()
        self._system.await_progress(GIVE_UP_AFTER_S)
        return time.monotonic() - began

    def _judge(self) -> None:
        verdict = self._system.judge()
        self._say(f"oracle: {verdict}")
        for kind in dict.fromkeys(self._since):
            for column in COLUMNS:
                new = verdict.counts[column] - self.report.verdict.counts[column]
                self.report.tally(kind).differences[column] += max(0, new)
        self.report.verdict = verdict
        self._since.clear()

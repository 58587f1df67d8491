"""Which days `eropaf tick` tells: today, those before, and tomorrow; a later one only when asked to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest
from typer.testing import CliRunner

from eropaf.commands import tick as command
from eropaf.main import app
from eropaf.risk.records import HouseholdEvent
from eropaf.settings import Settings
from eropaf.streams.runtime.record import Output

# 28 November 2026, 23:30 UTC: half an hour past midnight in Amsterdam.
NIGHT_MS = 1_795_908_600_000


@dataclass
class Told:
    """An appender that keeps the days which it was given."""

    partitions: int = 1
    days: list[str] = field(default_factory=list)

    def event(self, event: HouseholdEvent, at: int, partition: int) -> Output:
        return Output("household-events", event.event_id.encode(), b"", at, partition)

    def write(self, outputs: Iterable[Output]) -> None:
        self.days += [str(output.key) for output in outputs]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    appender = Told()
    monkeypatch.setattr(command, "appender", lambda settings: appender)
    monkeypatch.setattr(command, "now_ms", lambda: NIGHT_MS)
    monkeypatch.setattr(command, "in_force", Settings.read_policy)
    return appender


def test_without_a_day_it_is_today_where_the_policy_holds(told: Told) -> None:
    done = CliRunner().invoke(app, ["tick"])

    assert done.output == "it is 2026-11-29 in 1 partitions\n"
    assert len(told.days) == 1


@pytest.mark.parametrize("day", ["2026-03-02", "2026-11-29", "2026-11-30"])
def test_a_day_that_came_is_told_and_so_is_tomorrow(told: Told, day: str) -> None:
    done = CliRunner().invoke(app, ["tick", "--on", day])

    assert done.output == f"it is {day} in 1 partitions\n"


@pytest.mark.parametrize("day", ["2026-12-01", "2062-11-28"])
def test_a_day_that_lies_ahead_is_told_only_when_that_is_said(told: Told, day: str) -> None:
    """One mistyped year would forget the whole city, for good."""
    refused = CliRunner().invoke(app, ["tick", "--on", day], env={"COLUMNS": "400"})

    assert refused.exit_code == 2
    assert f"{day} lies ahead: today is 2026-11-29" in refused.output
    assert told.days == []

    done = CliRunner().invoke(app, ["tick", "--on", day, "--ahead"])

    assert done.output == f"it is {day} in 1 partitions\n"


@pytest.mark.parametrize("day", ["1989-12-31", "2100-01-01", "9999-12-31"])
def test_a_day_that_no_household_takes_is_refused_at_once(told: Told, day: str) -> None:
    refused = CliRunner().invoke(app, ["tick", "--on", day, "--ahead"], env={"COLUMNS": "400"})

    assert refused.exit_code == 2
    assert f"{day} is before 1990 or after 2099" in refused.output
    assert told.days == []

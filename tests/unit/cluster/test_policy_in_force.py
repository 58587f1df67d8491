"""Whoever judges by a policy judges by the one in force: EROPAF_POLICY counts until the first activation."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from eropaf import worker
from eropaf.agents.append import Appender
from eropaf.agents.topology import table
from eropaf.board.explaining import Asking
from eropaf.cluster import policy_held
from eropaf.commands import board, report, tick
from eropaf.desk.deeds import Erase
from eropaf.files.asked import asked
from eropaf.main import app
from eropaf.risk.events import PolicyActivated
from eropaf.settings import Settings
from eropaf.settings.policy import policy_text
from eropaf_client.errors import FileRefused
from eropaf_client.files.reading import read_by_creditor
from eropaf_client.schemas.topics import POLICY

REPO = Path(__file__).parents[3]
# Which is in force as long as none was activated.
BEGIN_WITH_THE_SETTINGS = {"eropaf/worker.py", "eropaf/commands/run.py"}
# 28 November 2026, 22:30 UTC: the day after has begun in Helsinki, and not in Amsterdam.
EVENING_MS = 1_795_905_000_000


@pytest.fixture(autouse=True)
def activated(monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy of Almere, whose days are Helsinki's; the settings name the one of Amsterdam."""
    shipped = policy_text("amsterdam-example")
    ours = (
        shipped.replace("GM0363", "GM0034")
        .replace("amsterdam-example-3", "almere-1")
        .replace("Europe/Amsterdam", "Europe/Helsinki")
    )
    said = PolicyActivated("almere-1", ours, EVENING_MS)

    def records(settings: Settings, topic: str, *_: Any) -> Iterator[tuple[None, PolicyActivated]]:
        assert topic == POLICY
        yield None, said

    monkeypatch.setattr(policy_held, "records", records)
    monkeypatch.delenv("EROPAF_POLICY", raising=False)


def test_the_report_is_of_the_municipality_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "records", lambda *_, **__: iter(()))

    done = CliRunner().invoke(app, ["report", "ddas", "--month", "2026-03", "--organisation", "Almere"])

    text = done.stdout[done.stdout.index("{") :]
    assert json.loads(text)["leveringen"][0]["gemeentecode"] == "0034"


def test_the_signals_of_a_file_are_taken_for_the_municipality_in_force() -> None:
    municipality = asked(Settings()).municipality

    assert callable(municipality)
    assert municipality() == "0034"


@pytest.mark.parametrize("name", ["faulty.json", "signals.csv"])
def test_no_policy_is_asked_for_before_a_file_of_the_model_is_without_faults(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    """A broker that is away keeps nobody from hearing what is wrong with a file."""
    monkeypatch.setattr(policy_held, "records", lambda *_: pytest.fail("asked"))
    (tmp_path / name).write_text("{}", encoding="utf-8")

    with pytest.raises(FileRefused):
        read_by_creditor(tmp_path / name, "rent", asked(Settings()))


def test_a_day_begins_where_the_policy_in_force_says(monkeypatch: pytest.MonkeyPatch) -> None:
    class Told(Appender):
        partitions = 0

        def __init__(self) -> None:
            pass

        def write(self, records: Any) -> None:
            pass

    monkeypatch.setattr(tick, "appender", lambda settings: Told())
    monkeypatch.setattr(tick, "now_ms", lambda: EVENING_MS)
    monkeypatch.setattr("eropaf.agents.clock.time.time", lambda: EVENING_MS / 1000)

    assert CliRunner().invoke(app, ["tick"]).output.startswith("it is 2026-11-29 ")
    clock = worker._clock(None, Settings(), None)  # type: ignore[arg-type]  # neither is asked
    assert clock._read_zone().name == "Europe/Helsinki"


def test_the_board_counts_days_where_the_policy_in_force_says(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    async def serve(settings: Settings, config: Any) -> None:
        seen.append(config.time_zone)

    monkeypatch.setattr(board, "_serve", serve)
    monkeypatch.setattr(board.logs, "configure", lambda *_, **__: None)
    CliRunner().invoke(app, ["board", "run"], catch_exceptions=False)

    assert seen == ["Europe/Helsinki"]


def test_an_erasure_is_asked_for_on_the_day_where_the_policy_in_force_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Stop(Exception):
        pass

    days = []

    def event(*_: Any, erasure_requested_on: int, **__: Any) -> None:
        days.append(erasure_requested_on)
        raise Stop

    monkeypatch.setattr(
        "eropaf.desk.deeds.household_of", lambda *_: ("0" * 32, type("A", (), {"area": "1011"})())
    )
    monkeypatch.setattr("eropaf.desk.deeds.now_ms", lambda: EVENING_MS)
    monkeypatch.setattr("eropaf.desk.deeds.HouseholdEvent", event)
    with pytest.raises(Stop):
        Erase(who="0" * 32).do(Settings(), Asking("somebody", lambda household, area: True))

    assert days == [EVENING_MS // 86_400_000 + 1]


def test_the_settings_policy_is_read_where_a_flow_begins_and_nowhere_else() -> None:
    readers = {
        str(path.relative_to(REPO))
        for room in ("eropaf", "board", "gateway", "agents")
        for path in (REPO / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "read_policy"
    }

    assert {each.removeprefix("eropaf/") for each in readers} == {
        each.removeprefix("eropaf/") for each in BEGIN_WITH_THE_SETTINGS
    }


def test_whoever_judges_by_the_policy_may_read_it() -> None:
    (row,) = [each for each in table("eropaf", ["rent", "tax"]) if each.name == POLICY]

    judges = {"worker", "board", "desk", "gateway", "operator", "register", "creditor-rent", "creditor-tax"}
    assert judges <= set(row.read_by)
    assert "outreach" not in row.read_by

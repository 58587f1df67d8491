"""What the demo shows: the list, what just changed on it, and what became of a payment."""

from __future__ import annotations

import io
import os
import re
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from eropaf.board.user import Role
from eropaf.demo import browser, news
from eropaf.demo.news import News
from eropaf.demo.rehearsal import AREA, HOUSEHOLDS, Rehearsal
from eropaf.demo.scene import Scene
from eropaf.demo.team import doors
from eropaf.demo.watcher import Watcher
from eropaf.process import form
from eropaf.process.supervised import supervisor
from eropaf.settings import Settings, SettingsError
from eropaf.simulate.calibration import AMSTERDAM
from eropaf_client.records import Band, PriorityUpdate, Resident, SignalKind
from tests.builders import an_arrears_signal

MARCH_3 = date(2026, 3, 3)


def an_update(household: str = "a", band: Band = Band.URGENT, **changes: Any) -> PriorityUpdate:
    given: dict[str, Any] = {
        "update_id": f"update-{household}",
        "household": household,
        "sequence": 1,
        "postcode": "1055DG",
        "house_number": 214,
        "addition": "3",
        "area": "1055",
        "urgency": 8_120,
        "band": band,
        "respond_by": date(2026, 3, 5),
        "change": "RAISED",
        "policy_version": "p",
        "event_at": datetime(2026, 3, 3, tzinfo=UTC),
    }
    return PriorityUpdate(**{**given, **changes})


@pytest.fixture
def watcher(monkeypatch: pytest.MonkeyPatch) -> Watcher:
    monkeypatch.setattr("eropaf.demo.watcher.PrioritySubscriber", lambda *_, **__: SimpleNamespace())
    monkeypatch.setattr("eropaf.demo.watcher.TopicReader", lambda *_, **__: SimpleNamespace())
    monkeypatch.setattr("eropaf.demo.watcher.KafkaSource", lambda *_, **__: SimpleNamespace())
    return Watcher("127.0.0.1:1", lambda _: {}, News(), Rehearsal(("rent",), MARCH_3))


def shown(watcher: Watcher, width: int = 80, height: int = 24, over: bool = False) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, height=height, force_terminal=True, color_system=None)
    console.print(Scene(console, watcher, watcher._news, None).frame(MARCH_3, 1_204, over))
    return out.getvalue()


def test_who_paid_is_told_with_the_time_it_took_and_who_left_otherwise_is_not() -> None:
    told = News()
    paid = Resident(None, "1055 dg", "214-3")
    told.sends(an_arrears_signal(kind=SignalKind.PAID, resident=paid))

    told.told(an_update("b", Band.NONE, house_number=9), 0.3)
    assert told.latest == ""
    told.told(an_update("a", Band.LOW), 0.3)
    assert told.latest == ""
    told.told(an_update("a", Band.NONE), 0.21)
    assert told.latest == "paid: 1055 DG 214 3, off the list after 0.2 s"


def test_rows_that_changed_are_marked_for_a_moment(watcher: Watcher, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(news.time, "monotonic", lambda: now[0])
    watcher._take(an_update("a"), 0.2)
    now[0] += news.MARKED_FOR_S + 0.1
    watcher._take(an_update("b", house_number=9), 0.2)

    marked = [line for line in shown(watcher).splitlines() if line.startswith("│ >")]

    assert len(marked) == 1
    assert "1055 DG 9 3" in marked[0]


def test_nothing_is_said_of_a_time_that_was_not_measured(watcher: Watcher) -> None:
    assert "None" not in shown(watcher)
    assert "within" not in shown(watcher)

    watcher._take(an_update(), 0.2)

    assert "event to list at its own pace: half within 0.20 s, 99 of 100 within 0.20 s" in shown(watcher)


def test_what_was_set_aside_is_named(watcher: Watcher) -> None:
    watcher.rejected.update({"wrong-magic": 1, "no-value": 1})

    assert "set aside, stopping nobody: 2 broken records (no value, wrong magic)" in shown(watcher)


def test_the_end_of_the_month_says_what_to_do(watcher: Watcher) -> None:
    assert shown(watcher).rstrip().endswith("Ctrl-C ends.")
    assert shown(watcher, over=True).rstrip().endswith("The month is over: look at the board, Ctrl-C ends.")


@pytest.mark.parametrize(("width", "height"), [(40, 24), (80, 24), (80, 12), (200, 60)])
def test_it_fits_a_terminal_of_any_size(width: int, height: int, watcher: Watcher) -> None:
    for number in range(40):
        watcher._take(an_update(str(number), house_number=10_000 + number), 0.2)
    watcher.rejected.update({"wrong-magic": 1, "no-value": 1, "broken-body": 1, "unknown-schema": 1})

    lines = shown(watcher, width, height).splitlines()

    assert max(map(len, lines)) <= width
    assert len(lines) < max(height, 18)
    assert any("1055 DG 10000 3" in line and re.search("2026-03-05|5 Mar", line) for line in lines)


def test_there_is_a_log_in_for_each_role() -> None:
    _, *log_ins = doors("http://127.0.0.1:8080")

    assert sorted(re.findall(r"\((\w+)\)", " ".join(log_ins))) == sorted(Role)


def test_a_browser_is_opened_only_where_there_is_a_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opener = tmp_path / ("open" if sys.platform == "darwin" else "xdg-open")
    opener.write_text("#!/bin/sh\n", "utf-8")
    opener.chmod(0o755)
    started: list[list[str]] = []
    monkeypatch.setattr(browser.subprocess, "Popen", lambda command, **_: started.append(command))
    screen = {"DISPLAY": ":0", "PATH": str(tmp_path)}

    assert not browser.show("http://127.0.0.1:1", {"PATH": str(tmp_path)}) or sys.platform == "darwin"
    assert not browser.show("http://127.0.0.1:1", {**screen, "PATH": os.devnull})
    assert started == []
    assert browser.show("http://127.0.0.1:1", screen)
    assert started == [[str(opener), "http://127.0.0.1:1"]]


def test_workers_refuse_a_python_without_its_global_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: False, raising=False)
    with pytest.raises(SettingsError, match="PYTHON_GIL"):
        supervisor(Settings(), {})

    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: True, raising=False)
    supervisor(Settings(), {})


def test_it_says_which_form_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(form, "compiled", lambda: False)
    assert "plain Python" in form.told()
    assert "`make compiled`" in form.told()
    monkeypatch.setattr(form, "compiled", lambda: True)
    assert form.told() == "Codec, rows and rules run compiled."


def test_the_rehearsal_is_not_counted_and_over_when_all_have_left_the_list() -> None:
    rehearsal = Rehearsal(("rent", "health"), MARCH_3)
    reported, paid = rehearsal.acts()

    assert {signal.reported_at.date() for _, signal in reported} == {date(2026, 3, 2)}
    assert {sender for sender, _ in paid} == {"rent", "health"}
    assert all(signal.resident.postcode == f"{AREA}AA" for _, signal in (*reported, *paid))
    for number in range(1, HOUSEHOLDS + 1):
        assert not rehearsal._through.is_set()
        assert rehearsal.takes(an_update(str(number), Band.NONE, area=AREA, house_number=number))
    assert rehearsal._through.is_set()
    assert not rehearsal.takes(an_update())


def test_no_household_of_the_city_stands_where_the_rehearsal_does() -> None:
    assert AREA not in AMSTERDAM.areas

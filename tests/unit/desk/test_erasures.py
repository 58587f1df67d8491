"""What residents ask to have erased waits for a person, who is told of it and may refuse."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from eropaf.board.explaining import Asking
from eropaf.commands import resident
from eropaf.desk import deeds, erasures
from eropaf.desk.deeds import Erase, NotTheirs
from eropaf.desk.erasures import AskErasure, Erasures, NothingKept, RefuseErasure
from eropaf.desk.whom import UnknownHousehold
from eropaf.settings import Settings
from tests.builders import DAY_MS, HOME, HOUSEHOLD, NOON, amsterdam_example

OTHER = "b" * 32


def told(monkeypatch: pytest.MonkeyPatch, *entries: tuple[str, str], may: Any = None) -> list[Any]:
    """Return who waits, where `entries` are on `audit`: a day apart, from noon on 2 March 2026."""
    kept = [
        (None, {"what": what, "household": household, "at": NOON + day * DAY_MS})
        for day, (what, household) in enumerate(entries)
    ]
    monkeypatch.setattr(erasures, "records", lambda *_: iter(kept))
    monkeypatch.setattr(erasures, "in_force", lambda _: amsterdam_example())
    said = Erasures().do(Settings(), Asking("ada", may or (lambda household, area: True)))
    return [(each["household"], each["asked_on"]) for each in said["waiting"]]


def test_who_asked_waits_from_the_first_time_on_until_a_person_decided(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, other = ("erasure-asked", HOUSEHOLD), ("erasure-asked", OTHER)

    assert told(monkeypatch, asked, other, asked) == [(HOUSEHOLD, "2026-03-02"), (OTHER, "2026-03-03")]
    for decided in ("erasure", "erasure-refused"):
        assert told(monkeypatch, asked, other, (decided, HOUSEHOLD)) == [(OTHER, "2026-03-03")]
        assert told(monkeypatch, asked, (decided, HOUSEHOLD), asked) == [(HOUSEHOLD, "2026-03-04")]
    assert told(monkeypatch, ("objection", HOUSEHOLD), ("everything", OTHER)) == []


def test_who_sees_one_area_is_told_of_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [("erasure-asked", HOUSEHOLD), ("erasure-asked", OTHER)]

    waiting = told(monkeypatch, *entries, may=lambda household, area: household == OTHER)

    assert waiting == [(OTHER, "2026-03-03")]


@pytest.mark.parametrize("deed", [AskErasure, RefuseErasure])
def test_a_word_on_an_erasure_is_a_trace_and_erases_nothing(
    deed: type[AskErasure | RefuseErasure], monkeypatch: pytest.MonkeyPatch
) -> None:
    left = at_home(monkeypatch, kept=True)

    deed(who="1011 AB 12").do(Settings(), Asking("ada", lambda *_: True))
    with pytest.raises(NotTheirs):
        deed(who="1011 AB 12").do(Settings(), Asking("ada", lambda *_: False))

    assert left == [("ada", HOUSEHOLD, deed.name, "resident-asked")]


def test_where_nothing_is_kept_nothing_is_asked_that_nobody_could_decide(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = at_home(monkeypatch, kept=False)

    with pytest.raises(NothingKept):
        AskErasure(who="1011 AB 12").do(Settings(), Asking("ada", lambda *_: True))

    assert left == []


@pytest.mark.parametrize("deed", [Erase, RefuseErasure])
def test_what_waits_is_decided_by_its_key_also_once_nothing_is_kept(
    deed: type[Erase | RefuseErasure], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*asked: object) -> None:
        raise UnknownHousehold("nothing is kept")

    left = at_home(monkeypatch, kept=False)
    monkeypatch.setattr(deeds, "household_of", unknown)
    asked: list[tuple[str, str | None]] = []

    def may(household: str, area: str | None) -> bool:
        asked.append((household, area))
        return len(asked) == 1

    said = deed(who=HOUSEHOLD).do(Settings(), Asking("ada", may))
    with pytest.raises(NotTheirs):
        deed(who=HOUSEHOLD).do(Settings(), Asking("ada", may))

    assert left == [("ada", HOUSEHOLD, deed.name if deed is RefuseErasure else "erasure", "resident-asked")]
    assert not said.get("kept")
    assert asked == [(HOUSEHOLD, None)] * 2


def at_home(monkeypatch: pytest.MonkeyPatch, kept: bool) -> list[tuple[str, ...]]:
    """Have one household, of which something is `kept`; return the traces that are left."""
    left: list[tuple[str, ...]] = []
    log = SimpleNamespace(event=lambda event, at: None, write=lambda records: None)
    for name, stub in {
        "household_of": lambda *_: (HOUSEHOLD, HOME),
        "residents_at": lambda *_: set(),
        "held_of": lambda *_: ([{}] if kept else [], []),
        "objecting": lambda *_: set(),
        "in_force": lambda _: amsterdam_example(),
        "marks_of": lambda *_: [],
        "appender": lambda _: log,
        "trace": lambda settings, *said: left.append(said),
    }.items():
        monkeypatch.setattr(deeds, name, stub)
    monkeypatch.setattr(erasures, "held_of", lambda *_: ([{}] if kept else [], []))
    monkeypatch.setattr(erasures, "residents_at", lambda *_: set())
    monkeypatch.setattr(erasures, "leave_trace", lambda settings, *trace: left.append(trace))
    return left


@pytest.mark.parametrize(("waiting", "status"), [([], 0), ([{"household": HOUSEHOLD}], 3)])
def test_a_timer_hears_whether_an_erasure_waits(
    waiting: list[dict[str, str]], status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = {
        "waiting": [each | {"asked_on": "2026-03-02"} for each in waiting],
        "aside": {"records": 0, "first": []},
    }
    monkeypatch.setattr(resident, "answer", lambda settings, deed: answered)

    ran = CliRunner().invoke(resident.app, ["erasures"])

    assert ran.exit_code == status
    line = f"{HOUSEHOLD}  asked on 2026-03-02" if waiting else "no erasure waits for a decision"
    assert ran.stdout == f"{line}\n"


def test_what_is_refused_is_not_erased(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def answer(settings: Settings, deed: Any) -> Any:
        asked.append(deed)
        return {"aside": {"records": 0}}

    monkeypatch.setattr(resident, "answer", answer)

    ran = CliRunner().invoke(resident.app, ["erase", "1011 AB 12", "--refuse"])

    assert ran.exit_code == 0
    assert asked == [RefuseErasure(who="1011 AB 12")]
    assert "nothing is erased" in ran.stdout

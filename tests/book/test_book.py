"""The rules as a book: every table of `docs/rules` is run as it stands, and fails by page and line."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from eropaf.risk.feedback import Answer
from eropaf.risk.household import fold
from eropaf.risk.intake import take_in
from eropaf.risk.ranking import UNTOLD, rank
from eropaf.risk.refusal import Refused
from eropaf.risk.rows import HouseholdRow, RankingRow
from tests.book.pages import Row, Table, tables
from tests.book.said import day, event
from tests.builders import NOON, SECRET, amsterdam_example, an_arrears_signal

STORY = ("on", "what happens", "points", "band", "talk due by", "creditors hear")
DOOR = ("field", "holds", "outcome")
DEADLINE = ("from", "first talk", "where something threatens")
BOOK = tables()
POLICY = amsterdam_example()


def of(*columns: str) -> pytest.MarkDecorator:
    found = [table for table in BOOK if table.columns == columns]
    return pytest.mark.parametrize("table", found, ids=lambda table: table.place)


def test_every_table_is_one_that_is_run() -> None:
    assert [table.place for table in BOOK if table.columns not in (STORY, DOOR, DEADLINE)] == []
    assert {table.columns for table in BOOK} == {STORY, DOOR, DEADLINE}


@of(*STORY)
def test_what_happens_to_a_household_is_as_the_book_says(table: Table) -> None:
    row: HouseholdRow | None = None
    told: RankingRow | None = None
    points, wrong = 0, []
    for number, case in enumerate(table.rows, 1):
        folded = fold(row, event(number, case.cells["on"], case.cells["what happens"]), POLICY)
        row = folded.row
        if folded.risk is not None:
            points, told = folded.risk.score, rank(told, folded.risk, POLICY).row
        known = told or UNTOLD
        found = (f"{points / 100:g}", known.band, _date(known.respond_by), _heard(folded.answers))
        wrong += _differs(case, dict(zip(STORY[2:], found, strict=True)))
    assert wrong == []


@of(*DOOR)
def test_a_signal_is_taken_or_refused_at_the_door_as_the_book_says(table: Table) -> None:
    wrong = []
    for case in table.rows:
        record = an_arrears_signal().to_record()
        *within, field = case.cells["field"].split(".")
        if within == ["own_effort"]:
            record["own_effort"] = {
                "personal_contact": True, "debt_help_pointed_at": True, "written_reminders": 1,
                "offer": "NO_ANSWER",
            }  # fmt: skip
        if field == "bsn":
            record["resident"] = dict.fromkeys(record["resident"])
        (record[within[0]] if within else record)[field] = _value(case.cells["holds"])
        wrong += _differs(case, {"outcome": _at_the_door(record)})
    assert wrong == []


@of(*DEADLINE)
def test_a_deadline_is_on_the_day_that_the_book_says(table: Table) -> None:
    wrong = []
    for case in table.rows:
        begins = day(case.cells["from"].split()[-1])
        due = (POLICY.first_talk_by(begins), POLICY.threatening_talk_by(begins))
        wrong += _differs(case, dict(zip(DEADLINE[1:], map(_weekday, due), strict=True)))
    assert wrong == []


def _differs(case: Row, found: dict[str, str]) -> list[str]:
    return [
        f"{case.place}: {column} is {value}, the book says {case.cells[column]}"
        for column, value in found.items()
        if case.cells[column] != value
    ]


def _at_the_door(record: dict[str, Any]) -> str:
    try:
        take_in(record, creditor="rent", event_id="e-1", received_at=NOON, secret=SECRET)
    except Refused as refusal:
        return refusal.reason
    return "taken"


def _value(text: str) -> str | int | bool | None:
    words = {"nothing": None, "yes": True, "no": False, "empty": "", "201 letters": "x" * 201}
    if text in words:
        return words[text]
    if text.endswith(" (a date)"):
        return day(text.removesuffix(" (a date)"))
    return int(text) if text.lstrip("-").isdigit() and len(text) != 9 else text.removesuffix(" (text)")


def _heard(answers: tuple[Answer, ...]) -> str:
    return "; ".join(map(_said, answers)) or "-"


def _said(answer: Answer) -> str:
    parts = [f"{answer.creditor}: {answer.status}", answer.reason or ""]
    if answer.collection != "NO_WORD":
        parts.append(answer.collection)
    if answer.pause_until is not None:
        parts.append(f"until {_date(answer.pause_until)}")
    return " ".join(filter(None, parts))


def _date(on: int | None) -> str:
    return "-" if on is None else (date(1970, 1, 1) + timedelta(on)).isoformat()


def _weekday(on: int) -> str:
    return f"{date.fromisoformat(_date(on)):%A} {_date(on)}"

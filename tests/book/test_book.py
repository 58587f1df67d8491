"""The rules as a book: every table of `docs/rules` is run as it stands, and fails by page and line."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from eropaf.risk.feedback import Answer
from eropaf.risk.household import fold
from eropaf.risk.intake import take_in
from eropaf.risk.policy import Policy, PolicyError
from eropaf.risk.ranking import UNTOLD, rank
from eropaf.risk.records import DAY_MS, HouseholdEvent
from eropaf.risk.refusal import Refused
from eropaf.risk.rows import HouseholdRow, RankingRow
from eropaf.risk.told import PriorityUpdate
from tests.book.at_intake import Register, reported
from tests.book.pages import Row, Table, tables
from tests.book.said import day, event
from tests.builders import AMSTERDAM_EXAMPLE, NOON, SECRET, amsterdam_example, an_arrears_signal

STORY = ("on", "what happens", "points", "band", "talk due by", "creditors hear")
DOOR = ("field", "holds", "outcome")
DEADLINE = ("from", "first talk", "where something threatens")
TOLD = ("on", "what happens", "outreach is told")
RESULT = ("result", "the creditor hears", "the same arrears count again on")
REGISTER = ("what is said of one resident", "what follows")
REPORT = ("an outreach tool reports", "it is")
POLICY_TEXT = ("in the policy", "becomes", "and is refused")
KINDS = (STORY, DOOR, DEADLINE, TOLD, RESULT, REGISTER, REPORT, POLICY_TEXT)
BOOK = tables()
POLICY = amsterdam_example()


def of(*columns: str) -> pytest.MarkDecorator:
    found = [table for table in BOOK if table.columns == columns]
    return pytest.mark.parametrize("table", found, ids=lambda table: table.place)


def test_every_table_is_one_that_is_run() -> None:
    assert [table.place for table in BOOK if table.columns not in KINDS] == []
    assert {table.columns for table in BOOK} == {*KINDS}


@of(*STORY)
def test_what_happens_to_a_household_is_as_the_book_says(table: Table) -> None:
    row: HouseholdRow | None = None
    told: RankingRow | None = None
    points, wrong = 0, []
    for number, case in enumerate(table.rows, 1):
        happens = event(number, case.cells["on"], case.cells["what happens"])
        try:
            folded = fold(row, happens, POLICY)
        except Refused as refused:
            heard = [f"refused: {refused.reason}"]
        else:
            row, heard = folded.row, [*map(_said, folded.answers), *map(_goes_along, folded.onward)]
            if folded.risk is not None:
                points, told = folded.risk.score, rank(told, folded.risk, POLICY).row
        known = told or UNTOLD
        found = (f"{points / 100:g}", known.band, _date(known.respond_by), "; ".join(heard) or "-")
        wrong += _differs(case, dict(zip(STORY[2:], found, strict=True)))
    assert wrong == []


@of(*TOLD)
def test_outreach_is_told_what_the_book_says(table: Table) -> None:
    row: HouseholdRow | None = None
    known: RankingRow | None = None
    wrong = []
    for number, case in enumerate(table.rows, 1):
        folded = fold(row, event(number, case.cells["on"], case.cells["what happens"]), POLICY)
        row, update = folded.row, None
        if folded.risk is not None:
            ranked = rank(known, folded.risk, POLICY)
            known, update = ranked.row, ranked.update
            assert rank(known, folded.risk, POLICY).update is None or known is None, "told twice"
        wrong += _differs(case, {"outreach is told": _update(update)})
    assert wrong == []


@of(*RESULT)
def test_a_result_ends_a_case_as_the_book_says(table: Table) -> None:
    wrong = []
    for case in table.rows:
        reported = fold(None, event(1, "2026-03-02", "landlord reports 1100 of 550"), POLICY).row
        ended = fold(reported, event(2, "2026-03-04", f"result {case.cells['result']}"), POLICY)
        heard = "; ".join(map(_said, ended.answers)).removeprefix("landlord: ")
        found = {"the creditor hears": heard, "the same arrears count again on": _counts_again(ended.row)}
        wrong += _differs(case, found)
    assert wrong == []


@of(*REGISTER)
def test_the_registers_word_leads_to_what_the_book_says(table: Table) -> None:
    kept, wrong = Register(), []
    for number, case in enumerate(table.rows, 1):
        wrong += _differs(case, {"what follows": kept.take(number, case.cells[REGISTER[0]])})
    assert wrong == []


@of(*REPORT)
def test_a_report_of_outreach_is_taken_or_refused_as_the_book_says(table: Table) -> None:
    wrong = []
    for case in table.rows:
        wrong += _differs(case, {"it is": reported(case.cells[REPORT[0]])})
    assert wrong == []


@of(*POLICY_TEXT)
def test_a_policy_that_cannot_be_is_refused_as_the_book_says(table: Table) -> None:
    wrong = []
    for case in table.rows:
        stands, becomes = case.cells["in the policy"], case.cells["becomes"].replace(" ⏎ ", "\n")
        assert stands in AMSTERDAM_EXAMPLE, case.place
        with pytest.raises(PolicyError) as refused:
            Policy.parse(AMSTERDAM_EXAMPLE.replace(stands, "" if becomes == "(nothing)" else becomes, 1))
        said = str(refused.value).removeprefix("the policy is not valid:\n").removeprefix("policy: ")
        wrong += _differs(case, {"and is refused": said.replace("Value error, ", "")})
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
            record["partner_type"] = "HEALTH" if " of an insurer" in case.cells["holds"] else "RENT"
        if within == ["crisis"]:
            record["crisis"] = {"kind": "EVICTION", "on": None}
        if case.cells["field"] == "resident":
            record["resident"] = dict.fromkeys(record["resident"])
            wrong += _differs(case, {"outcome": _at_the_door(record)})
            continue
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
    if text.endswith(" (noon)"):
        return day(text.removesuffix(" (noon)")) * DAY_MS + DAY_MS // 2
    text = text.removesuffix(" of an insurer")
    if text.endswith(" (a date)"):
        return day(text.removesuffix(" (a date)"))
    return int(text) if text.lstrip("-").isdigit() and len(text) != 9 else text.removesuffix(" (text)")


def _goes_along(event: HouseholdEvent) -> str:
    return "the objection goes along" if event.signal is None else f"{event.signal.creditor} goes along"


def _update(update: PriorityUpdate | None) -> str:
    if update is None:
        return "-"
    whose = f", {update.respond_by_norm}" if update.respond_by_norm else ""
    parts = [f"{update.sequence}: {update.change}", update.band, update.action or "no offer"]
    parts += [f"by {_date(update.respond_by)}{whose}", f"urgency {update.urgency / 100:g}"]
    return ", ".join(parts) + (", overruled" if update.overruled else "")


def _counts_again(row: HouseholdRow | None) -> str:
    """Return the first day on which time alone brings the household back on the list."""
    while row is not None and row.due_on is not None:
        on = row.due_on
        aged = fold(row, event(3, _date(on), "a day passes"), POLICY)
        if aged.risk is not None and aged.risk.score:
            return _date(on)
        row = aged.row
    return "never"


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

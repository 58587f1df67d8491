"""The rules as a book: every table beside its stories is run as it stands, and fails by page and line."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from eropaf.risk.calendar import month_of
from eropaf.risk.feedback import Answer
from eropaf.risk.household import fold
from eropaf.risk.intake import answer_to, take_in
from eropaf.risk.lawful import effort_missing
from eropaf.risk.objections import words_needed
from eropaf.risk.policy import Policy, PolicyError
from eropaf.risk.purpose import Purpose
from eropaf.risk.records import DAY_MS
from eropaf.risk.refusal import Reason, Refused
from eropaf.risk.rows import HouseholdRow
from eropaf.risk.sources import source_of
from eropaf.risk.zone import civil_zone
from tests.book.at_intake import Register, reported
from tests.book.columns import (
    ANSWER,
    DAY,
    DEADLINE,
    DOOR,
    DUTY,
    KINDS,
    LEDGER,
    MONTH,
    POLICY_TEXT,
    PURPOSE,
    REFUSED,
    REGISTER,
    REPORT,
    RESULT,
    SOURCE,
)
from tests.book.kept import heard
from tests.book.lives import as_date, said, why
from tests.book.pages import Table, changed, differs, of, tables
from tests.book.said import day, event, moment
from tests.builders import AMSTERDAM_EXAMPLE, NOON, SECRET, a_signal, an_arrears_signal

EFFORT = {
    "personal_contact": True,
    "debt_help_pointed_at": True,
    "written_reminders": 1,
    "offer": "NO_ANSWER",
}
# What a creditor says that has not done what stands under a letter.
UNDONE: dict[str, dict[str, Any]] = {
    "(a)": {"personal_contact": False},
    "(b)": {"debt_help_pointed_at": False},
    "(c)": {"written_reminders": 0},
    "(d)": {"offer": "NOT_OFFERED"},
}
BESIDE = " beside the address"
OF_AN_INSURER = " of an insurer"
WORDS = {
    "nothing": None,
    "yes": True,
    "no": False,
    "empty": "",
    "200 letters": "x" * 200,
    "201 letters": "x" * 201,
}
WORDS["one letter and a zero-width space"] = "x\u200b"
HUGE_NUMBER = "(a number of 5,000 digits)"
FILLED_UP = " (filled up to 32,769 letters)"


def test_every_table_is_one_that_is_run() -> None:
    assert [table.place for table in tables() if table.columns not in KINDS] == []
    assert {table.columns for table in tables()} == {*KINDS}


@of(*RESULT)
def test_a_result_ends_a_case_as_the_book_says(table: Table) -> None:
    wrong = []
    for case in table.rows:
        first = fold(None, event(1, "2026-03-02", "landlord reports 1100 of 550"), table.policy).row
        ends = event(2, "2026-03-04", f"result {case.cells['result']}")
        ended = fold(first, ends, table.policy)
        answers = "; ".join(said(each.creditor, heard(each, ends)) for each in ended.answers)
        again = _counts_again(ended.row, table.policy)
        found = (answers.removeprefix("landlord: "), again)
        wrong += differs(case, dict(zip(RESULT[1:], found, strict=True)))
    assert wrong == []


@of(*REGISTER)
def test_the_registers_word_leads_to_what_the_book_says(table: Table) -> None:
    kept, wrong = Register(), []
    for number, case in enumerate(table.rows, 1):
        wrong += differs(case, {"what follows": kept.take(number, case.cells[REGISTER[0]])})
    assert wrong == []


@of(*LEDGER)
def test_a_ledger_keeps_the_words_on_an_objection_that_the_book_says(table: Table) -> None:
    wrong = []
    for case in table.rows:
        words = case.cells[LEDGER[0]].split("; ")
        said = [(moment(on), what == "objects") for what, _, on in (word.rpartition(" ") for word in words)]
        needed = "; ".join(words[place] for place in words_needed(said))
        wrong += differs(case, {LEDGER[1]: needed})
    assert wrong == []


@of(*REPORT)
def test_a_report_of_outreach_is_taken_or_refused_as_the_book_says(table: Table) -> None:
    wrong = []
    for case in table.rows:
        wrong += differs(case, {"it is": reported(case.cells[REPORT[0]])})
    assert wrong == []


@of(*POLICY_TEXT)
def test_a_policy_that_cannot_be_is_refused_as_the_book_says(table: Table) -> None:
    wrong = []
    for case in table.rows:
        becomes = case.cells["becomes"].replace(HUGE_NUMBER, "9" * 5_000)
        text = changed(AMSTERDAM_EXAMPLE, case.cells["in the policy"], becomes.removesuffix(FILLED_UP))
        with pytest.raises(PolicyError) as refused:
            Policy.parse(text.ljust(32_769) if becomes.endswith(FILLED_UP) else text)
        words = str(refused.value).removeprefix("the policy is not valid:\n").removeprefix("policy: ")
        told = "; ".join(words.replace("Value error, ", "").splitlines())
        wrong += differs(case, {"and is refused": told})
    assert wrong == []


@of(*DOOR)
def test_a_signal_is_taken_or_refused_at_the_door_as_the_book_says(table: Table) -> None:
    wrong = []
    for case in table.rows:
        record = _with(an_arrears_signal().to_record(), case.cells["field"], case.cells["holds"])
        wrong += differs(case, {"outcome": _at_the_door(record)})
    assert wrong == []


@of(*DUTY)
def test_a_duty_stands_where_the_book_says(table: Table) -> None:
    wrong = []
    for case in table.rows:
        kind = case.cells["kind of creditor"]
        for letter, undone in UNDONE.items():
            missing = effort_missing(a_signal(partner_type=kind, own_effort=EFFORT | undone))
            wrong += differs(case, {letter: "-" if missing is None else missing.sources[kind]})
    assert wrong == []


@of(*REFUSED)
def test_of_a_refused_signal_a_creditor_hears_what_the_book_says(table: Table) -> None:
    wrong = []
    for case in table.rows:
        reason = Reason(case.cells[REFUSED[0]])
        answer = answer_to(an_arrears_signal().to_record(), "landlord", reason)
        hears = "-" if answer is None else said("", heard(answer, event(1, "2026-03-02", "a day passes")))
        wrong += differs(case, {"the creditor hears": hears.removeprefix(": ")})
    assert wrong == []


@of(*SOURCE)
def test_a_rule_stands_where_the_book_says(table: Table) -> None:
    wrong = []
    for case in table.rows:
        stands = source_of(case.cells[SOURCE[0]], case.cells[SOURCE[1]]) or "-"
        wrong += differs(case, {"the rule stands in": stands.replace("`", "")})
    assert wrong == []


@of(*ANSWER)
def test_no_creditor_learns_what_the_book_says_that_none_may(table: Table) -> None:
    wrong = []
    for case in table.rows:
        status, reason = case.cells["the creditor hears"], case.cells["with a reason"]
        try:
            Answer("landlord", "contract-1", "signal-1", status, None if reason == "-" else reason)
        except ValueError:
            wrong += differs(case, {"it is": "never sent"})
        else:
            wrong += differs(case, {"it is": "sent"})
    assert wrong == []


@of(*PURPOSE)
def test_an_explanation_is_opened_for_what_the_book_names_alone(table: Table) -> None:
    assert [case.cells[PURPOSE[0]] for case in table.rows] == [*Purpose]


@of(*DEADLINE)
def test_a_deadline_is_on_the_day_that_the_book_says(table: Table) -> None:
    wrong = []
    for case in table.rows:
        begins = day(case.cells["from"].split()[-1])
        due = (table.policy.first_talk_by(begins), table.policy.threatening_talk_by(begins))
        wrong += differs(case, dict(zip(DEADLINE[1:], map(_weekday, due), strict=True)))
    assert wrong == []


@of(*DAY)
def test_a_moment_is_of_the_day_that_the_book_says(table: Table) -> None:
    wrong = []
    for case in table.rows:
        at, where, *_ = case.cells.values()
        zone = civil_zone(where)
        on = zone.day_of(moment(at))
        begins = f"{datetime.fromtimestamp(zone.start_of(on) / 1_000, UTC):%Y-%m-%d %H:%M}"
        wrong += differs(case, dict(zip(DAY[2:], (as_date(on), begins), strict=True)))
    assert wrong == []


@of(*MONTH)
def test_a_month_has_the_days_that_the_book_says(table: Table) -> None:
    wrong = []
    for case in table.rows:
        first = day(case.cells["first day"])
        month = month_of(first)
        days = [on for on in range(first - 40, first + 40) if month_of(on) == month]
        found = (f"{date(1970 + month // 12, month % 12 + 1, 1):%B %Y}", as_date(days[0]), as_date(days[-1]))
        wrong += differs(case, dict(zip(MONTH, found, strict=True)))
    assert wrong == []


def _with(record: dict[str, Any], field: str, holds: str) -> dict[str, Any]:
    """Return a creditor's record in which one field holds something else."""
    *within, name = field.split(".")
    if within == ["own_effort"]:
        record["own_effort"] = EFFORT.copy()
    if within == ["crisis"]:
        record["crisis"] = {"kind": "EVICTION", "on": None}
    if name in ("bsn", "resident") and BESIDE not in holds:
        record["resident"] = dict.fromkeys(record["resident"])
    if OF_AN_INSURER in holds:
        record["partner_type"] = "HEALTH"
    if name != "resident":
        value = holds.replace(OF_AN_INSURER, "").replace(BESIDE, "")
        (record[within[0]] if within else record)[name] = _value(value)
    return record


def _at_the_door(record: dict[str, Any]) -> str:
    try:
        take_in(record, creditor="rent", event_id="e-1", received_at=NOON, secret=SECRET)
    except Refused as refusal:
        return why(refusal)
    return "taken"


def _value(text: str) -> str | int | bool | None:
    if text in WORDS:
        return WORDS[text]
    if text.endswith(" (noon)"):
        return day(text.removesuffix(" (noon)")) * DAY_MS + DAY_MS // 2
    if text.endswith(" (a date)"):
        return day(text.removesuffix(" (a date)"))
    return int(text) if text.lstrip("-").isdigit() and len(text) != 9 else text.removesuffix(" (text)")


def _counts_again(row: HouseholdRow | None, policy: Policy) -> str:
    """Return the first day on which time alone brings the household back on the list."""
    while row is not None and row.due_on is not None:
        on = as_date(row.due_on)
        aged = fold(row, event(3, on, "a day passes"), policy)
        if aged.risk is not None and aged.risk.score:
            return on
        row = aged.row
    return "never"


def _weekday(on: int) -> str:
    return f"{date.fromisoformat(as_date(on)):%A} {as_date(on)}"

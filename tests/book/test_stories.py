"""The rules as a book: every story of `docs/rules` is run as it stands, and fails by page and line."""

from __future__ import annotations

import json

from eropaf.risk.history import tell
from eropaf.risk.plain_words import Language, in_words
from tests.book.columns import ASKED, AT_ONCE, COUNTED, EXPLAINED, HISTORY, KEPT, SLIPS, STORY, TOLD
from tests.book.kept import heard, read_again
from tests.book.lives import Life, as_date, kept, said, told
from tests.book.pages import BREAK, Table, differs, of
from tests.book.said import ADDRESSES, event
from tests.builders import HOME

LANGUAGES: dict[str, Language] = {"the resident reads": "nl", "in English": "en"}
CONTACT = "14 020"
NAMES = {address: name for name, address in ADDRESSES.items()}
# What an older version did not seal, and where the facts hold it.
LATER = {
    "the amount": ("amount_cents", "reported_on"),
    "the kind": ("partner_type",),
    "the day": ("on", "policy"),
    "the bands": ("bands",),
    "what threatens": ("threats",),
}


@of(*STORY)
def test_what_happens_to_a_household_is_as_the_book_says(table: Table) -> None:
    life, wrong = Life(table.policy), []
    for number, case in enumerate(table.rows, 1):
        life.take(number, case.cells["on"], case.cells["what happens"])
        due = as_date(life.known.respond_by)
        found = (f"{life.points / 100:g}", life.known.band, due, "; ".join(life.said) or "-")
        wrong += differs(case, dict(zip(STORY[2:], found, strict=True)))
    assert wrong == []


@of(*TOLD)
def test_outreach_is_told_what_the_book_says(table: Table) -> None:
    life, wrong = Life(table.policy), []
    for number, case in enumerate(table.rows, 1):
        life.take(number, case.cells["on"], case.cells["what happens"])
        wrong += differs(case, {"outreach is told": told(life.update)})
    assert wrong == []


@of(*COUNTED)
def test_what_is_counted_is_as_the_book_says(table: Table) -> None:
    life, wrong = Life(table.policy), []
    for number, case in enumerate(table.rows, 1):
        life.take(number, case.cells["on"], case.cells["what happens"])
        assert life.folded is not None
        assert life.folded.risk is not None
        risk = life.folded.risk
        threatens, months = "yes" if risk.threatening else "no", f"{risk.months_behind / 100:g}"
        found = (f"{risk.open_positions}", f"{risk.creditors}", months, threatens, as_date(risk.crisis_on))
        wrong += differs(case, dict(zip(COUNTED[2:], (*found, risk.ended_by), strict=True)))
    assert wrong == []


@of(*SLIPS)
def test_contact_details_go_when_the_book_says(table: Table) -> None:
    life, wrong = Life(table.policy), []
    for number, case in enumerate(table.rows, 1):
        life.take(number, case.cells["on"], case.cells["what happens"])
        wrong += differs(case, {"contact details that go": "; ".join(life.slips) or "-"})
    assert wrong == []


@of(*ASKED)
def test_creditors_are_asked_what_the_book_says(table: Table) -> None:
    life, wrong = Life(table.policy), []
    for number, case in enumerate(table.rows, 1):
        life.take(number, case.cells["on"], case.cells["what happens"])
        wrong += differs(case, {"creditors are asked": "; ".join(life.asked) or "-"})
    assert wrong == []


@of(*KEPT)
def test_what_is_kept_is_as_the_book_says(table: Table) -> None:
    life, wrong = Life(table.policy), []
    for number, case in enumerate(table.rows, 1):
        life.take(number, case.cells["on"], case.cells["what happens"])
        wrong += differs(case, {"is kept": kept(life.row)})
    assert wrong == []


@of(*EXPLAINED)
def test_an_explanation_reads_as_the_book_says(table: Table) -> None:
    life, wrong = Life(table.policy), []
    above = dict.fromkeys(LANGUAGES, "")
    for number, case in enumerate(table.rows, 1):
        life.take(number, case.cells["on"], case.cells["what happens"])
        read = _read(life.explained())
        wrong += differs(case, {column: _news(text, above[column]) for column, text in read.items()})
        above = read
    assert wrong == []
    letters = {language: text for language, text in table.letters}
    for language in LANGUAGES.values():
        if language in letters:
            assert in_words(json.loads(life.explained()), language, CONTACT) + "\n" == letters[language]


@of(*AT_ONCE)
def test_what_was_sealed_is_told_as_far_as_it_goes(table: Table) -> None:
    wrong = []
    for case in table.rows:
        life = Life(table.policy)
        for number, what in enumerate(case.cells["what happens"].split(BREAK), 1):
            life.take(number, "2026-03-02", what)
        wrong += differs(case, _read(life.explained(), case.cells["sealed without"]))
    assert wrong == []


@of(*HISTORY)
def test_what_happens_to_many_is_as_the_book_says(table: Table) -> None:
    """Tells it all anew for each line: what a line adds is what it leads to."""
    events, updates, answers, wrong = [], 0, 0, []
    for number, case in enumerate(table.rows, 1):
        home = ADDRESSES.get(case.cells["at"], HOME)
        events.append(read_again(event(number, case.cells["on"], case.cells["what happens"], home)))
        history = tell(events, table.policy)
        news = [f"{NAMES[each.address]}: {told(each)}" for each in history.updates[updates:]]
        pairs = list(zip(history.answers, history.answered, strict=True))[answers:]
        replies = [said(answer.creditor, heard(answer, told_of)) for answer, told_of in pairs]
        if f"e-{number}" in history.refused:
            replies.append(f"refused: {history.refused[f'e-{number}']}")
        updates, answers = len(history.updates), len(history.answers)
        found = {"outreach is told": "; ".join(news) or "-", "creditors hear": "; ".join(replies) or "-"}
        wrong += differs(case, found)
    assert len({update.update_id for update in history.updates}) == len(history.updates)
    assert [read_again(risk).policy_version for risk in history.risks][-1] == history.policy.version
    assert wrong == []


def _news(text: str, above: str) -> str:
    """Return what reads otherwise than on the line above."""
    known = above.split(BREAK)
    return BREAK.join(line for line in text.split(BREAK) if line not in known)


def _read(sealed: bytes, without: str = "-") -> dict[str, str]:
    """Return what an explanation tells of why, between its purpose and what one can do."""
    facts = json.loads(sealed)
    for later in () if without == "-" else without.split(", "):
        for name in LATER[later]:
            for part in (facts, *facts["contributions"]):
                part.pop(name, None)
    read = {}
    for column, language in LANGUAGES.items():
        why, *_ = in_words(facts, language).split("\n\n")
        read[column] = BREAK.join(line.removeprefix("- ") for line in why.splitlines()[2:])
    return read

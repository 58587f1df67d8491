"""A resident whom the register does not know has the rights of one whom it knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from eropaf.risk.erasures import ERASURE_REMEMBERED_DAYS
from eropaf.risk.events import ResidencyTick, Tick
from eropaf.risk.feedback import Answer
from eropaf.risk.household import fold
from eropaf.risk.records import DAY_MS, NOWHERE, HouseholdEvent, UnresolvedSignal
from eropaf.risk.refusal import Refused
from eropaf.risk.residency import NOBODY, Entry, Registered, let_go, register, resolve
from eropaf.risk.rows import ResidentRow
from eropaf.risk.unregistered import barred, is_of_resident, said
from tests.builders import HOME, HOUSEHOLD, NOON, SECRET, a_signal, amsterdam_example

RESIDENT = "a" * 32
SIGNAL = UnresolvedSignal(RESIDENT, "arrears.health-1-5", a_signal())
PAID = UnresolvedSignal(RESIDENT, "arrears.health-1-6", a_signal(kind="PAID"))
OTHER = [("arrears.health-1-5", "NOT_PICKED_UP_OTHER")]


def objects(at: int, stands: bool = True) -> HouseholdEvent:
    return HouseholdEvent(RESIDENT, f"o-{at}", at, NOWHERE, objection_stands=stands, objector=RESIDENT)


def erases(at: int) -> HouseholdEvent:
    return HouseholdEvent(RESIDENT, f"e-{at}", at, NOWHERE, erasure_requested_on=at // DAY_MS)


def entry(at: int = NOON + DAY_MS) -> Entry:
    return Entry(RESIDENT, "residents-0-1", at, HOME)


def waits() -> ResidentRow:
    return resolve(None, SIGNAL, NOON, SECRET)[0]


def heard(answers: Iterable[tuple[str, Answer]]) -> list[tuple[str, str]]:
    return [(event_id, answer.status) for event_id, answer in answers]


def test_an_objection_ends_what_waits_and_bars_what_comes() -> None:
    objected = said(waits(), objects(NOON + 1), SECRET)

    assert objected.row == replace(NOBODY, objected_at=NOON + 1)
    assert heard(objected.answers) == OTHER
    assert [each.status for each in barred(objected.row, SIGNAL) or ()] == ["NOT_PICKED_UP_OTHER"]
    assert barred(objected.row, PAID) == (), "good news needs no answer, and is not kept either"


def test_what_another_municipality_has_waits_no_more_and_its_creditor_hears_so() -> None:
    both = resolve(waits(), replace(SIGNAL, event_id="arrears.health-1-7"), NOON, SECRET)[0]
    word = HouseholdEvent(RESIDENT, SIGNAL.event_id, NOON + 1, NOWHERE, forwarded=True)

    first = said(both, word, SECRET)

    assert [each.event_id for each in (first.row or NOBODY).waiting] == ["arrears.health-1-7"]
    ((event_id, answer),) = first.answers
    assert (event_id, answer.status, answer.reason) == (SIGNAL.event_id, "NOT_A_RESIDENT", "forwarded")
    assert said(first.row, word, SECRET) == Registered(first.row), "said once more it changes nothing"
    assert said(waits(), word, SECRET).row is None, "nothing is kept of who waits for nothing"


def test_of_good_news_that_was_forwarded_nobody_needs_an_answer() -> None:
    paid = resolve(None, PAID, NOON, SECRET)[0]
    word = HouseholdEvent(RESIDENT, PAID.event_id, NOON + 1, NOWHERE, forwarded=True)

    assert said(paid, word, SECRET) == Registered(None)


def test_what_was_forwarded_while_the_registers_entry_came_stays_with_its_household() -> None:
    entered = register(waits(), entry(), SECRET).row
    word = HouseholdEvent(RESIDENT, SIGNAL.event_id, NOON + 1, NOWHERE, forwarded=True)

    assert said(entered, word, SECRET) == Registered(entered)


def test_an_objection_is_the_first_that_the_household_hears_once_the_entry_comes() -> None:
    objected = said(None, objects(NOON + 1), SECRET).row

    entered = register(objected, entry(), SECRET)

    assert entered.row == ResidentRow(HOME, ())
    (told,) = (each.event for each in entered.resolved)
    assert (told.household, told.at, told.objector) == (HOUSEHOLD, NOON + 1, RESIDENT)
    row = fold(None, told, amsterdam_example()).row
    again = replace(SIGNAL.signal, resident_key=RESIDENT)
    after = fold(row, HouseholdEvent(HOUSEHOLD, "s", NOON + 2, HOME, again), amsterdam_example())
    assert [each.status for each in after.answers] == ["NOT_PICKED_UP_OTHER"]
    assert after.risk is None


def test_an_objection_that_was_taken_back_bars_nothing_whichever_word_comes_first() -> None:
    objected = said(None, objects(NOON), SECRET).row
    assert objected is not None

    assert said(objected, objects(NOON + 1, stands=False), SECRET).row is None
    assert said(objected, objects(NOON - 1, stands=False), SECRET).row == objected
    assert said(None, objects(NOON, stands=False), SECRET).row is None
    assert said(waits(), objects(NOON, stands=False), SECRET).row == waits()
    assert said(objected, objects(NOON), SECRET).row == objected


def test_an_objection_outlives_a_tombstone_and_the_days() -> None:
    objected = said(None, objects(NOON), SECRET).row
    assert objected is not None
    late = ResidencyTick(Tick(NOON // DAY_MS + 5_000, 0, 1), NOON + 5_000 * DAY_MS)

    assert register(objected, replace(entry(), address=None), SECRET).row == objected
    assert let_go(objected, late).row is objected


def test_an_erasure_ends_what_waits_and_what_was_said_before_it_does_not_come_back() -> None:
    erased = said(waits(), erases(NOON + 1), SECRET)
    late = UnresolvedSignal(RESIDENT, "arrears.health-1-9", a_signal(reported_at=NOON + 2))

    assert erased.row == replace(NOBODY, erased_at=NOON + 1)
    assert heard(erased.answers) == OTHER
    assert [each.status for each in barred(erased.row, SIGNAL) or ()] == ["NOT_PICKED_UP_OTHER"]
    assert barred(erased.row, PAID) == ()
    assert barred(erased.row, late) is None, "what is reported later waits"

    entered = register(erased.row, entry(), SECRET).row
    assert barred(entered, SIGNAL) is not None, "and once the entry came"
    assert barred(entered, PAID) is None, "that arrears ended holds at the household"


def test_an_erasure_that_is_sent_again_leaves_what_came_long_after() -> None:
    later = UnresolvedSignal(RESIDENT, "arrears.health-1-9", a_signal(reported_at=NOON + 9 * DAY_MS))
    row = resolve(said(waits(), erases(NOON + 1), SECRET).row, later, NOON + 9 * DAY_MS, SECRET)[0]

    again = said(row, erases(NOON + 1), SECRET)

    assert again.row == row
    assert again.answers == ()


def test_an_erasure_leaves_an_objection_and_is_remembered_for_its_days_alone() -> None:
    objected = said(None, objects(NOON), SECRET).row

    erased = said(objected, erases(NOON + 1), SECRET).row
    assert erased == replace(NOBODY, objected_at=NOON, erased_at=NOON + 1)

    last = NOON // DAY_MS + ERASURE_REMEMBERED_DAYS
    for row, after in (
        (erased, objected),
        (said(None, erases(NOON + 1), SECRET).row, None),
        (ResidentRow(HOME, (), erased_at=NOON + 1), ResidentRow(HOME, ())),
    ):
        assert row is not None
        assert let_go(row, ResidencyTick(Tick(last - 1, 0, 1), 0)).row is row
        assert let_go(row, ResidencyTick(Tick(last, 0, 1), 0)).row == after
    left = register(ResidentRow(HOME, (), erased_at=NOON + 1), replace(entry(), address=None), SECRET)
    assert left.row == replace(NOBODY, erased_at=NOON + 1)


def test_a_word_that_the_entry_overtook_goes_on_to_the_household() -> None:
    known = ResidentRow(HOME, ())

    objected, erased = (said(known, each, SECRET) for each in (objects(NOON), erases(NOON)))

    assert (objected.row, erased.row) == (known, known)
    (objection,), (erasure,) = ([each.event for each in told.resolved] for told in (objected, erased))
    assert (objection.household, objection.address, objection.objector) == (HOUSEHOLD, HOME, RESIDENT)
    assert (erasure.household, erasure.address) == (HOUSEHOLD, None)
    assert erasure.erasure_requested_on == NOON // DAY_MS


def test_whoever_objects_or_was_erased_stays_so_while_signals_wait_and_go_on() -> None:
    erased = replace(NOBODY, erased_at=NOON)

    row = resolve(erased, SIGNAL, NOON, SECRET)[0]
    entered = register(row, entry(), SECRET).row
    after = resolve(entered, replace(SIGNAL, signal=a_signal(contract="c-2")), NOON, SECRET)[0]

    assert [each.erased_at for each in (row, entered, after) if each is not None] == [NOON] * 3


def test_what_a_newer_version_says_of_a_resident_is_refused() -> None:
    with pytest.raises(Refused, match="unknown to this version"):
        said(None, HouseholdEvent(RESIDENT, "x", NOON, NOWHERE), SECRET)


def test_only_what_is_said_nowhere_is_of_a_resident_alone() -> None:
    assert is_of_resident(objects(NOON))
    assert not is_of_resident(HouseholdEvent(HOUSEHOLD, "e", NOON, erasure_requested_on=1))
    assert not is_of_resident(HouseholdEvent(HOUSEHOLD, "o", NOON, HOME, objection_stands=True))


def test_a_resident_row_is_read_as_it_was_written() -> None:
    row = ResidentRow(None, (), objected_at=NOON, erased_at=NOON + 1)

    assert ResidentRow.from_record(row.to_record()) == row

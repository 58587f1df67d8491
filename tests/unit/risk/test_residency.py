from __future__ import annotations

from dataclasses import replace

import pytest

from eropaf.agents.topology import LARGEST_ROW
from eropaf.risk.events import ResidencyTick, Tick
from eropaf.risk.identity import household_key
from eropaf.risk.policy import Policy
from eropaf.risk.records import DAY_MS, Address, Departure, MinorChildren, UnresolvedSignal
from eropaf.risk.refusal import Refused
from eropaf.risk.residency import MOST_SIGNALS_WAITING, Entry, Registered, let_go, register, resolve
from eropaf.risk.rows import ResidentRow, Sent, Waiting
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.wire import Codec
from tests.builders import HOME, HOUSEHOLD, MARCH_2, NOON, SECRET, a_signal, amsterdam_example

ELSEWHERE = Address("1012CD", 3, "")
SIGNAL = UnresolvedSignal("resident", "arrears.energy-1-5", a_signal())


def entry(address: Address | None, entry_id: str = "residents-0-1", minor_children: bool = False) -> Entry:
    return Entry("resident", entry_id, NOON + 1, address, minor_children)


def test_a_signal_without_an_address_waits_and_is_not_lost() -> None:
    row, resolved = resolve(None, SIGNAL, NOON, SECRET)

    assert resolved is None
    assert [entry.event_id for entry in row.waiting] == ["arrears.energy-1-5"]


def test_what_waited_joins_its_household_when_the_entry_comes_with_its_own_time() -> None:
    row, _ = resolve(None, SIGNAL, NOON, SECRET)

    entered = register(row, entry(HOME, "residents-0-1"), SECRET)

    assert [(one.event.household, one.timestamp_ms) for one in entered.resolved] == [(HOUSEHOLD, NOON)]
    assert entered.row == ResidentRow(HOME, (), (Sent("rent", "contract-1", NOON // DAY_MS),))


def test_a_signal_on_a_known_resident_goes_on_at_once() -> None:
    row = register(None, entry(HOME, "residents-0-1"), SECRET).row

    after, resolved = resolve(row, SIGNAL, NOON, SECRET)
    again, _ = resolve(after, SIGNAL, NOON, SECRET)

    assert resolved is not None
    assert (resolved.event.household, resolved.timestamp_ms) == (HOUSEHOLD, NOON)
    assert again is after


def test_who_moves_inside_the_municipality_takes_the_arrears_along() -> None:
    row, _ = resolve(register(None, entry(HOME, "residents-0-1"), SECRET).row, SIGNAL, NOON, SECRET)

    moved = register(row, entry(ELSEWHERE, "residents-0-9"), SECRET)

    departure, of_the_resident = [one.event for one in moved.resolved]
    assert {one.timestamp_ms for one in moved.resolved} == {NOON + 1}
    assert of_the_resident.departure == Departure(
        "", "", household_key(ELSEWHERE, SECRET), ELSEWHERE, "resident"
    )
    assert departure.household == HOUSEHOLD
    assert departure.departure == Departure(
        "rent", "contract-1", household_key(ELSEWHERE, SECRET), ELSEWHERE, "resident"
    )
    assert moved.row == ResidentRow(ELSEWHERE, (), (Sent("rent", "contract-1", NOON // DAY_MS),))


def test_an_entry_that_comes_twice_moves_nobody() -> None:
    row, _ = resolve(register(None, entry(HOME, "residents-0-1"), SECRET).row, SIGNAL, NOON, SECRET)

    again = register(row, entry(HOME, "residents-0-9"), SECRET)

    assert (again.row, again.resolved) == (row, ())


def test_of_who_left_the_municipality_nothing_is_kept() -> None:
    row, _ = resolve(register(None, entry(HOME, "residents-0-1"), SECRET).row, SIGNAL, NOON, SECRET)

    left = register(row, entry(None, "residents-0-9"), SECRET)

    assert left.row is None
    assert [one.event.departure for one in left.resolved] == [
        Departure("rent", "contract-1", None, None, "resident"),
        Departure("", "", None, None, "resident"),
    ]


def test_who_signalled_somebody_that_left_before_an_address_was_known_is_told() -> None:
    row, _ = resolve(None, SIGNAL, NOON, SECRET)

    left = register(row, entry(None, "residents-0-9"), SECRET)

    assert [(answer.status, answer.reason) for _, answer in left.answers] == [("NOT_A_RESIDENT", None)]


def test_when_too_many_wait_the_next_is_refused_and_the_row_still_fits_into_a_record() -> None:
    longest = "\N{GRINNING FACE}" * 200
    signal = a_signal(signal_id=longest, contract=longest, creditor="c" * 241, version=2**62)
    signal = replace(
        signal,
        own_effort={
            "offer": "NO_ANSWER",
            "personal_contact": True,
            "debt_help_pointed_at": True,
            "written_reminders": 9,
        },
    )
    waiting = Waiting(f"arrears.{'c' * 241}-99-{2**62}", NOON, signal)
    row = ResidentRow(None, (waiting,) * MOST_SIGNALS_WAITING)

    with pytest.raises(Refused, match="500 signals are already waiting"):
        resolve(row, SIGNAL, NOON, SECRET)

    assert len(Codec("ResidentRow", "rows", LocalRegistry()).encode(row.to_record())) < LARGEST_ROW - 1024


def said(entered: Registered) -> list[tuple[str, MinorChildren | None]]:
    return [
        (one.event.household, one.event.minor_children)
        for one in entered.resolved
        if one.event.departure is None
    ]


def test_a_register_that_says_nothing_of_minor_children_tells_no_household_anything() -> None:
    row = register(None, entry(HOME), SECRET).row

    assert said(register(row, entry(ELSEWHERE), SECRET)) == []


def test_at_every_entry_the_household_hears_of_minor_children() -> None:
    once = register(None, entry(HOME, minor_children=True), SECRET)

    again = register(once.row, entry(HOME, "residents-0-9", minor_children=True), SECRET)

    assert said(once) == said(again) == [(HOUSEHOLD, MinorChildren("resident", at_home=True))]
    assert [one.timestamp_ms for one in again.resolved] == [NOON + 1]


def test_when_they_move_the_old_household_hears_it_too() -> None:
    row = register(None, entry(HOME, minor_children=True), SECRET).row

    moved = register(row, entry(ELSEWHERE, "residents-0-9", minor_children=True), SECRET)

    assert said(moved) == [
        (HOUSEHOLD, MinorChildren("resident", at_home=False)),
        (household_key(ELSEWHERE, SECRET), MinorChildren("resident", at_home=True)),
    ]


@pytest.mark.parametrize("last", [entry(HOME, "residents-0-9"), entry(None, "residents-0-9")])
def test_when_the_register_no_longer_says_it_the_household_hears_that(last: Entry) -> None:
    row = register(None, entry(HOME, minor_children=True), SECRET).row

    assert said(register(row, last, SECRET)) == [(HOUSEHOLD, MinorChildren("resident", at_home=False))]


def test_a_signal_on_the_resident_does_not_make_the_register_forget_it() -> None:
    row = register(None, entry(HOME, minor_children=True), SECRET).row

    after, _ = resolve(row, SIGNAL, NOON, SECRET)

    assert after.minor_children


@pytest.mark.parametrize(("stored_before", "answered"), [(NOON, 0), (NOON + 1, 1)])
def test_a_signal_waits_up_to_the_moment_and_is_answered_after_it(stored_before: int, answered: int) -> None:
    row, _ = resolve(None, SIGNAL, NOON, SECRET)

    left = let_go(row, ResidencyTick(Tick(MARCH_2, 0, 1), stored_before))

    assert (left.row == row, len(left.answers)) == (not answered, answered)


def known(row: ResidentRow | None, day: int) -> list[str]:
    """Return the contracts that are known of a resident once `day` was told, under the shipped policy."""
    assert row is not None
    policy = amsterdam_example()
    told = ResidencyTick(Tick(day, 0, 1), policy.waits_since(day), policy.knows_contracts_since(day))
    left = let_go(row, told)
    assert left.row is not None
    assert (left.resolved, left.answers) == ((), ())
    return [each.contract for each in left.row.sent]


def test_a_contract_of_which_nothing_comes_is_forgotten_with_the_longest_period() -> None:
    """183 days that arrears stand and 183 of a result: who was signalled once is not known for ever."""
    at_home = register(None, entry(HOME), SECRET).row
    row, _ = resolve(at_home, SIGNAL, NOON, SECRET)
    later = UnresolvedSignal("resident", "arrears.rent-1-9", a_signal(contract="contract-2"))
    row, _ = resolve(row, later, NOON + 100 * DAY_MS, SECRET)

    assert known(row, MARCH_2 + 366) == ["contract-1", "contract-2"]
    assert known(row, MARCH_2 + 367) == ["contract-2"]
    assert known(row, MARCH_2 + 467) == []


def test_a_contract_is_known_for_as_long_as_a_household_holds_what_became_of_it() -> None:
    """Help accepted on the last day on which arrears stood: a move within its period takes them along."""
    policy = amsterdam_example()
    stands = max(partner.valid_days for partner in policy.partners.values())
    for result in policy.results.values():
        last = MARCH_2 + stands + max(result.quiet_days, result.retention_days)
        assert policy.knows_contracts_since(last) <= MARCH_2


POLICY = amsterdam_example()
LONGEST = {
    "paid": replace(POLICY, paid_days=400),
    "withdrawn": replace(POLICY, withdrawn_days=400),
    "silent": replace(POLICY, silent_days=400),
    "valid": replace(POLICY, partners={"RENT": replace(POLICY.partners["RENT"], valid_days=400)}),
}


@pytest.mark.parametrize("policy", LONGEST.values(), ids=LONGEST)
def test_whichever_period_is_the_longest_a_contract_is_known_for_it_and_a_result(policy: Policy) -> None:
    assert policy.knows_contracts_since(MARCH_2) == MARCH_2 - 400 - 183


def test_a_contract_that_is_signalled_again_is_known_from_then_on() -> None:
    row, _ = resolve(register(None, entry(HOME), SECRET).row, SIGNAL, NOON, SECRET)

    again, _ = resolve(row, SIGNAL, NOON + 30 * DAY_MS, SECRET)
    late, _ = resolve(again, SIGNAL, NOON, SECRET)

    assert again.sent == (Sent("rent", "contract-1", MARCH_2 + 30),)
    assert late is again


def test_what_an_older_version_kept_has_its_time_from_the_first_day_that_is_told() -> None:
    row = ResidentRow(HOME, (), (Sent("rent", "contract-1"),))
    said_nothing = ResidencyTick(Tick(MARCH_2, 0, 1), 0)

    assert let_go(row, said_nothing).row is row
    told = let_go(row, replace(said_nothing, sent_before=MARCH_2 - 183)).row

    assert told == ResidentRow(HOME, (), (Sent("rent", "contract-1", MARCH_2),))


def test_a_contract_a_month_never_fills_a_residents_row() -> None:
    row = register(None, entry(HOME), SECRET).row
    policy = amsterdam_example()
    for month in range(60):
        day = MARCH_2 + 30 * month
        signal = UnresolvedSignal("resident", f"arrears.rent-1-{month}", a_signal(contract=f"c-{month}"))
        row, resolved = resolve(row, signal, day * DAY_MS, SECRET)
        assert resolved is not None
        row = let_go(row, ResidencyTick(Tick(day, 0, 1), 0, policy.knows_contracts_since(day))).row
        assert row is not None
        assert len(row.sent) <= 13

"""What is kept of a household beside an objection: nothing of the objector, and everything of the others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eropaf.risk.erasures import is_moment_alone
from eropaf.risk.events import Tick
from eropaf.risk.household import fold
from eropaf.risk.objections import MOST_HOMES_SINCE
from eropaf.risk.people import MOST_PARENTS
from eropaf.risk.records import DAY_MS, Departure, HouseholdEvent, MinorChildren
from eropaf.risk.rows import HouseholdRow
from tests.builders import HOME, HOUSEHOLD, MARCH_2, NOON, a_signal, an_event, families_count
from tests.story import POLICY, story, tick

HEALTH: dict[str, Any] = {"creditor": "health", "partner_type": "HEALTH", "contract": "h"}


def on(day: int, **changes: Any) -> HouseholdEvent:
    return an_event(a_signal(reported_at=NOON + day * DAY_MS, version=day + 1, **changes))


def objection(day: int, whose: str | None = None, stands: bool = True) -> HouseholdEvent:
    at = NOON + day * DAY_MS
    return HouseholdEvent(HOUSEHOLD, f"objection-{day}", at, HOME, objection_stands=stands, objector=whose)


def departure(creditor: str, contract: str, whose: str | None, day: int = 9) -> HouseholdEvent:
    left = Departure(creditor, contract, None, None, whose)
    return HouseholdEvent(HOUSEHOLD, f"residents-{day}", NOON + day * DAY_MS, departure=left)


def kept(*events: HouseholdEvent) -> HouseholdRow:
    return story(*events).households[HOUSEHOLD]


@pytest.mark.parametrize("of", [None, "ann"])
def test_every_contract_that_may_be_the_objectors_is_barred_not_the_first_alone(of: str | None) -> None:
    row = kept(objection(0, "ann"), *(on(day, contract=f"c-{day}", resident_key=of) for day in (1, 2, 3)))

    assert row == kept(objection(0, "ann"))


def test_who_lives_with_an_objector_hears_and_pays_as_others_do() -> None:
    row = kept(objection(0, "ann"), on(1, resident_key="bob"), on(2, resident_key="bob", kind="PAID"))

    assert [position.kind for position in row.positions] == ["PAID"]
    assert row.objectors == ("ann",)
    assert (row.objected, row.homes) == (False, ())


def test_an_objectors_good_news_is_not_answered() -> None:
    assert story(objection(0, "ann"), on(1, resident_key="ann", kind="PAID")).answers == []


def test_a_signal_on_another_contract_that_is_unlawful_is_answered_with_its_reason() -> None:
    effort = {"personal_contact": True, "help_offered": True, "written_reminders": 1, "offer": "REFUSED"}
    refused = on(90, contract="contract-2", own_effort=effort)

    history = story(on(0), objection(1), refused)

    assert [(a.status, a.reason) for a in history.answers[1:]] == [
        ("NOT_PICKED_UP_UNJUSTIFIED", "resident-refused")
    ]
    assert history.households[HOUSEHOLD].objected


def test_an_objection_of_an_address_knows_its_home_by_the_contracts_of_homes_alone() -> None:
    row = kept(on(0), on(0, **HEALTH), objection(1))

    assert (row.objected, row.homes) == (True, ("rent/contract-1",))


def test_of_another_contract_of_the_home_only_its_name_and_first_day_are_kept() -> None:
    other = (on(90, contract="contract-2"), on(89, contract="garage"), on(120, contract="contract-2"))

    row = kept(on(0), objection(1), *other)

    assert row == replace(
        kept(on(0), objection(1)),
        homes_since=("rent/contract-2", "rent/garage"),
        in_doubt_since=MARCH_2 + 89,
        sequence=row.sequence,
        due_on=row.due_on,
    )


def test_of_very_many_contracts_of_a_home_as_many_are_kept_as_a_clerk_has_a_use_for() -> None:
    named = [on(90, contract=f"c-{number:02}") for number in range(MOST_HOMES_SINCE + 1)]

    row = kept(on(0), objection(1), *named)

    assert row.homes_since == tuple(f"rent/c-{number:02}" for number in range(MOST_HOMES_SINCE))


def test_an_objection_that_is_made_again_is_also_of_what_was_named_since() -> None:
    row = kept(on(0), objection(1), on(90, contract="garage"), objection(91))

    assert (row.homes, row.homes_since) == (("rent/contract-1", "rent/garage"), ())
    assert (row.in_doubt_since, row.objected_at, row.at) == (None, NOON + 91 * DAY_MS, NOON + 91 * DAY_MS)
    assert kept(objection(91), on(92)).homes == ("rent/contract-1",)


@pytest.mark.parametrize(
    ("creditor", "contract", "whose", "since"),
    [("", "", "bob", MARCH_2 + 9), ("health", "h", "bob", MARCH_2 + 9), ("health", "h", None, None)],
    ids=["a resident", "a resident's contract", "a contract"],
)
def test_where_a_resident_leaves_who_decides_is_told_and_the_objection_stands(
    creditor: str, contract: str, whose: str | None, since: int | None
) -> None:
    row = kept(on(0), objection(1), departure(creditor, contract, whose))

    assert (row.objected, row.homes, row.in_doubt_since) == (True, ("rent/contract-1",), since)


def test_another_resident_who_moves_takes_no_objection_of_the_address_along() -> None:
    left = Departure("", "", "f" * 32, replace(HOME, house_number=99), "bob")
    moves = HouseholdEvent(HOUSEHOLD, "residents-9", NOON + 9 * DAY_MS, departure=left)

    assert fold(kept(on(0), objection(1)), moves, POLICY).onward == ()


def test_an_objection_that_ends_leaves_nothing_in_doubt() -> None:
    doubted = (on(0), objection(1), on(90, contract="contract-2"))

    for ends in (objection(91, stands=False), departure("rent", "contract-1", "ann")):
        row = kept(*doubted, ends)
        assert (row.objected, row.homes, row.homes_since, row.in_doubt_since) == (False, (), (), None)


def test_what_may_not_be_picked_up_says_nothing_of_who_lives_there() -> None:
    doubted = kept(on(0), objection(1), on(90, contract="contract-2", kind="PAID"))

    assert doubted == kept(on(0), objection(1))


def test_a_residents_objection_leaves_that_of_the_address_and_what_is_of_others() -> None:
    address = kept(on(0), objection(1), objection(2, "ann"))
    bobs = kept(on(0, resident_key="bob"), on(0, **HEALTH, resident_key="ann"), objection(3, "ann"))

    assert (address.objected, address.objectors, address.homes) == (True, ("ann",), ("rent/contract-1",))
    assert [position.creditor for position in bobs.positions] == ["rent"]
    assert (bobs.objected, bobs.objectors, bobs.homes) == (False, ("ann",), ())
    assert bobs.at == NOON + 3 * DAY_MS


def test_an_objection_of_the_address_leaves_those_of_residents() -> None:
    row = kept(objection(0, "ann"), objection(1))

    assert (row.objected, row.objectors) == (True, ("ann",))


def test_after_an_objection_time_has_passed_as_before() -> None:
    row = kept(on(0), tick(7), objection(3))

    assert row.looked_on == MARCH_2 + 7


def test_with_the_last_objector_who_leaves_nothing_bars_any_more() -> None:
    row = kept(on(0, resident_key="bob"), objection(1, "ann"), departure("", "", "ann"))

    assert row.objectors == ()
    assert [position.creditor for position in row.positions] == ["rent"]


def test_an_objection_whose_home_nobody_named_stands_whoever_leaves() -> None:
    row = kept(objection(0), departure("health", "h", "ann"))

    assert (row.objected, row.homes) == (True, ())


def test_who_objects_is_known_under_another_policy_and_when_children_move_out() -> None:
    objects = HouseholdRow(HOME, 0, 0, (), policy_version="of before", objectors=("ann",))
    family = replace(objects, minor_children=("mother",))
    day = HouseholdEvent("*", "tick", 0, tick=Tick(MARCH_2, 0, 1)).for_household(HOUSEHOLD)
    child = HouseholdEvent(HOUSEHOLD, "r-1", NOON, HOME, minor_children=MinorChildren("mother", False))

    after = fold(objects, day, POLICY).row
    gone = fold(family, child, families_count()).row

    assert after is not None
    assert after.objectors == ("ann",)
    assert gone is not None
    assert (gone.objectors, gone.minor_children) == (("ann",), ())


def test_an_objection_alone_is_told_as_such_and_beside_arrears_these_are() -> None:
    alone = story(on(0, resident_key="ann"), objection(1, "ann"))
    beside = story(on(0, resident_key="bob", kind="PAID"), objection(1, "ann"))

    assert alone.risks[-1].ended_by == "OBJECTED"
    assert beside.risks[-1].ended_by == "PAID"


@pytest.mark.parametrize("resident", ["mother", "one-more"])
def test_what_the_register_repeats_or_has_no_room_for_leaves_the_row_as_it_is(
    resident: str,
) -> None:
    parents = ("mother", *(f"p-{number}" for number in range(MOST_PARENTS - 1)))
    row = HouseholdRow(HOME, 0, 0, (), objectors=("ann",), minor_children=parents)
    said = HouseholdEvent(HOUSEHOLD, "r-2", NOON, HOME, minor_children=MinorChildren(resident, True))

    assert fold(row, said, families_count()).row is row


def erasure(day: int) -> HouseholdEvent:
    return HouseholdEvent(HOUSEHOLD, "erasure", NOON + day * DAY_MS, erasure_requested_on=MARCH_2 + day)


# What was said before an erasure, and what stands of it after.
ERASED: list[tuple[str, tuple[HouseholdEvent, ...]]] = [
    ("an address's", (on(0), objection(1))),
    ("a resident's", (on(0, resident_key="ann"), objection(1, "ann"))),
    ("a resident's, beside arrears of another's", (on(0, resident_key="bob"), objection(1, "ann"))),
    ("both", (on(0), objection(1, "ann"), objection(1))),
    ("one in doubt", (on(0), objection(1), on(8, contract="contract-2"))),
    ("one that somebody else's departure put in doubt", (on(0), objection(1), departure("", "", "bob", 8))),
]


@pytest.mark.parametrize(("whose", "before"), ERASED, ids=[line[0] for line in ERASED])
def test_an_erasure_leaves_the_objections_alone_as_they_stand(
    whose: str, before: tuple[HouseholdEvent, ...]
) -> None:
    stood = kept(*before)

    history = story(*before, erasure(9))

    row = history.households[HOUSEHOLD]
    assert row == HouseholdRow(
        HOME, NOON + 9 * DAY_MS, 0, (), objected=stood.objected, objectors=stood.objectors,
        homes=stood.homes, objected_at=stood.objected_at, homes_since=stood.homes_since,
        in_doubt_since=stood.in_doubt_since, erased_at=NOON + 9 * DAY_MS, objectors_at=stood.objectors_at,
    )  # fmt: skip
    assert history.risks[-1].ended_by == "FORGOTTEN"
    assert history.rankings == {}


def test_that_an_erasure_ends_the_registers_entries_says_of_nobody_that_they_left() -> None:
    """Nobody moved: the entries of the address end at the erasure's moment, and come with the next load."""
    erased = (on(0), objection(1), objection(1, "ann"), erasure(9))
    ends = (departure("rent", "contract-1", "ann"), departure("", "", "ann"), departure("", "", "bob"))

    assert kept(*erased, *ends) == kept(*erased)
    assert kept(*erased, departure("", "", "bob", day=10)).in_doubt_since == MARCH_2 + 10
    assert kept(*erased, departure("rent", "contract-1", "carl", day=10)).objected is False
    assert kept(*erased, departure("", "", "ann", day=10)).objectors == ()


def test_an_end_of_an_entry_older_than_the_newest_erasure_ends_no_objection() -> None:
    """An address is erased twice before its residents' departures come: the second moment is kept."""
    lives = (on(0), objection(1), objection(1, "ann"))
    ends = (departure("rent", "contract-1", "bob"), departure("", "", "bob"), departure("", "", "ann"))

    erased = kept(*lives, erasure(9), erasure(10))
    row = kept(*lives, erasure(9), erasure(10), *ends)

    doubted = replace(erased, in_doubt_since=MARCH_2 + 9)
    assert row == replace(doubted, sequence=row.sequence, policy_version=row.policy_version)
    assert kept(*lives, erasure(9), erasure(10), departure("", "", "ann")) == erased


def test_an_erasures_own_departures_take_what_an_undo_brought_back() -> None:
    """What a creditor said before the erasure is read again behind it, and the register's end as well."""
    erased = (on(0, resident_key="bob"), objection(1, "ann"), erasure(9))

    history = story(*erased, on(2, resident_key="bob"), departure("rent", "contract-1", "bob"))

    assert history.households[HOUSEHOLD].positions == ()
    assert history.households[HOUSEHOLD].objectors == ("ann",)
    assert history.answers == story(*erased, on(2, resident_key="bob")).answers


def test_after_an_erasure_an_objection_bars_ages_and_ends_as_one_that_is_made_does() -> None:
    erased = (on(0), objection(1), objection(1, "ann"), erasure(9))
    another = replace(POLICY, version="another")

    history = story(*erased, on(10, contract="contract-1"))
    row = history.households[HOUSEHOLD]
    aged = fold(kept(*erased), tick(12), another).row

    assert (history.answers[-1].status, history.updates[-1].band) == ("NOT_PICKED_UP_OTHER", "NONE")
    assert row == kept(*erased)
    assert aged == replace(kept(*erased), policy_version="another", sequence=1)
    over = story(*erased, objection(10, stands=False), objection(10, "ann", stands=False))
    assert is_moment_alone(over.households[HOUSEHOLD])


def test_an_erasure_where_nobody_objects_or_not_any_more_leaves_its_moment_alone() -> None:
    for before in ((on(0),), (on(0), objection(1), objection(2, stands=False)), ()):
        assert is_moment_alone(story(*before, erasure(9)).households[HOUSEHOLD])


def test_a_word_of_before_a_doubt_does_not_decide_it() -> None:
    """An objection from a phone without a line, or a tool that repeats it with each visit."""
    doubted = (on(0), objection(1), on(90, contract="contract-2"))

    row = kept(*doubted, objection(5))

    assert (row.objected, row.objected_at) == (True, NOON + 5 * DAY_MS)
    assert (row.homes, row.homes_since) == (("rent/contract-1",), ("rent/contract-2",))
    assert row.in_doubt_since == MARCH_2 + 90

"""On which day time alone changes something of a household, and on which nothing is left of it.

Days are counted from 2 March 2026, at noon of which everything is said. The periods are the policy's; the law
names none ("months, not years": Handreiking Wgs, AP).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eropaf.risk.ageing import gone_by, next_day
from eropaf.risk.events import Overrule
from eropaf.risk.household import fold
from eropaf.risk.outcomes import RESULTS
from eropaf.risk.positions import closed, position_of
from eropaf.risk.records import HouseholdEvent
from eropaf.risk.rows import HouseholdRow, Position
from eropaf.risk.score import assess
from tests.builders import HOME, HOUSEHOLD, MARCH_2, NOON, a_signal, amsterdam_example
from tests.story import on, result, story, tick

POLICY = replace(
    amsterdam_example(), paid_days=100, withdrawn_days=40, silent_days=300,
)  # fmt: skip
RENT = position_of(a_signal())
WATER = position_of(a_signal(creditor="water", partner_type="WATER", contract="w"))


def handled(position: Position, days: int) -> Position:
    return replace(position, handled_cents=position.amount_cents, handled_until=MARCH_2 + days)


def row(*positions: Position, **changes: Any) -> HouseholdRow:
    return HouseholdRow(HOME, NOON, 1, positions, **changes)


PAID, WITHDRAWN = closed(a_signal(), "PAID"), closed(a_signal(), "WITHDRAWN")
SETTLED = replace(RENT, amount_cents=0)

# What is kept; after how many days all of it is forgotten (None: not by time alone).
GONE: list[tuple[str, HouseholdRow, int | None]] = [
    ("arrears of which nobody says any more", row(RENT), 300),
    ("all was paid", row(PAID), 100),
    ("nothing is left to pay", row(SETTLED), 100),
    ("all was withdrawn", row(WITHDRAWN), 40),
    ("one paid, one withdrawn", row(PAID, replace(WITHDRAWN, contract="x")), 100),
    (
        "closed by who died, the policy says for how long",
        row(replace(WITHDRAWN, handled_until=MARCH_2 + 183)),
        183,
    ),
    ("closed by who died, but for less", row(replace(WITHDRAWN, handled_until=MARCH_2 + 9)), 40),
    ("no contract at all", row(), 40),
    ("one paid, one stands", row(PAID, WATER), 300),
    ("handled, and who found it", row(handled(RENT, 30), handled_by="ARRANGES_ITSELF"), 90),
    ("handled as unjustified", row(handled(RENT, 30), handled_by="NOT_PICKED_UP_UNJUSTIFIED"), 30),
    ("handled, and another stands", row(handled(RENT, 30), WATER, handled_by="ARRANGES_ITSELF"), 300),
    ("handled, and it grew", row(replace(handled(RENT, 30), amount_cents=110_001), handled_by="HELP"), 300),
    ("an objection", row(objected=True), None),
    ("an objection beside what stands", row(RENT, objected=True), None),
]


@pytest.mark.parametrize(("case", "kept", "days"), GONE, ids=[line[0] for line in GONE])
def test_a_household_is_forgotten_after(case: str, kept: HouseholdRow, days: int | None) -> None:
    assert gone_by(kept, POLICY) == (None if days is None else MARCH_2 + days)


def next_of(kept: HouseholdRow, today: int = 0, settle_on: int | None = None) -> int | None:
    day = MARCH_2 + today
    assessment = assess(kept.positions, kept.months, day, POLICY)
    found = next_day(kept, assessment, None if settle_on is None else MARCH_2 + settle_on, day, POLICY)
    return None if found is None else found - MARCH_2


DUE = replace(RENT, crisis_kind="END_OF_DELIVERY", crisis_on=MARCH_2 + 50)
RAISED = row(RENT, overrule=Overrule("RAISE", MARCH_2 + 5, "seen"))

# What is kept, today; the next day on which time alone changes something.
NEXT: list[tuple[str, HouseholdRow, int, int | None]] = [
    ("rent goes out of date", row(RENT), 0, 92),
    ("water does, a month later", row(WATER), 0, 122),
    ("the sooner of two", row(RENT, WATER), 0, 92),
    ("the quiet ends", row(handled(RENT, 30)), 0, 30),
    ("once it is over, the next", row(handled(RENT, 30)), 30, 92),
    ("out of date already: it is forgotten", row(RENT), 92, 300),
    ("forgotten already: the day after", row(RENT), 400, 401),
    ("paid", row(PAID), 0, 100),
    ("withdrawn", row(WITHDRAWN), 0, 40),
    ("withdrawn beside rent", row(RENT, replace(WITHDRAWN, contract="x")), 0, 40),
    ("a date 50 days ahead: 28 before it", row(DUE), 0, 22),
    ("28 before it: 14 before", row(DUE), 22, 36),
    ("14 before: 7 before", row(DUE), 36, 43),
    ("7 before: 3 before", row(DUE), 43, 47),
    ("3 before: the day after it", row(DUE), 47, 51),
    ("after it: out of date", row(DUE), 51, 92),
    ("a decision ends the day after its last", RAISED, 0, 6),
    ("on its last day: the next", RAISED, 5, 6),
    ("nothing is kept but an objection", row(objected=True), 0, None),
]


@pytest.mark.parametrize(("case", "kept", "today", "day"), NEXT, ids=[line[0] for line in NEXT])
def test_time_alone_next_changes_something(
    case: str, kept: HouseholdRow, today: int, day: int | None
) -> None:
    assert next_of(kept, today) == day


@pytest.mark.parametrize(("settle_on", "day"), [(None, 92), (7, 7), (92, 92), (93, 92), (0, 92), (-3, 92)])
def test_a_lowering_that_waits_is_looked_at_on_its_day(settle_on: int | None, day: int) -> None:
    assert next_of(row(RENT), settle_on=settle_on) == day


# How long one contract is known, whatever the others say of theirs.
KNOWN = [
    ("stands", RENT, 300), ("stands, handled for long", handled(RENT, 350), 350),
    ("stands, handled for less", handled(RENT, 30), 300), ("paid", PAID, 100), ("withdrawn", WITHDRAWN, 40),
    ("settled", SETTLED, 100), ("closed by a result", replace(WITHDRAWN, handled_until=MARCH_2 + 183), 183),
    ("closed by a result for less", replace(WITHDRAWN, handled_until=MARCH_2 + 9), 40),
]  # fmt: skip


@pytest.mark.parametrize(("case", "position", "days"), KNOWN, ids=[line[0] for line in KNOWN])
def test_a_contract_is_known_for(case: str, position: Position, days: int) -> None:
    # Another contract, said much later, keeps the household.
    other = replace(WATER, contract="z", reported_at=NOON + 360 * 86_400_000)
    kept = HouseholdRow(HOME, other.reported_at, 1, (position, other), policy_version="another")

    def left(day: int) -> int:
        after = fold(kept, HouseholdEvent(HOUSEHOLD, "tick", 0, tick=tick(day).tick), POLICY).row
        assert after is not None
        return len(after.positions)

    assert (left(days - 1), left(days)) == (2, 1)


@pytest.mark.parametrize("name", list(RESULTS))
def test_after_a_result_a_household_is_forgotten_when_the_policy_says(name: str) -> None:
    last = 1 + POLICY.results[name].retention_days
    known, gone = (story(on(0), result(1, name), tick(day), policy=POLICY) for day in (last - 1, last))

    assert known.risks[-1].ended_by != "FORGOTTEN"
    assert gone.risks[-1].ended_by == "FORGOTTEN"


@pytest.mark.parametrize("name", ["DECEASED", "NOT_A_RESIDENT"])
@pytest.mark.parametrize("kind", ["WITHDRAWN", "PAID"])
def test_who_died_or_left_stays_known_though_their_creditor_withdraws(name: str, kind: str) -> None:
    """A creditor that hears who died withdraws its signal: then it was known for thirty days."""
    known_until = MARCH_2 + 1 + POLICY.results[name].retention_days

    row = story(on(0), result(1, name), on(2, version=2, kind=kind)).households[HOUSEHOLD]

    assert [each.handled_until for each in row.positions] == [known_until]
    assert gone_by(row, POLICY) == known_until


def test_what_is_signalled_again_after_a_result_closed_it_is_not_silenced() -> None:
    row = story(on(0), result(1, "DECEASED"), on(2, version=2)).households[HOUSEHOLD]

    assert [(each.kind, each.handled_until) for each in row.positions] == [("REPORTED", None)]


@pytest.mark.parametrize("name", ["DECEASED", "NOT_A_RESIDENT"])
@pytest.mark.parametrize("days", [10, 31, 100])
def test_the_same_word_on_who_died_or_lives_elsewhere_lists_nobody(name: str, days: int) -> None:
    """A file of each month says the same signal again."""
    history = story(on(0), result(1, name), *map(tick, range(2, days)), on(0))

    assert [update.band for update in history.updates] == ["MEDIUM", "NONE"]


def test_a_kind_that_counts_longer_than_silence_is_known_as_long_as_it_counts() -> None:
    partners = POLICY.partners | {"RENT": replace(POLICY.partners["RENT"], valid_days=500)}
    lasting = replace(POLICY, partners=partners)

    assert next_day(row(RENT), assess((RENT,), (), MARCH_2, lasting), None, MARCH_2 + 310, lasting) == (
        MARCH_2 + 311
    )
    ticked = fold(row(RENT, due_on=MARCH_2), HouseholdEvent(HOUSEHOLD, "t", 0, tick=tick(299).tick), lasting)
    assert ticked.row is not None
    assert len(ticked.row.positions) == 1


def test_a_day_on_which_nothing_is_due_changes_nothing_under_the_same_policy() -> None:
    kept = fold(None, on(0), POLICY).row
    assert kept is not None
    assert kept.due_on is not None

    before = fold(kept, HouseholdEvent(HOUSEHOLD, "t", 0, tick=tick(kept.due_on - MARCH_2 - 1).tick), POLICY)
    on_it = fold(kept, HouseholdEvent(HOUSEHOLD, "t", 0, tick=tick(kept.due_on - MARCH_2).tick), POLICY)
    another = fold(
        kept, HouseholdEvent(HOUSEHOLD, "t", 0, tick=tick(1).tick), replace(POLICY, version="another")
    )

    assert before.row is kept
    assert on_it.row is not kept
    assert another.row is not None
    assert (another.row.looked_on, another.row.policy_version) == (MARCH_2 + 1, "another")


def test_a_day_that_is_told_late_does_not_go_back() -> None:
    kept = replace(row(RENT), looked_on=MARCH_2 + 20, due_on=MARCH_2 + 5)

    looked = fold(kept, HouseholdEvent(HOUSEHOLD, "t", 0, tick=tick(10).tick), POLICY).row

    assert looked is not None
    assert looked.looked_on == MARCH_2 + 20


def test_of_what_is_not_known_time_changes_nothing() -> None:
    assert fold(None, HouseholdEvent(HOUSEHOLD, "t", 0, tick=tick(1).tick), POLICY).row is None


def test_the_last_word_on_a_household_is_that_it_is_forgotten_on_the_day_told() -> None:
    history = story(on(0), on(1, version=2, kind="PAID"), tick(184))

    last = history.risks[-1]
    assert (last.ended_by, last.sequence, last.score, last.open_positions, last.creditors) == (
        "FORGOTTEN", 3, 0, 0, 0,
    )  # fmt: skip
    assert (last.months_behind, last.threatening, last.crisis_on, last.policy_version) == (
        0, False, None, "amsterdam-example-3",
    )  # fmt: skip
    # Midnight in Amsterdam: summer time, so 22:00 UTC of the day before.
    assert last.at == (MARCH_2 + 184) * 86_400_000 - 2 * 3_600_000
    assert last.address == HOME
    assert result(0, "HELP").outcome is not None

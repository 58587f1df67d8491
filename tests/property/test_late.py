"""In whatever order what outreach found, workers decided and creditors said of a household arrives."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from eropaf.risk.events import Outcome, Overrule
from eropaf.risk.history import History
from eropaf.risk.outcomes import RESULTS
from eropaf.risk.positions import is_open, position_of, stood_since, with_position
from eropaf.risk.records import DAY_MS, HouseholdEvent, Signal
from eropaf.risk.rows import Position
from tests.builders import HOUSEHOLD, MARCH_2, NOON, a_signal, an_event
from tests.property.test_life import story

STAGES = sorted(name for name, meaning in RESULTS.items() if not meaning.about_a_person)
STANDING = [
    an_event(a_signal(creditor=creditor, signal_id=creditor, reported_at=NOON + day * DAY_MS))
    for creditor, day in (("rent", 0), ("water", 0), ("health", 3))
]


def found(name: str, day: int, hours: int, number: int, about: tuple[str, ...]) -> HouseholdEvent:
    at = NOON + day * DAY_MS + hours * 3_600_000
    outcome = Outcome(f"o-{number}", None, None, name, about)
    return HouseholdEvent(HOUSEHOLD, f"result-{number}", at, outcome=outcome)


def results(names: list[str]) -> st.SearchStrategy[list[HouseholdEvent]]:
    said = st.tuples(
        st.sampled_from(names),
        st.sampled_from([0, 2, 4, 6]),
        st.sampled_from([0, 1]),
        st.sampled_from([(), (), ("rent",), ("rent", "health")]),
    )
    return st.lists(said, max_size=6).map(
        lambda all_of: [
            found(name, day, hours, number, about) for number, (name, day, hours, about) in enumerate(all_of)
        ]
    )


@st.composite
def pick_ups(draw: st.DrawFn) -> list[HouseholdEvent]:
    days = draw(st.lists(st.sampled_from([1, 3, 5, 7]), max_size=3, unique=True))
    return [
        HouseholdEvent(
            HOUSEHOLD, f"up-{day}", NOON + day * DAY_MS, outcome=Outcome(f"u-{day}", MARCH_2 + day)
        )
        for day in days
    ]


def left(history: History) -> tuple[object, ...]:
    """Return what follows of a household, but for the order in which it came to that."""
    row, risk = history.households[HOUSEHOLD], history.risks[-1]
    return (
        row.positions, row.at, row.handled_by, row.handled_at, row.picked_up_on, sorted(row.outcomes),
        risk.score, risk.open_positions, risk.ended_by,
    )  # fmt: skip


@given(results(sorted(RESULTS)), pick_ups(), st.randoms(use_true_random=False))
def test_results_and_pick_ups_leave_the_same_in_any_order(
    said: list[HouseholdEvent], taken: list[HouseholdEvent], random: object
) -> None:
    events = [*said, *taken]
    shuffled = events.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert left(story([*STANDING, *shuffled])) == left(story([*STANDING, *events]))


@given(results(STAGES), st.randoms(use_true_random=False))
def test_the_last_that_each_creditor_hears_of_a_case_is_the_same_in_any_order(
    said: list[HouseholdEvent], random: object
) -> None:
    shuffled = said.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    one, other = (
        {answer.creditor: answer for answer in story([*STANDING, *order]).answers}
        for order in (said, shuffled)
    )

    assert one == other


decisions = st.lists(
    st.builds(
        lambda kind, day, until: HouseholdEvent(
            HOUSEHOLD,
            f"{kind}-{day}-{until}",
            NOON + day * DAY_MS,
            overrule=Overrule(kind, MARCH_2 + until, "seen"),
        ),
        st.sampled_from(["RAISE", "LOWER", "HOLD"]),
        st.integers(0, 3),
        st.integers(10, 12),
    ),
    max_size=5,
)


@given(decisions, st.randoms(use_true_random=False))
def test_the_same_decision_holds_in_any_order(said: list[HouseholdEvent], random: object) -> None:
    shuffled = said.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    one, other = (story([*STANDING, *order]).households[HOUSEHOLD].overrule for order in (said, shuffled))

    assert one == other


@st.composite
def versions(draw: st.DrawFn) -> list[Signal]:
    """Draw versions of one contract, each reported no earlier than the one before it."""
    days = sorted(draw(st.lists(st.integers(0, 6), min_size=1, max_size=6)))
    return [
        a_signal(
            signal_id=f"s-{version}",
            version=version,
            reported_at=NOON + day * DAY_MS,
            amount_cents=draw(st.sampled_from([0, 50_000, 60_000, 70_000])),
            kind=draw(st.sampled_from(["REPORTED", "CHANGED", "PAID", "PLAN_BROKEN"])),
            crisis_kind=draw(st.sampled_from([None, None, "EVICTION", "DISCONNECTION"])),
        )
        for version, day in enumerate(days)
    ]


@given(versions(), st.randoms(use_true_random=False))
def test_what_is_said_to_have_stood_was_never_less_bad(said: list[Signal], random: object) -> None:
    """So no result that comes late silences what is worse than what stood on its day."""
    shuffled = said.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    positions: tuple[Position, ...] = ()
    for signal in shuffled:
        positions = with_position(positions, position_of(signal))
    (now,) = positions
    if not is_open(now):
        return

    ends = [later.reported_at for _, later in pairwise(said)]
    for signal, until in zip(said[:-1], ends, strict=True):
        if until > stood_since(now):
            assert is_open(position_of(signal))
            assert now.amount_cents <= signal.amount_cents
            assert now.crisis_kind in (None, signal.crisis_kind)
            assert now.kind != "PLAN_BROKEN" or signal.kind == "PLAN_BROKEN"

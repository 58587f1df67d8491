"""What must hold for every household, whatever its creditors signal."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import chain, pairwise

from hypothesis import given
from hypothesis import strategies as st

from eropaf.risk.address import normalise
from eropaf.risk.history import tell
from eropaf.risk.household import fold
from eropaf.risk.outreach import events_of
from eropaf.risk.policy import PARTNER_TYPES
from eropaf.risk.positions import position_of, with_position
from eropaf.risk.ranking import ORDER, rank
from eropaf.risk.records import DAY_MS, Address, HouseholdEvent, Signal
from eropaf.risk.refusal import Refused
from eropaf.risk.rows import HouseholdRow, Position, RankingRow
from eropaf.risk.score import assess
from eropaf.risk.told import PriorityUpdate
from eropaf_client.schemas import catalogue
from eropaf_client.schemas.limits import EARLIEST_DAY, LARGEST_AMOUNT_CENTS, LATEST_DAY, LATEST_DAYS_AHEAD
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.wire import Codec
from tests.builders import HOUSEHOLD, NOON, a_risk, a_signal, an_event, everyone_may_signal

POLICY = everyone_may_signal()
TODAY = NOON // DAY_MS
KINDS = ("REPORTED", "CHANGED", "PAID", "PLAN_AGREED", "PLAN_BROKEN", "WITHDRAWN")


@st.composite
def signals(draw: st.DrawFn) -> Signal:
    creditor = draw(st.sampled_from(["rent", "water", "health"]))
    crisis = draw(st.booleans())
    return a_signal(
        signal_id=draw(st.sampled_from(["a", "b", "c", "d"])),
        creditor=creditor,
        contract=draw(st.sampled_from(["1", "2"])),
        kind=draw(st.sampled_from(KINDS)),
        partner_type=draw(st.sampled_from(PARTNER_TYPES)),
        amount_cents=draw(st.integers(0, 2_000_000)),
        monthly_bill_cents=draw(st.none() | st.integers(100, 300_000)),
        reported_at=NOON + draw(st.integers(0, 5)) * 1000,
        version=draw(st.integers(0, 5)),
        crisis_kind="EVICTION" if crisis else None,
        crisis_on=draw(st.none() | st.integers(20_000, 21_000)) if crisis else None,
    )


histories = st.lists(signals(), max_size=12)


def unique(history: list[Signal]) -> list[Signal]:
    """Keep one signal of those that a creditor gave the same id and version on one contract."""
    seen = {(s.creditor, s.contract, s.version, s.reported_at, s.signal_id): s for s in reversed(history)}
    return list(seen.values())


def positions_of(history: list[Signal]) -> tuple[Position, ...]:
    positions: tuple[Position, ...] = ()
    for signal in history:
        positions = with_position(positions, position_of(signal))
    return positions


def as_said(positions: tuple[Position, ...]) -> tuple[Position, ...]:
    """Return positions without since when they stood, which arrival may make later (see test_late.py)."""
    return tuple(replace(position, stood_since=None) for position in positions)


@given(histories.map(unique), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(history: list[Signal], random: object) -> None:
    shuffled = history.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert as_said(positions_of(shuffled)) == as_said(positions_of(history))


@st.composite
def extreme_signals(draw: st.DrawFn) -> Signal:
    """Draw what intake lets by at its very bounds."""
    return a_signal(
        signal_id=draw(st.text(min_size=1, max_size=3)),
        contract=draw(st.sampled_from(["1", "2", "3"])),
        kind=draw(st.sampled_from(KINDS)),
        partner_type=draw(st.sampled_from(PARTNER_TYPES)),
        amount_cents=draw(st.sampled_from([0, 1, LARGEST_AMOUNT_CENTS])),
        monthly_bill_cents=draw(st.sampled_from([None, 1, LARGEST_AMOUNT_CENTS])),
        reported_at=draw(st.sampled_from([EARLIEST_DAY * DAY_MS, NOON, (LATEST_DAY + 1) * DAY_MS - 1])),
        version=draw(st.sampled_from([0, 2**63 - 1])),
        crisis_kind=draw(st.sampled_from([None, "EVICTION", "END_OF_DELIVERY"])),
        crisis_on=draw(st.sampled_from([None, EARLIEST_DAY, LATEST_DAY + LATEST_DAYS_AHEAD])),
    )


LONGS = st.sampled_from(
    [-(2**63), -1, 0, EARLIEST_DAY * DAY_MS, NOON, LATEST_DAY * DAY_MS, 10**15, 2**63 - 1]
)
DAYS = st.sampled_from([-(2**31), -1, 0, EARLIEST_DAY, TODAY, LATEST_DAY, LATEST_DAY + 1, 2**31 - 1])


@st.composite
def extreme_reports(draw: st.DrawFn) -> list[HouseholdEvent]:
    """Draw what an outreach tool may write, as far as it is let in, whenever the broker says that it came."""
    record = {
        "outcome_id": draw(st.sampled_from(["o-1", "o" * 200, "o" * 201])),
        "household": HOUSEHOLD,
        "at": draw(LONGS),
        "picked_up_on": draw(st.none() | DAYS),
        "attempt": draw(
            st.none()
            | st.fixed_dictionaries(
                {
                    "channel": st.just("VISIT"),
                    "reached": st.booleans(),
                    "on": DAYS,
                    "day_part": st.just("EVENING"),
                }
            )
        ),
        "result": draw(st.none() | st.sampled_from(["HELP", "NO_CONTACT", "DECEASED"])),
        "overrule": draw(
            st.none()
            | st.fixed_dictionaries({"kind": st.just("RAISE"), "until": DAYS, "reason": st.just("seen")})
        ),
        "objects": draw(st.none() | st.booleans()),
        "signals": draw(st.sampled_from([(), ("a",)])),
        "asks_still_open": draw(st.booleans()),
    }
    try:
        return events_of(record, draw(st.sampled_from(["e-1", "e-2", "e-3"])), draw(LONGS))
    except Refused:
        return []


@given(
    st.lists(extreme_signals(), min_size=1, max_size=12),
    st.lists(extreme_reports(), max_size=4),
)
def test_whatever_is_let_in_can_be_written_on_and_ranked(
    history: list[Signal], reports: list[list[HouseholdEvent]]
) -> None:
    said = [an_event(signal) for signal in history]
    told = tell([*said, *chain.from_iterable(reports), *said], POLICY)

    written = [
        Codec(record, "topic", LocalRegistry()).encode(value.to_record())
        for record, values in (
            ("HouseholdRow", told.households.values()),
            ("HouseholdRisk", told.risks),
            ("RankingRow", told.rankings.values()),
            ("PriorityUpdate", told.updates),
        )
        for value in values
    ]
    assert len(written) >= 3


@given(histories)
def test_a_replay_gives_the_same_bytes(history: list[Signal]) -> None:
    codec = Codec("HouseholdRow", "rows", LocalRegistry())
    updates = Codec("PriorityUpdate", "updates", LocalRegistry())
    events = [an_event(signal) for signal in history]

    once, again = tell(events, POLICY), tell(events, POLICY)

    assert [codec.encode(row.to_record()) for row in once.households.values()] == [
        codec.encode(row.to_record()) for row in again.households.values()
    ]
    assert [updates.encode(u.to_record()) for u in once.updates] == [
        updates.encode(u.to_record()) for u in again.updates
    ]


@given(histories)
def test_signals_that_come_twice_change_nothing(history: list[Signal]) -> None:
    events = [an_event(signal) for signal in history]
    doubled = [event for event in events for _ in range(2)]

    assert tell(doubled, POLICY).updates == tell(events, POLICY).updates


@given(histories, st.sampled_from(["rent", "water", "health"]), st.sampled_from(["1", "2"]))
def test_a_payment_never_raises(history: list[Signal], creditor: str, contract: str) -> None:
    before = positions_of(history)
    paid = a_signal(creditor=creditor, contract=contract, kind="PAID", amount_cents=0, version=99)

    after = with_position(before, position_of(paid))

    assert assess(after, (), TODAY, POLICY).score <= assess(before, (), TODAY, POLICY).score


@given(histories, st.integers(0, 1_000_000))
def test_more_arrears_never_lower(history: list[Signal], more_cents: int) -> None:
    standing = positions_of([*history, a_signal(version=98)])
    grown = a_signal(version=99, amount_cents=a_signal().amount_cents + more_cents)

    after = with_position(standing, position_of(grown))

    assert assess(after, (), TODAY, POLICY).score >= assess(standing, (), TODAY, POLICY).score


@given(histories)
def test_points_add_up_to_the_score(history: list[Signal]) -> None:
    assessment = assess(positions_of(history), (), TODAY, POLICY)

    assert assessment.score == sum(part.points for part in assessment.contributions)
    assert all(part.points > 0 for part in assessment.contributions)


@given(histories)
def test_sequences_have_no_gap_and_ids_never_repeat(history: list[Signal]) -> None:
    updates = tell([an_event(signal) for signal in history], POLICY).updates

    assert [update.sequence for update in updates] == list(range(1, len(updates) + 1))
    assert len({update.update_id for update in updates}) == len(updates)


@given(histories)
def test_an_update_says_another_band_or_another_deadline(history: list[Signal]) -> None:
    updates = tell([an_event(signal) for signal in history], POLICY).updates

    assert all(update.band != "NONE" for update in updates[:1])
    for before, after in pairwise(updates):
        assert (before.band, before.respond_by) != (after.band, after.respond_by)


@given(st.lists(st.integers(61, 69), min_size=1, max_size=30))
def test_inside_the_gap_between_leave_and_enter_nothing_flaps(points: list[int]) -> None:
    row: RankingRow | None = rank(None, a_risk(score=7_000), POLICY).row

    for sequence, each in enumerate(points, 2):
        ranked = rank(row, a_risk(sequence=sequence, score=each * 100), POLICY)
        row = ranked.row
        assert ranked.update is None


@given(st.integers(0, 30_000), st.sampled_from(list(ORDER)))
def test_who_was_told_a_band_is_never_ranked_below_who_was_not(score: int, told: str) -> None:
    fresh = rank(None, a_risk(score=score), POLICY).row
    known = rank(RankingRow(1, told, None, 0), a_risk(score=score), POLICY).row

    assert fresh is not None
    assert known is not None

    assert ORDER[known.band] >= ORDER[fresh.band] or ORDER[fresh.band] > ORDER[told]


@given(histories)
def test_no_update_says_why(history: list[Signal]) -> None:
    for update in tell([an_event(signal) for signal in history], POLICY).updates:
        said = json.dumps(update.to_record())
        assert not any(word in said for word in ("rent", "water", "health", "EVICTION", *PARTNER_TYPES))


def test_no_field_of_an_update_could_say_why() -> None:
    fields = {field["name"] for field in catalogue.plain(catalogue.latest("PriorityUpdate"))["fields"]}

    assert fields == {
        "update_id", "household", "sequence", "address", "area", "urgency", "band", "respond_by",
        "change", "policy_version", "event_at", "overruled", "action", "respond_by_norm",
    }  # fmt: skip


@given(histories.filter(bool))
def test_rows_and_updates_survive_the_wire(history: list[Signal]) -> None:
    row: HouseholdRow | None = None
    for signal in history:
        row = fold(row, an_event(signal), POLICY).row
    codec = Codec("HouseholdRow", "rows", LocalRegistry())
    updates = Codec("PriorityUpdate", "updates", LocalRegistry())

    assert row is not None
    assert HouseholdRow.from_record(codec.decode(codec.encode(row.to_record()))) == row
    for update in tell([an_event(signal) for signal in history], POLICY).updates:
        assert PriorityUpdate.from_record(updates.decode(updates.encode(update.to_record()))) == update


LETTERS = "ABCDEFGHJKLMNPRTVWXZ"


@given(
    st.integers(1000, 9999),
    st.text(LETTERS, min_size=2, max_size=2),
    st.integers(1, 99_999),
    st.text("ABCHS", max_size=3),
    st.sampled_from(["", " ", "-", ". "]),
)
def test_an_address_is_the_same_in_any_spelling(
    digits: int, letters: str, number: int, addition: str, gap: str
) -> None:
    spelled = normalise(f"{digits}{gap}{letters.lower()}", f" 0{number}{gap}{addition.lower()}", None)

    assert spelled == Address(f"{digits}{letters}", number, "HS" if addition == "H" else addition)
    assert normalise(spelled.postcode, str(spelled.house_number), spelled.addition) == spelled

"""What must hold for every household, whatever its creditors, outreach, time and workers do."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from eropaf.risk.events import ContactAttempt, Outcome, Overrule, Tick
from eropaf.risk.explanation import Explained
from eropaf.risk.history import History, tell
from eropaf.risk.household import fold
from eropaf.risk.objections import alone, stand
from eropaf.risk.outcomes import RESULTS
from eropaf.risk.plain_words import in_words
from eropaf.risk.policy import PARTNER_TYPES, Policy
from eropaf.risk.records import DAY_MS, NOWHERE, Departure, HouseholdEvent, MinorChildren, Signal
from eropaf.risk.rows import HouseholdRow
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.wire import Codec
from tests.builders import HOME, HOUSEHOLD, MARCH_2, NOON, an_event, everyone_may_signal, families_count
from tests.property.test_risk import as_said, signals, unique

POLICY = everyone_may_signal()
FAMILIES_COUNT = families_count()
EFFORTS = st.none() | st.builds(
    lambda offer: {
        "personal_contact": True, "debt_help_pointed_at": True, "written_reminders": 1, "offer": offer,
    },
    st.sampled_from(["NO_ANSWER", "AGREED", "REFUSED"]),
)  # fmt: skip


@st.composite
def any_signal(draw: st.DrawFn) -> Signal:
    signal = draw(signals())
    return replace(
        signal,
        own_effort=draw(EFFORTS),
        arrears_since=draw(st.none() | st.integers(MARCH_2 - 150, MARCH_2)),
        handover_wish=draw(st.booleans()),
    )


departures = st.builds(
    lambda of, contract, who: Departure(of, contract, None, None, who),
    st.sampled_from(["rent", "water"]),
    st.sampled_from(["1", "2"]),
    st.sampled_from([None, "anna", "bram"]),
)


@st.composite
def any_event(draw: st.DrawFn) -> HouseholdEvent:
    at = NOON + draw(st.integers(0, 60)) * DAY_MS
    kind = draw(
        st.sampled_from(
            ["signal", "signal", "signal", "outcome", "overrule", "objection", "tick", "erasure", "register",
             "departure"]
        )
    )  # fmt: skip
    head = (HOUSEHOLD, f"event-{draw(st.integers(0, 10**9))}", at)
    if kind == "signal":
        return an_event(replace(draw(any_signal()), reported_at=at))
    if kind == "outcome":
        attempt = draw(st.none() | st.just(ContactAttempt("VISIT", True, MARCH_2, "EVENING")))
        outcome = Outcome(
            draw(st.sampled_from(["a", "b", "c", "d"])),
            draw(st.none() | st.just(MARCH_2)),
            attempt,
            draw(st.none() | st.sampled_from(sorted(RESULTS))),
        )
        return HouseholdEvent(*head, outcome=outcome)
    if kind == "overrule":
        until = at // DAY_MS + 1 + draw(st.integers(0, 60))
        return HouseholdEvent(
            *head, overrule=Overrule(draw(st.sampled_from(["RAISE", "LOWER", "HOLD"])), until, "seen")
        )
    if kind == "objection":
        whose = draw(st.sampled_from([None, None, "anna", "bram"]))
        return HouseholdEvent(*head, HOME, objection_stands=draw(st.booleans()), objector=whose)
    if kind == "tick":
        return HouseholdEvent("*", "tick", at, tick=Tick(at // DAY_MS, 0, 1))
    if kind == "register":
        children = MinorChildren(draw(st.sampled_from(["mother", "father"])), draw(st.booleans()))
        return HouseholdEvent(*head, HOME, minor_children=children)
    if kind == "departure":
        return HouseholdEvent(*head, departure=draw(departures))
    return HouseholdEvent(*head, erasure_requested_on=MARCH_2)


ERASURE = HouseholdEvent(HOUSEHOLD, "erasure", NOON + 62 * DAY_MS, erasure_requested_on=MARCH_2 + 62)
lives = st.lists(any_event(), max_size=14)


def story(events: list[HouseholdEvent], policy: Policy = POLICY) -> History:
    return tell(events, policy)


@given(lives)
def test_no_update_ever_says_why(events: list[HouseholdEvent]) -> None:
    words = ("rent", "water", "health", "EVICTION", "seen", *PARTNER_TYPES, *RESULTS)
    for update in story(events).updates:
        said = json.dumps(update.to_record())
        assert not any(f'"{word}"' in said for word in words)


@given(lives)
def test_of_another_reason_no_creditor_ever_learns_why(events: list[HouseholdEvent]) -> None:
    for answer in story(events).answers:
        assert answer.status != "NOT_PICKED_UP_OTHER" or answer.reason is None


@given(lives)
def test_a_replay_gives_the_same(events: list[HouseholdEvent]) -> None:
    once, again = story(events), story(events)

    assert (once.households, once.rankings, once.updates, once.answers) == (
        again.households,
        again.rankings,
        again.updates,
        again.answers,
    )


@given(st.lists(any_signal(), max_size=10).map(unique), st.randoms(use_true_random=False))
def test_after_signals_alone_the_order_of_arrival_does_not_matter(
    history: list[Signal], random: object
) -> None:
    shuffled = history.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    one, other = (story([an_event(signal) for signal in order]) for order in (history, shuffled))

    for row, same in zip(one.households.values(), other.households.values(), strict=True):
        assert as_said(row.positions) == as_said(same.positions)
        assert (row.months, row.at) == (same.months, same.at)


@given(lives)
def test_nobody_who_objects_is_on_a_list(events: list[HouseholdEvent]) -> None:
    objection = HouseholdEvent(HOUSEHOLD, "objection", NOON + 61 * DAY_MS, HOME, objection_stands=True)

    after = story([*events, objection])

    assert after.households[HOUSEHOLD].positions == ()
    assert after.rankings == {} or after.rankings[HOUSEHOLD].band == "NONE"


@given(lives, any_signal())
def test_a_refusal_blocks_its_contract_whatever_went_before(
    events: list[HouseholdEvent], signal: Signal
) -> None:
    refused = {
        "personal_contact": True,
        "debt_help_pointed_at": True,
        "written_reminders": 1,
        "offer": "REFUSED",
    }
    last = replace(signal, version=99, own_effort=refused)

    after = story([*events, an_event(last)])

    for position in after.households[HOUSEHOLD].positions:
        if (position.creditor, position.contract) == (signal.creditor, signal.contract):
            assert position.amount_cents == 0


@given(lives)
def test_after_erasure_nothing_is_left_but_the_objections_as_they_stood(
    events: list[HouseholdEvent],
) -> None:
    before = story(events).households.get(HOUSEHOLD)

    after = story([*events, ERASURE])

    row = after.households.get(HOUSEHOLD)
    if before is not None and stand(before):
        assert row == replace(alone(before, ERASURE.at), erased_at=ERASURE.at)
    else:
        assert row == HouseholdRow(NOWHERE, ERASURE.at, 0, (), erased_at=ERASURE.at)
    assert after.rankings == {}


@given(lives, st.integers(0, 14))
def test_an_erasure_at_any_moment_changes_nothing_of_who_objects(
    events: list[HouseholdEvent], place: int
) -> None:
    lived = [each for each in events if each.erasure_requested_on is None and each.departure is None]
    erased = [*lived[:place], replace(ERASURE, at=NOON + 30 * DAY_MS), *lived[place:]]

    assert objecting(erased) == objecting(lived)


def objecting(life: list[HouseholdEvent]) -> tuple[bool, tuple[str, ...]]:
    row = story(life).households.get(HOUSEHOLD)
    return (False, ()) if row is None else (row.objected, row.objectors)


@given(lives, st.integers(0, 2), st.lists(st.tuples(departures, st.integers(0, 64)), max_size=4))
def test_no_end_of_an_entry_of_up_to_the_last_erasure_ends_an_objection(
    events: list[HouseholdEvent], days: int, ended: list[tuple[Departure, int]]
) -> None:
    again = replace(ERASURE, event_id="again", at=ERASURE.at + days * DAY_MS)
    ends = [
        HouseholdEvent(HOUSEHOLD, f"left-{number}", min(NOON + day * DAY_MS, again.at), departure=left)
        for number, (left, day) in enumerate(ended)
    ]

    assert objecting([*events, ERASURE, again, *ends]) == objecting(events)


@given(lives)
def test_an_erasure_that_is_replayed_erases_no_more(events: list[HouseholdEvent]) -> None:
    assert story([*events, ERASURE, ERASURE]).households == story([*events, ERASURE]).households


@given(lives, any_signal(), st.integers(0, 62))
def test_no_signal_of_up_to_an_erasure_changes_anything_after_it(
    events: list[HouseholdEvent], signal: Signal, day: int
) -> None:
    late = an_event(replace(signal, reported_at=NOON + day * DAY_MS))

    assert story([*events, ERASURE, late]).households == story([*events, ERASURE]).households


@given(lives)
def test_in_the_end_everything_is_forgotten_but_an_objection(events: list[HouseholdEvent]) -> None:
    later = HouseholdEvent("*", "tick", 0, tick=Tick(MARCH_2 + 4_000, 0, 1))
    latest = HouseholdEvent("*", "tick", 0, tick=Tick(MARCH_2 + 8_000, 0, 1))

    after = story([*events, later, latest])

    assert all(stand(row) for row in after.households.values())


@given(lives)
def test_what_the_register_says_alone_outlives_the_arrears_and_only_where_it_counts(
    events: list[HouseholdEvent],
) -> None:
    later = [
        HouseholdEvent("*", "tick", 0, tick=Tick(MARCH_2 + days, 0, 1)) for days in (4_000, 8_000, 12_000)
    ]

    counted, uncounted = story([*events, *later], FAMILIES_COUNT), story([*events, *later])

    for row in counted.households.values():
        assert stand(row) or (row.minor_children and not row.positions and not row.sequence)
    assert not any(row.minor_children for row in uncounted.households.values())
    assert all(stand(counted.households[household]) for household in counted.rankings)


@given(st.lists(any_signal(), max_size=8).map(unique), st.randoms(use_true_random=False))
def test_whether_the_register_or_the_creditors_speak_first_does_not_matter(
    signals: list[Signal], random: object
) -> None:
    parents = [MinorChildren("mother", True), MinorChildren("father", True)]
    entries = [HouseholdEvent(HOUSEHOLD, "entry", NOON, HOME, minor_children=parent) for parent in parents]
    events = [*entries, *(an_event(signal) for signal in signals)]
    shuffled = events.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    one, other = (story(order, FAMILIES_COUNT) for order in (events, shuffled))

    for row, same in zip(one.households.values(), other.households.values(), strict=True):
        assert as_said(row.positions) == as_said(same.positions)
        assert (row.minor_children, row.at) == (same.minor_children, same.at)
    assert [risk.score for risk in one.risks[-1:]] == [risk.score for risk in other.risks[-1:]]


@given(lives)
def test_the_same_day_told_twice_changes_nothing(events: list[HouseholdEvent]) -> None:
    doubled = [each for event in events for each in ([event, event] if event.tick else [event])]

    assert story(doubled).updates == story(events).updates
    assert story(doubled).households == story(events).households


@given(lives)
def test_explanations_add_up_and_can_be_told(events: list[HouseholdEvent]) -> None:
    row: HouseholdRow | None = None
    for event in events:
        begins = (
            event.signal is not None or event.objection_stands is not None or event.minor_children is not None
        )
        if event.tick is not None or ((row is None or not row.sequence) and not begins):
            continue
        folded = fold(row, event, POLICY)
        row = folded.row
        if folded.risk is not None and folded.assessment is not None and row is not None:
            facts = json.loads(Explained(folded.risk, folded.assessment, row, POLICY).facts())
            assert facts["score"] == sum(part["points"] for part in facts["contributions"])
            for language in ("nl", "en"):
                assert in_words(facts, language)


@given(lives)
def test_rows_survive_the_wire(events: list[HouseholdEvent]) -> None:
    codec = Codec("HouseholdRow", "rows", LocalRegistry())
    on_the_way = Codec("HouseholdEvent", "events", LocalRegistry())

    for row in story(events).households.values():
        assert HouseholdRow.from_record(codec.decode(codec.encode(row.to_record()))) == row
    for event in events:
        assert HouseholdEvent.from_record(on_the_way.decode(on_the_way.encode(event.to_record()))) == event

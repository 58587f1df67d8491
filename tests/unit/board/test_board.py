from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eropaf.agents.topology import EVENTS_DAYS, table
from eropaf.board.came_of import CameOf
from eropaf.board.claims import Claims
from eropaf.board.figures import DayFigures, Figures
from eropaf.board.kept import EVENTS_KEPT_DAYS, now_ms
from eropaf.board.reading import News
from eropaf.board.records import Claim
from eropaf.board.row import Row
from eropaf.board.state import State
from eropaf.board.user import Role
from eropaf.board.words import WORDS, chosen
from eropaf.desk.opening import EVERYTHING, EXPLANATION, OVERRULE
from eropaf.risk.purpose import Purpose
from eropaf_client.inbox import Received
from eropaf_client.live_list import rank
from eropaf_client.outcomes import ContactAttempt, ContactChannel, EndResult, OutreachOutcome
from eropaf_client.records import Band, Change, PriorityUpdate
from eropaf_client.schemas.topics import OUTCOMES, PRIORITIES
from tests.board.standing import city, key
from tests.words import mentions

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
BANDS = [band for band in Band if band is not Band.NONE]


def an_update(**changes: Any) -> PriorityUpdate:
    known: dict[str, Any] = {
        "update_id": "id", "household": "h", "sequence": 1, "postcode": "1011AB", "house_number": 12,
        "addition": "", "area": "1011", "urgency": 5_000, "band": Band.MEDIUM,
        "respond_by": date(2026, 3, 30), "change": Change.RAISED, "policy_version": "v",
        "event_at": datetime(2026, 3, 2, tzinfo=UTC),
    }  # fmt: skip
    return PriorityUpdate(**{**known, **changes})


AT = 1_772_452_800_000  # 2 March 2026, noon
DAY = 24 * 60 * 60 * 1000


def a_claim(before: str | None, holder: str | None, household: str = "h") -> Claim:
    return Claim(household, before, holder, holder or "", AT)


updates = st.builds(
    an_update,
    household=st.text("0123456789abcdef", min_size=32, max_size=32),
    urgency=st.integers(0, 2**31 - 1),
    band=st.sampled_from(BANDS),
    respond_by=st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1)),
)


@given(updates, updates)
def test_the_text_that_a_browser_sorts_by_sorts_as_the_list_does(
    one: PriorityUpdate, two: PriorityUpdate
) -> None:
    assert (Row(one, None).rank < Row(two, None).rank) == (rank(one) < rank(two))


@given(st.dates(date(2020, 1, 1), date(2100, 1, 1)))
def test_a_household_of_the_tests_is_found_where_it_is_and_nowhere_else(today: date) -> None:
    shown = [repr(Row(update, None).to_json()) for update in city(90, today)]

    for number in range(90):
        assert [at for at, row in enumerate(shown) if key(number) in row] == [number]


def test_a_word_that_is_part_of_another_is_not_mentioned() -> None:
    assert mentions("to: olaf.", "olaf")
    assert not mentions("csrf=xolaf9 olafs", "olaf")


def test_of_two_claims_the_first_counts_and_whoever_reads_later_agrees() -> None:
    said = [
        a_claim(None, "sanne"),
        a_claim(None, "youssef"),
        a_claim("sanne", "merel"),
        a_claim("sanne", None),
    ]
    claims = Claims(lambda: AT)

    assert [claims.apply(claim) for claim in said] == [True, False, True, False]
    holder = claims.holder("h")
    assert holder is not None
    assert holder.id == "merel"


@given(st.lists(st.tuples(st.sampled_from([None, "a", "b"]), st.sampled_from([None, "a", "b"])), max_size=20))
def test_a_household_has_one_holder_and_only_the_holders_word_moves_it(
    said: list[tuple[str | None, str | None]],
) -> None:
    claims, holder, known = Claims(lambda: AT), None, False
    for before, after in said:
        counted = claims.apply(a_claim(before, after))
        # Before the first that is known, others may have been deleted.
        assert counted == (before == holder or not known)
        known = known or (before, after) != (None, None)
        holder = after if counted else holder
        found = claims.holder("h")
        assert (found.id if found else None) == holder


@pytest.mark.parametrize("starts_at", [0, 1, 2])
def test_who_starts_when_the_first_claims_are_deleted_knows_the_same_holder(starts_at: int) -> None:
    said = [
        replace(a_claim(None, "sanne"), at=AT - 63 * DAY),
        replace(a_claim("sanne", "merel"), at=AT - 30 * DAY),
        replace(a_claim("merel", "youssef"), at=AT - 10 * DAY),
        replace(a_claim("sanne", "lotte"), at=AT - 9 * DAY),
    ]
    claims = Claims(lambda: AT)

    for claim in said[starts_at:]:
        claims.apply(claim)

    holder = claims.holder("h")
    assert holder is not None
    assert holder.id == "youssef"


def test_a_claim_ends_when_its_topic_may_have_deleted_it() -> None:
    now = AT
    claims = Claims(lambda: now)
    assert claims.apply(a_claim(None, "sanne"))
    assert not claims.apply(replace(a_claim(None, "merel"), at=AT + 100 * DAY)), "no clock ends another's"

    now = AT + EVENTS_KEPT_DAYS * DAY

    assert claims.holder("h") is None
    assert claims.held() == {}
    assert claims.apply(replace(a_claim(None, "merel"), at=now))


def test_claims_and_outcomes_hold_for_as_long_as_their_topics_keep_them() -> None:
    assert EVENTS_KEPT_DAYS == EVENTS_DAYS


def test_an_outcome_counts_once_and_figures_are_of_their_area() -> None:
    came_of, today = CameOf(lambda: AT), date(2026, 3, 10)
    figures = Figures(AMSTERDAM, came_of)
    reached = ContactAttempt(ContactChannel.VISIT, True, today)
    outcome = OutreachOutcome(
        "o", "h", datetime(2026, 3, 10, tzinfo=UTC), attempt=reached, result=EndResult.ADVICE
    )
    figures.update(None, an_update())
    figures.update(an_update(), an_update(sequence=2, band=Band.HIGH))

    came_of.take(AT, outcome)
    came_of.take(AT, outcome)

    (channel,) = figures.channels(["1011"])
    assert (channel.channel, channel.attempts, channel.reached, channel.accepted) == ("VISIT", 1, 1, 1)
    assert figures.channels(["1102"]) == []
    assert figures.attempts(today, ["1011"])[-1] == DayFigures(today, 1, 1, 1)
    assert figures.attempts(today, ["1011"], "VISIT")[-1].attempts == 1
    assert figures.attempts(today, ["1011"], "PHONE")[-1].attempts == 0
    assert sum(count or 0 for _, count in figures.inflow(today, ["1011"])) == 1


def an_outcome(name: str) -> OutreachOutcome:
    attempt = ContactAttempt(ContactChannel.VISIT, True, date(2026, 3, 10))
    return OutreachOutcome(name, "h", datetime(2026, 3, 10, tzinfo=UTC), attempt=attempt)


def test_an_outcome_is_of_its_area_whether_it_or_the_update_is_read_first() -> None:
    for outcome_first in (True, False):
        came_of = CameOf(lambda: AT)
        figures = Figures(AMSTERDAM, came_of)
        if outcome_first:
            came_of.take(AT, an_outcome("o"))
        figures.update(None, an_update())
        came_of.take(AT, an_outcome("o"))

        assert [each.attempts for each in figures.channels(["1011"])] == [1]


@pytest.mark.parametrize("order", list(permutations(("before", "erased", "after"))))
def test_what_came_of_an_erased_household_stays_away_in_whatever_order_it_is_read(
    order: tuple[str, ...],
) -> None:
    async def run() -> list[str]:
        state, erased_at = State(event_clock=False), now_ms() - 7 * DAY
        for what in order:
            if what == "erased":
                state.take(News(updates=[Received("h", None, erased_at, 0, 0, b"")]))
            else:
                stored_at = erased_at - DAY if what == "before" else erased_at + DAY
                state.take(News(outcomes=[(stored_at, an_outcome(what))]))
            await asyncio.sleep(0)
        await state.outcome_read("before")  # whoever waits for it is answered
        return [each.outcome_id for each in state.history("h")]

    assert asyncio.run(run()) == ["after"]


def test_an_erasure_is_kept_for_longer_than_what_came_before_it() -> None:
    topics = {each.name: each.config for each in table("eropaf", ["rent"])}
    week = 7 * DAY  # a segment is closed after a week at the latest, and then deleted as a whole

    kept = int(topics[PRIORITIES]["delete.retention.ms"])

    assert kept >= int(topics[OUTCOMES]["retention.ms"]) + week


def test_what_came_in_is_said_of_the_days_alone_that_are_known_whole() -> None:
    """Listed 60 days ago, raised on 8 March: of a board that starts now, the first update is not there."""
    figures, today = Figures(AMSTERDAM, CameOf(lambda: AT)), date(2026, 3, 10)
    figures.update(None, an_update(sequence=2, event_at=datetime(2026, 3, 8, tzinfo=UTC)))
    figures.update(None, an_update(household="i", event_at=datetime(2026, 3, 9, tzinfo=UTC)))

    inflow = dict(figures.inflow(today, ["1011"]))
    stood = {day: open_ for day, open_, _ in figures.open(today, ["1011"])}

    assert (inflow[date(2026, 3, 8)], inflow[date(2026, 3, 9)], inflow[today]) == (None, 1, 0)
    assert (stood[date(2026, 3, 7)], stood[date(2026, 3, 8)], stood[today]) == (None, 1, 2)


TODAY = date(2026, 3, 30)
moves = st.lists(
    st.tuples(
        st.integers(0, 40), st.sampled_from("abc"), st.sampled_from([*BANDS, Band.NONE]), st.integers(0, 50)
    ),
    max_size=20,
)


@given(moves)
def test_what_stood_on_the_list_each_day_is_what_a_recount_gives(
    told: list[tuple[int, str, Band, int]],
) -> None:
    updates_ = [
        an_update(
            household=household,
            band=band,
            respond_by=None if band is Band.NONE else TODAY - timedelta(days=due - 20),
            event_at=datetime(2026, 3, 30, 12, tzinfo=UTC) - timedelta(days=ago),
        )
        for ago, household, band, due in sorted(told, key=lambda each: -each[0])
    ]
    figures = Figures(AMSTERDAM, CameOf(lambda: AT))
    for update in updates_:
        figures.update(None, update)

    for day, open_, overdue in figures.open(TODAY, ["1011"]):
        newest = {each.household: each for each in updates_ if each.event_at.date() <= day}
        listed = [each for each in newest.values() if each.band is not Band.NONE]
        assert open_ == len(listed)
        assert overdue == sum(each.respond_by is not None and each.respond_by < day for each in listed)
    assert all(count == 0 for _, count, _ in figures.open(TODAY, ["1102"]))
    for household in "abc":
        figures.forget(household)
    assert all(count == 0 for _, count, _ in figures.open(TODAY, ["1011"]))


def test_both_languages_say_everything() -> None:
    assert WORDS["nl"].keys() == WORDS["en"].keys()
    for part, names in (("channel", ContactChannel), ("result", EndResult), ("band", BANDS)):
        for name in names:
            assert f"{part}.{name.value}" in WORDS["nl"]


def test_the_language_is_the_one_chosen_else_the_browsers_first_that_we_speak() -> None:
    assert chosen("en", "nl-NL") == "en"
    assert chosen(None, "fr-FR, en-GB;q=0.8, nl;q=0.5") == "en"
    assert chosen("<script>", "") == "nl"


def test_days_left_go_below_zero_when_it_is_overdue() -> None:
    row = Row(an_update(), None)

    assert row.days_left(date(2026, 3, 30) + timedelta(days=2)) == -2
    assert Row(an_update(respond_by=None), None).days_left(date(2026, 3, 30)) is None


def test_there_are_words_for_every_purpose_role_and_trace() -> None:
    wanted = {f"purpose.{each}" for each in Purpose} | {f"role.{each}" for each in Role}
    wanted |= {f"what.{each}" for each in (EXPLANATION, EVERYTHING, OVERRULE)}

    assert {language: wanted - set(words) for language, words in WORDS.items()} == {"nl": set(), "en": set()}


def test_what_is_offered_to_be_said_at_a_door_is_no_word_of_debt() -> None:
    of_debt = re.compile(
        "schuld|geld|betal|rekening|brie|incasso|achterstand|debt|money|bill|pay|owe|arrear|letter", re.I
    )

    for words in WORDS.values():
        assert not of_debt.search(words["home.opening"] + words["home.opening_line"])

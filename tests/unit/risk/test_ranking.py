from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eropaf.risk.history import tell
from eropaf.risk.ranking import rank, update_id
from eropaf.risk.records import DAY_MS
from eropaf.risk.rows import RankingRow
from eropaf.risk.told import HouseholdRisk, PriorityUpdate
from tests.builders import MARCH_2, a_risk, amsterdam_example, an_event, everyone_may_signal

POLICY = amsterdam_example()  # LOW from the first accepted signal, MEDIUM 40/32, HIGH 70/60, URGENT 100/90


def story(*risks: HouseholdRisk) -> list[PriorityUpdate | None]:
    row: RankingRow | None = None
    told = []
    for risk in risks:
        ranked = rank(row, risk, POLICY)
        row = ranked.row
        told.append(ranked.update)
    return told


def scores(*points: int) -> list[str | None]:
    risks = [a_risk(sequence=n, score=p * 100, at=(MARCH_2 + n) * DAY_MS) for n, p in enumerate(points, 1)]
    return [f"{update.change} {update.band}" if update else None for update in story(*risks)]


def test_every_accepted_signal_enters_the_lowest_band_and_inside_a_band_is_silence() -> None:
    """Source: Wgs art. 3 and 4: whether an offer is made is the law's, how is the municipality's."""
    assert scores(0, 39, 1) == ["RAISED LOW", None, None]


@pytest.mark.parametrize(
    ("points", "band"),
    [(0, "LOW"), (39, "LOW"), (40, "MEDIUM"), (69, "MEDIUM"), (70, "HIGH"), (99, "HIGH"), (100, "URGENT")],
)
def test_a_band_is_entered_at_its_threshold(points: int, band: str) -> None:
    assert scores(points) == [f"RAISED {band}"]


def test_a_band_is_left_only_below_its_lower_threshold() -> None:
    assert scores(40, 32, 39, 33) == ["RAISED MEDIUM", None, None, None]
    assert scores(40, 31) == ["RAISED MEDIUM", "LOWERED LOW"]


def test_a_fall_through_several_bands_is_told_once() -> None:
    assert scores(120, 21) == ["RAISED URGENT", "LOWERED LOW"]


def test_nobody_falls_off_the_list_while_arrears_stand() -> None:
    assert scores(40, 0) == ["RAISED MEDIUM", "LOWERED LOW"]


@pytest.mark.parametrize(("ended_by", "change"), [("PAID", "CLOSED"), ("WITHDRAWN", "WITHDRAWN")])
def test_the_end_of_all_arrears_takes_a_household_off_the_list_at_once(ended_by: str, change: str) -> None:
    _, end = story(a_risk(), a_risk(sequence=2, score=0, open_positions=0, ended_by=ended_by))

    assert end is not None
    assert (end.band, end.change, end.respond_by) == ("NONE", change, None)


def test_a_risk_that_comes_twice_is_told_once() -> None:
    assert story(a_risk(), a_risk())[1] is None


def test_updates_are_counted_without_gaps_and_named_by_their_count() -> None:
    first, _, second = story(a_risk(), a_risk(sequence=2, score=4_100), a_risk(sequence=3, score=9_000))

    assert first is not None
    assert second is not None
    assert (first.sequence, second.sequence) == (1, 2)
    assert first.update_id != second.update_id
    assert story(a_risk())[0] == first


@given(st.text(max_size=40), st.integers(0, 2**40))
def test_the_id_of_an_update_is_a_uuid_of_version_5(household: str, sequence: int) -> None:
    namespace = uuid.uuid5(uuid.NAMESPACE_DNS, "updates.eropaf.nl")

    assert update_id(household, sequence, 7) == str(uuid.uuid5(namespace, f"{household}:{sequence}:7"))


def test_a_first_talk_is_due_within_four_weeks() -> None:
    (update,) = story(a_risk())

    assert update is not None
    assert update.respond_by == MARCH_2 + 28


def test_a_threatening_situation_is_due_within_three_days_or_before_its_date() -> None:
    threatening = a_risk(score=12_000, threatening=True)
    tomorrow = a_risk(score=12_000, threatening=True, crisis_on=MARCH_2 + 1)

    due = [update.respond_by for risk in (threatening, tomorrow) for update in story(risk) if update]

    # Three working days from a Monday.
    assert due == [MARCH_2 + 3, MARCH_2 + 1]


def test_a_deadline_never_moves_away_while_a_household_is_on_the_list() -> None:
    later = a_risk(sequence=2, score=9_000, at=(MARCH_2 + 20) * DAY_MS)

    _, raised = story(a_risk(), later)

    assert raised is not None
    assert raised.respond_by == MARCH_2 + 28


# Arrears that were reported, by kind and euros: the band under the shipped policy, had each its ground. The
# first five ended as NONE, without update or answer, until every accepted signal got an offer (Wgs art. 4).
OFFERS = [
    ("RENT", 549, "LOW"),
    ("ENERGY", 299, "LOW"),
    ("HEALTH", 319, "LOW"),
    ("MORTGAGE", 799, "LOW"),
    ("INCOME_TAX", 600, "LOW"),
    ("WATER", 75, "LOW"),
    ("RENT", 1_050, "LOW"),
    ("RENT", 1_100, "MEDIUM"),
    ("RENT", 49, "NONE"),
    ("INCOME_TAX", 599, "NONE"),
]


@pytest.mark.parametrize(("kind", "euros", "band"), OFFERS)
def test_what_a_signal_leads_to(kind: str, euros: int, band: str) -> None:
    event = an_event(partner_type=kind, amount_cents=euros * 100, monthly_bill_cents=None)

    updates = tell([event], everyone_may_signal()).updates

    assert [update.band for update in updates] == ([] if band == "NONE" else [band])


def test_a_little_water_goes_before_no_two_months_of_rent() -> None:
    """BKR, "gradations": EUR 100 of water may be several months, and is still EUR 100."""

    def points(kind: str, euros: int) -> int:
        event = an_event(partner_type=kind, amount_cents=euros * 100, monthly_bill_cents=None)
        return tell([event], POLICY).risks[-1].score

    assert points("RENT", 100) < points("WATER", 75) < points("RENT", 550) < points("RENT", 1_050)


def test_no_kinds_euro_weighs_ten_times_anothers() -> None:
    weights = [each.points_per_month / each.usual_bill_cents for each in POLICY.partners.values()]

    assert max(weights) < 10 * min(weights)

"""Who may signal, and when: the law and the policy as a table, each line with its source."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eropaf.risk.household import fold
from eropaf.risk.lawful import effort_missing, unlawful
from eropaf.risk.policy import PARTNER_TYPES, Policy
from eropaf.risk.refusal import Reason
from tests.builders import MARCH_2, a_signal, amsterdam_example, an_event

POLICY = amsterdam_example()

ALL_DONE = {
    "personal_contact": True,
    "debt_help_pointed_at": True,
    "written_reminders": 1,
    "offer": "NO_ANSWER",
}
NO_CONTACT = ALL_DONE | {"personal_contact": False}
NO_POINTER = ALL_DONE | {"debt_help_pointed_at": False}
NO_REMINDER = ALL_DONE | {"written_reminders": 0}
NO_OFFER = ALL_DONE | {"offer": "NOT_OFFERED"}
REFUSED = ALL_DONE | {"offer": "REFUSED"}

BGS = "Besluit gemeentelijke schuldhulpverlening art. 2 (Stb. 2020, 240)"
TIJDELIJK = "Tijdelijke regeling art. 1.2 (Stcrt. 2021, 45719)"
NO_RULE = "partner type of DDAS 1.2; no rule was found: the agreement's"

# What each kind of creditor must have done before it signals: an effort for personal contact (a), pointed
# at debt help (b), one written reminder (c), an offer to pass contact data on, and no refusal (d).
#     kind                  a      b      c      d      source
DUTIES: list[tuple[str, bool, bool, bool, bool, str]] = [
    ("RENT",               True,  True,  False, False, BGS),
    ("HEALTH",             True,  True,  False, False, BGS),
    ("ENERGY",             True,  True,  False, False, f"{BGS}; Energieregeling of 2026: contact first"),
    ("WATER",              True,  True,  False, False, BGS),
    ("MORTGAGE",           True,  True,  True,  True,  f"{TIJDELIJK}; Stcrt. 2024, 10148"),
    ("CARE_CONTRIBUTION",  True,  True,  True,  True,  f"{TIJDELIJK}; Stcrt. 2024, 10148"),
    ("INCOME_TAX",         True,  True,  True,  True,  f"{TIJDELIJK}; Stcrt. 2025, 17636"),
    ("BENEFITS_RECLAIM",   True,  True,  True,  True,  f"{TIJDELIJK}; Stcrt. 2025, 17636"),
    ("STUDENT_DEBT",       False, False, False, False, NO_RULE),
    ("HEALTH_DEFAULTERS",  False, False, False, False, NO_RULE),
    ("OTHER",              False, False, False, False, NO_RULE),
    ("MUNICIPAL_TAX",      False, False, False, False, "no type of DDAS: the municipality's own agreement"),
]  # fmt: skip

# Below how many days, and above how many, a signal is "onterecht" (DDAS 1.2), and under how many euros.
#     kind                 from  to    euros  source
LIMITS: list[tuple[str, int, int | None, int, str]] = [
    ("RENT",               30,   None, 75,  "DDAS 1.2: from 30 days; EUR 75 the median (Divosa 2024)"),
    ("HEALTH",             30,   100,  75,  "DDAS 1.2: 30 to 100 days"),
    ("ENERGY",             30,   None, 75,  "from 30 days since 2023, before: 50 (BKR, May 2024)"),
    ("WATER",              30,   None, 75,  "from 30 days since 2023, before: 50 (BKR, May 2024)"),
    ("MORTGAGE",           30,   None, 75,  "to be chosen by the municipality"),
    ("CARE_CONTRIBUTION",  150,  None, 100, "Stcrt. 2024, 10148: oldest claim five months, EUR 100"),
    ("INCOME_TAX",         30,   None, 600, "Stcrt. 2025, 17636: EUR 600 for each tax"),
    ("BENEFITS_RECLAIM",   30,   None, 75,  "to be chosen by the municipality"),
    ("STUDENT_DEBT",       30,   None, 75,  "to be chosen by the municipality"),
    ("HEALTH_DEFAULTERS",  30,   None, 75,  "to be chosen by the municipality"),
    ("OTHER",              30,   None, 75,  "to be chosen by the municipality"),
    ("MUNICIPAL_TAX",      30,   None, 75,  "to be chosen by the municipality"),
]  # fmt: skip


def test_each_table_has_a_line_for_every_kind_of_creditor_that_there_is() -> None:
    assert sorted(line[0] for line in DUTIES) == sorted(line[0] for line in LIMITS) == sorted(PARTNER_TYPES)


@pytest.mark.parametrize(("partner", "contact", "pointer", "reminder", "offer", "source"), DUTIES)
def test_a_creditor_must_have_done_first_what_the_law_asks_of_its_kind(
    partner: str, contact: bool, pointer: bool, reminder: bool, offer: bool, source: str
) -> None:
    def missing(effort: dict[str, Any]) -> Reason | None:
        duty = effort_missing(a_signal(partner_type=partner, own_effort=effort))
        return None if duty is None else duty.reason

    assert missing(ALL_DONE) is None
    assert missing(NO_CONTACT) is (Reason.NO_PERSONAL_CONTACT if contact else None)
    assert missing(NO_POINTER) is (Reason.DEBT_HELP_NOT_POINTED_AT if pointer else None)
    assert missing(NO_REMINDER) is (Reason.NO_WRITTEN_REMINDER if reminder else None)
    assert missing(NO_OFFER) is (Reason.NO_OFFER_MADE if offer else None)


@pytest.mark.parametrize(("partner", "first", "last", "euros", "source"), LIMITS)
def test_arrears_must_have_stood_long_enough_and_not_too_long(
    partner: str, first: int, last: int | None, euros: int, source: str
) -> None:
    def after(days: int) -> Reason | None:
        signal = a_signal(partner_type=partner, arrears_since=MARCH_2 - days, amount_cents=100_000)
        return unlawful(signal, POLICY)

    assert after(first - 1) is Reason.TOO_FEW_DAYS
    assert after(first) is None
    assert after(last or 3_000) is None
    assert last is None or after(last + 1) is Reason.TOO_MANY_DAYS


@pytest.mark.parametrize(("partner", "first", "last", "euros", "source"), LIMITS)
def test_small_arrears_are_answered_and_give_no_points(
    partner: str, first: int, last: int | None, euros: int, source: str
) -> None:
    for cents, reason in ((euros * 100 - 1, Reason.TOO_LITTLE), (euros * 100, None)):
        folded = fold(None, an_event(partner_type=partner, amount_cents=cents), POLICY)

        assert [answer.reason for answer in folded.answers] == ([] if reason is None else [reason])
        assert folded.risk is not None
        assert (folded.risk.score == 0) is (reason is not None)


@pytest.mark.parametrize("partner", PARTNER_TYPES)
def test_a_refusal_by_the_resident_blocks_whatever_the_creditor(partner: str) -> None:
    standing = fold(None, an_event(partner_type=partner, amount_cents=500_000), POLICY)

    refused = fold(standing.row, an_event(partner_type=partner, version=2, own_effort=REFUSED), POLICY)

    assert refused.row is not None
    assert refused.risk is not None
    assert [position.amount_cents for position in refused.row.positions] == [0]
    assert refused.risk.open_positions == 0
    assert [(a.status, a.reason) for a in refused.answers] == [
        ("NOT_PICKED_UP_UNJUSTIFIED", Reason.RESIDENT_REFUSED)
    ]


@pytest.mark.parametrize("kind", ["PAID", "PLAN_AGREED", "WITHDRAWN"])
def test_good_news_is_never_asked_for_its_ground(kind: str) -> None:
    news = a_signal(kind=kind, own_effort=NO_CONTACT, arrears_since=MARCH_2 - 1)

    assert effort_missing(news) is None
    assert unlawful(news, POLICY) is None


def test_where_something_threatens_days_are_not_asked() -> None:
    assert unlawful(a_signal(arrears_since=MARCH_2 - 5, crisis_kind="EVICTION"), POLICY) is None


def test_arrears_of_which_the_date_is_not_known_are_not_judged_by_it() -> None:
    assert unlawful(a_signal(arrears_since=None), POLICY) is None


def test_the_policy_says_what_holds_where_a_creditor_is_silent_on_its_effort() -> None:
    strict = replace(POLICY, own_effort_may_be_unsaid=False)

    assert unlawful(a_signal(own_effort=None), POLICY) is None
    assert unlawful(a_signal(own_effort=None), strict) is Reason.OWN_EFFORT_UNSAID
    assert unlawful(a_signal(own_effort=ALL_DONE), strict) is None


def test_a_municipality_may_take_no_signals_of_a_kind() -> None:
    partners = POLICY.partners | {"MORTGAGE": replace(POLICY.partners["MORTGAGE"], accepted=False)}
    without: Policy = replace(POLICY, partners=partners)

    assert unlawful(a_signal(partner_type="MORTGAGE"), without) is Reason.PARTNER_NOT_ACCEPTED


def test_of_an_unlawful_signal_the_amount_is_not_kept() -> None:
    folded = fold(None, an_event(arrears_since=MARCH_2 - 5), POLICY)

    assert folded.row is not None
    assert [(p.amount_cents, p.monthly_bill_cents, p.arrears_since) for p in folded.row.positions] == [
        (0, None, None)
    ]

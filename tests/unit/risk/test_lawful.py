"""Who may signal, and when: the law and the policy as a table, each line with its source."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from risk.household import fold
from risk.lawful import effort_missing, unlawful
from risk.policy import PARTNER_TYPES, Policy
from risk.refusal import Reason
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

# kind of creditor, what it did first, what follows, source
DUTIES: list[tuple[str, dict[str, Any], Reason | None, str]] = [
    ("RENT", ALL_DONE, None, "Bgs art. 2"),
    ("RENT", NO_CONTACT, Reason.NO_PERSONAL_CONTACT, "Bgs art. 2: an effort for personal contact"),
    ("RENT", NO_POINTER, Reason.DEBT_HELP_NOT_POINTED_AT, "Bgs art. 2: pointed at debt help"),
    ("RENT", NO_REMINDER, None, "Bgs art. 2 asks no reminder"),
    ("RENT", NO_OFFER, None, "Bgs art. 2 asks no offer"),
    ("HEALTH", NO_CONTACT, Reason.NO_PERSONAL_CONTACT, "Bgs art. 2"),
    ("ENERGY", NO_CONTACT, Reason.NO_PERSONAL_CONTACT, "Energieregeling 2026: contact before a signal"),
    ("WATER", NO_POINTER, Reason.DEBT_HELP_NOT_POINTED_AT, "Bgs art. 2"),
    ("MORTGAGE", NO_REMINDER, Reason.NO_WRITTEN_REMINDER, "Tijdelijke regeling art. 1.2 c"),
    ("MORTGAGE", NO_OFFER, Reason.NO_OFFER_MADE, "Tijdelijke regeling art. 1.2 d"),
    ("CARE_CONTRIBUTION", NO_OFFER, Reason.NO_OFFER_MADE, "Stcrt. 2024, 10148"),
    ("INCOME_TAX", NO_REMINDER, Reason.NO_WRITTEN_REMINDER, "Stcrt. 2025, 17636"),
    ("BENEFITS_RECLAIM", NO_REMINDER, Reason.NO_WRITTEN_REMINDER, "Stcrt. 2025, 17636"),
    ("STUDENT_DEBT", NO_CONTACT, None, "no rule found: the agreement's"),
    ("HEALTH_DEFAULTERS", NO_CONTACT, None, "no rule found: the agreement's"),
    ("MUNICIPAL_TAX", NO_CONTACT, None, "no rule found: the agreement's"),
    ("OTHER", NO_CONTACT, None, "no rule found: the agreement's"),
]


@pytest.mark.parametrize(("partner", "effort", "reason", "source"), DUTIES)
def test_a_creditor_must_have_done_first_what_the_law_asks_of_its_kind(
    partner: str, effort: dict[str, Any], reason: Reason | None, source: str
) -> None:
    duty = effort_missing(a_signal(partner_type=partner, own_effort=effort))

    assert (None if duty is None else duty.reason) is reason


# kind of creditor, days since the arrears arose, what follows, source
DAYS: list[tuple[str, int, Reason | None, str]] = [
    ("RENT", 29, Reason.TOO_FEW_DAYS, "DDAS 1.2: from 30 days"),
    ("RENT", 30, None, "DDAS 1.2: from 30 days"),
    ("RENT", 400, None, "no end in the law"),
    ("ENERGY", 29, Reason.TOO_FEW_DAYS, "from 30 days since 2023, before: 50"),
    ("WATER", 30, None, "from 30 days since 2023, before: 50"),
    ("HEALTH", 29, Reason.TOO_FEW_DAYS, "DDAS 1.2: 30 to 100 days"),
    ("HEALTH", 100, None, "DDAS 1.2: 30 to 100 days"),
    ("HEALTH", 101, Reason.TOO_MANY_DAYS, "DDAS 1.2: 30 to 100 days"),
    ("CARE_CONTRIBUTION", 149, Reason.TOO_FEW_DAYS, "Stcrt. 2024, 10148: five months"),
    ("CARE_CONTRIBUTION", 150, None, "Stcrt. 2024, 10148: five months"),
]


@pytest.mark.parametrize(("partner", "days", "reason", "source"), DAYS)
def test_arrears_must_have_stood_long_enough_and_not_too_long(
    partner: str, days: int, reason: Reason | None, source: str
) -> None:
    signal = a_signal(partner_type=partner, arrears_since=MARCH_2 - days, amount_cents=100_000)

    assert unlawful(signal, POLICY) is reason


@pytest.mark.parametrize(
    ("partner", "euros", "reason"),
    [
        ("RENT", 74, Reason.TOO_LITTLE),  # Divosa 2024: the median threshold is EUR 75
        ("RENT", 75, None),
        ("CARE_CONTRIBUTION", 99, Reason.TOO_LITTLE),  # Stcrt. 2024, 10148: EUR 100
        ("CARE_CONTRIBUTION", 100, None),
        ("INCOME_TAX", 599, Reason.TOO_LITTLE),  # Stcrt. 2025, 17636: EUR 600 for each tax
        ("INCOME_TAX", 600, None),
    ],
)
def test_small_arrears_are_answered_and_give_no_points(
    partner: str, euros: int, reason: Reason | None
) -> None:
    folded = fold(None, an_event(partner_type=partner, amount_cents=euros * 100), POLICY)

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

"""Who may signal, and when: the law and the policy as a table, each line with its source."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from eropaf.risk import lawful
from eropaf.risk.events import Tick
from eropaf.risk.household import fold
from eropaf.risk.lawful import effort_missing, unlawful
from eropaf.risk.policy import PARTNER_TYPES, Policy
from eropaf.risk.records import HouseholdEvent
from eropaf.risk.refusal import Reason
from tests.builders import (
    AMSTERDAM_EXAMPLE,
    MARCH_2,
    a_signal,
    amsterdam_example,
    an_event,
    everyone_may_signal,
)

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
# What a newer creditor says and this version has no word for is not taken for an offer.
UNKNOWN_OFFER = ALL_DONE | {"offer": "UNKNOWN"}
REFUSED = ALL_DONE | {"offer": "REFUSED"}

BGS = "Besluit gemeentelijke schuldhulpverlening art. 2 (Stb. 2020, 240) under a to d"
WATER = "Regeling afsluitbeleid voor kleinverbruikers van drinkwater art. 3 and 4 (Stcrt. 2012, 7964)"
TIJDELIJK = "Tijdelijke regeling art. 1.2 under a to d (Stcrt. 2021, 45719)"
NOT_VERIFIED = "the article is not verified; asked by the measure of Bgs art. 2"
AGREED_ON = "no law: agreed with the municipality, by the measure of the Tijdelijke regeling"

# What each kind of creditor must have done before it signals: an effort for personal contact (a), pointed
# at debt help (b), one written reminder (c), an offer to pass contact data on, and no refusal (d).
#     kind                  a     b     c     d     source
DUTIES: list[tuple[str, bool, bool, bool, bool, str]] = [
    ("RENT",               True, True, True, True, BGS),
    ("HEALTH",             True, True, True, True, NOT_VERIFIED),
    ("ENERGY",             True, True, True, True, f"Energieregeling of 2026; {NOT_VERIFIED}"),
    ("WATER",              True, True, True, True, WATER),
    ("MORTGAGE",           True, True, True, True, f"{TIJDELIJK}; Stcrt. 2024, 10148"),
    ("CARE_CONTRIBUTION",  True, True, True, True, f"{TIJDELIJK}; Stcrt. 2024, 10148"),
    ("INCOME_TAX",         True, True, True, True, f"{TIJDELIJK}; Stcrt. 2025, 17636"),
    ("BENEFITS_RECLAIM",   True, True, True, True, f"{TIJDELIJK}; Stcrt. 2025, 17636"),
    ("STUDENT_DEBT",       True, True, True, True, AGREED_ON),
    ("HEALTH_DEFAULTERS",  True, True, True, True, AGREED_ON),
    ("OTHER",              True, True, True, True, AGREED_ON),
    ("MUNICIPAL_TAX",      True, True, True, True, AGREED_ON),
]  # fmt: skip

# Which kinds may signal on 2 March 2026, in Amsterdam and, of those, elsewhere.
#     kind                 here                     elsewhere             source
GROUNDS: list[tuple[str, Reason | None, Reason | None, str]] = [
    ("RENT",               None,                    None,                 "Bgs art. 2"),
    ("HEALTH",             None,                    None,                 "Bgs art. 3; not verified"),
    ("ENERGY",             None,                    None,                 "Bgs art. 3; not verified"),
    ("WATER",              None,                    None,                 "Stcrt. 2012, 7964 art. 5"),
    ("MORTGAGE",           Reason.GROUND_ENDED,     Reason.NO_GROUND,     "art. 2.2: four years from 2022"),
    ("CARE_CONTRIBUTION",  None,                    None,                 "art. 2.4 (Stcrt. 2024, 10148)"),
    ("INCOME_TAX",         None,                    None,                 "art. 2.5 (Stcrt. 2025, 17636)"),
    ("BENEFITS_RECLAIM",   None,                    None,                 "art. 2.5 (Stcrt. 2025, 17636)"),
    ("STUDENT_DEBT",       Reason.NO_GROUND,        Reason.NO_GROUND,     "a data model is no ground"),
    ("HEALTH_DEFAULTERS",  Reason.NO_GROUND,        Reason.NO_GROUND,     "a data model is no ground"),
    ("OTHER",              Reason.NO_GROUND,        Reason.NO_GROUND,     "none until it is agreed on"),
    ("MUNICIPAL_TAX",      Reason.NO_GROUND,        Reason.NO_GROUND,     "ended (Stcrt. 2025, 17636)"),
]  # fmt: skip

# Below how many days, and above how many, a signal is "onterecht" (DDAS 1.2), and under how many euros a
# signal is by itself.
#     kind                 from  to    euros  source
LIMITS: list[tuple[str, int, int | None, int, str]] = [
    ("RENT",               30,   None, 0,   "DDAS 1.2: from 30 days"),
    ("HEALTH",             30,   100,  0,   "DDAS 1.2: 30 to 100 days"),
    ("ENERGY",             30,   None, 0,   "from 30 days since 2023, before: 50 (BKR, May 2024)"),
    ("WATER",              30,   None, 0,   "from 30 days since 2023, before: 50 (BKR, May 2024)"),
    ("MORTGAGE",           60,   None, 0,   "from two months' arrears (gemeente.nu, November 2021)"),
    ("CARE_CONTRIBUTION",  150,  None, 100, "Stcrt. 2024, 10148: oldest claim five months, EUR 100"),
    ("INCOME_TAX",         0,    None, 600, "Stcrt. 2025, 17636: EUR 600 for each tax; after the reminder"),
    ("BENEFITS_RECLAIM",   0,    None, 0,   "Stcrt. 2025, 17636: after the reminder"),
    ("STUDENT_DEBT",       0,    None, 0,   "DDAS 1.2 names no days"),
    ("HEALTH_DEFAULTERS",  30,   None, 0,   "to be chosen by the municipality"),
    ("OTHER",              0,    None, 0,   "DDAS 1.2 names no days"),
    ("MUNICIPAL_TAX",      0,    None, 0,   "DDAS 1.2 does not know the kind"),
]  # fmt: skip
MINIMUM_EUR = 50  # "Onder de loep 2025" (Divosa): of the household


def test_each_table_has_a_line_for_every_kind_of_creditor_that_there_is() -> None:
    for table in (DUTIES, GROUNDS, LIMITS):
        assert sorted(line[0] for line in table) == sorted(PARTNER_TYPES)


@pytest.mark.parametrize(("partner", "here", "elsewhere", "source"), GROUNDS)
def test_a_kind_signals_on_a_ground_that_holds_on_the_day_and_in_the_municipality(
    partner: str, here: Reason | None, elsewhere: Reason | None, source: str
) -> None:
    signal = a_signal(partner_type=partner, amount_cents=100_000)
    assert 'municipality = "GM0363"' in AMSTERDAM_EXAMPLE

    assert unlawful(signal, POLICY) is here
    assert unlawful(signal, Policy.parse(AMSTERDAM_EXAMPLE.replace('= "GM0363"', '= "GM0344"'))) is elsewhere


def test_a_ground_holds_up_to_and_including_its_last_day() -> None:
    mortgage = a_signal(partner_type="MORTGAGE")
    last, next_ = (datetime(2025, 12, 31, 22, 59, tzinfo=UTC), datetime(2025, 12, 31, 23, 1, tzinfo=UTC))

    assert unlawful(replace(mortgage, reported_at=int(last.timestamp() * 1000)), POLICY) is None
    assert unlawful(replace(mortgage, reported_at=int(next_.timestamp() * 1000)), POLICY) is (
        Reason.GROUND_ENDED
    )


def test_a_kind_without_a_ground_is_taken_once_the_municipality_names_one() -> None:
    ours = AMSTERDAM_EXAMPLE.replace(
        "[partners.OTHER]", '[partners.OTHER]\nbasis = "Convenant of 1 May 2026"'
    )

    assert unlawful(a_signal(partner_type="OTHER"), Policy.parse(ours)) is None


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
    assert missing(UNKNOWN_OFFER) is (Reason.NO_OFFER_MADE if offer else None)


# Where each of the four stands: under a letter of the law's list; for water in articles of its own.
OF_WATER = {"a": "4 (text not verified)", "b": "3 lid 2 under a", "c": "3 lid 1", "d": "3 lid 2 under b"}
IN_ITS_ORDER = {
    "a": Reason.NO_PERSONAL_CONTACT,
    "b": Reason.DEBT_HELP_NOT_POINTED_AT,
    "c": Reason.NO_WRITTEN_REMINDER,
    "d": Reason.NO_OFFER_MADE,
}


@pytest.mark.parametrize(("duty", "letter"), [*zip(lawful.DUTIES, IN_ITS_ORDER, strict=True)])
def test_each_duty_says_where_it_stands(duty: lawful.Duty, letter: str) -> None:
    not_verified = "the article is not verified"
    experiment = f"Tijdelijke regeling signaal betalingsachterstanden art. 1.2 under {letter}"
    agreed = f"by the measure of the Tijdelijke regeling art. 1.2 under {letter}"
    of_law = {
        "RENT": f"Besluit gemeentelijke schuldhulpverlening art. 2 (Stb. 2020, 240) under {letter}",
        "HEALTH": "Landelijk Convenant Vroegsignalering; the article for health insurers is not verified",
        "ENERGY": f"Energieregeling of 2026, by NVVK (26 January 2026); {not_verified}",
        "WATER": "Regeling afsluitbeleid voor kleinverbruikers van drinkwater art. "
        f"{OF_WATER[letter]} (Stcrt. 2012, 7964)",
    }
    of_experiments = ("MORTGAGE", "CARE_CONTRIBUTION", "INCOME_TAX", "BENEFITS_RECLAIM")
    without_a_law = ("HEALTH_DEFAULTERS", "MUNICIPAL_TAX", "STUDENT_DEBT", "OTHER")

    assert duty.reason is IN_ITS_ORDER[letter]
    assert duty.sources == (
        of_law
        | dict.fromkeys(of_experiments, f"{experiment} (Stcrt. 2021, 45719)")
        | dict.fromkeys(without_a_law, f"to be agreed with the municipality, {agreed}")
    )


@pytest.mark.parametrize(("partner", "first", "last", "euros", "source"), LIMITS)
def test_arrears_must_have_stood_long_enough_and_not_too_long(
    partner: str, first: int, last: int | None, euros: int, source: str
) -> None:
    def after(days: int, **changes: Any) -> Reason | None:
        signal = a_signal(partner_type=partner, arrears_since=MARCH_2 - days, amount_cents=100_000, **changes)
        return unlawful(signal, everyone_may_signal())

    assert not first or after(first - 1) is Reason.TOO_FEW_DAYS
    assert after(first) is None
    assert after(last or 3_000) is None
    assert last is None or after(last + 1) is Reason.TOO_MANY_DAYS
    # "Please pick this person up" is no unjustified signal, whatever the days.
    for wish in ({"handover_wish": True}, {"own_effort": ALL_DONE | {"offer": "AGREED"}}):
        assert after(0, **wish) is None
        assert after(3_000, **wish) is None


@pytest.mark.parametrize(("partner", "first", "last", "euros", "source"), LIMITS)
def test_small_arrears_are_answered_and_get_no_offer_unless_somebody_asks_for_it(
    partner: str, first: int, last: int | None, euros: int, source: str
) -> None:
    least = max(euros, MINIMUM_EUR) * 100

    def offered(cents: int, **changes: Any) -> tuple[list[str | None], bool]:
        event = an_event(partner_type=partner, amount_cents=cents, **changes)
        folded = fold(None, event, everyone_may_signal())
        assert folded.risk is not None
        assert (folded.risk.ended_by == "BELOW_MINIMUM") is (folded.risk.open_positions == 0)
        return [answer.reason for answer in folded.answers], folded.risk.open_positions > 0

    assert offered(least - 1) == ([Reason.TOO_LITTLE], False)
    assert offered(least) == ([], True)
    for wish in (
        {"handover_wish": True},
        {"own_effort": ALL_DONE | {"offer": "AGREED"}},
        {"crisis_kind": "EVICTION"},
    ):
        assert offered(1, **wish) == ([], True)


# Cents owed to each of several creditors; minimum of the household, then of the signal: how many count.
TOGETHER: list[tuple[tuple[int, ...], int, int, str]] = [
    ((4_999,),                        0, 0, "below either"),
    ((5_000,),                        1, 1, "at either"),
    ((2_500, 2_499),                  0, 0, "together a cent too little"),
    ((2_500, 2_500),                  2, 0, "together enough: several are the first criterion everywhere"),
    ((7_400, 7_400, 7_400, 7_400),    4, 4, "four of EUR 74 (they counted nothing under EUR 75)"),
    ((9_900, 100),                    2, 1, "the small one beside the large one"),
]  # fmt: skip


@pytest.mark.parametrize(("owed", "of_household", "of_signal", "case"), TOGETHER)
def test_the_minimum_is_of_the_household_or_of_the_signal_as_the_policy_says(
    owed: tuple[int, ...], of_household: int, of_signal: int, case: str
) -> None:
    for text, counted in (
        (AMSTERDAM_EXAMPLE, of_household),
        (AMSTERDAM_EXAMPLE.replace('minimum_is_of = "household"', 'minimum_is_of = "signal"'), of_signal),
    ):
        row, creditors = None, 0
        for number, cents in enumerate(owed):
            folded = fold(row, an_event(creditor=f"c-{number}", amount_cents=cents), Policy.parse(text))
            row, creditors = folded.row, folded.risk.creditors if folded.risk else creditors
        assert creditors == counted


@pytest.mark.parametrize("partner", PARTNER_TYPES)
def test_a_refusal_by_the_resident_blocks_whatever_the_creditor(partner: str) -> None:
    standing = fold(None, an_event(partner_type=partner, amount_cents=500_000), everyone_may_signal())

    refused = fold(
        standing.row, an_event(partner_type=partner, version=2, own_effort=REFUSED), everyone_may_signal()
    )

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


def test_of_an_unlawful_signal_nothing_is_kept() -> None:
    folded = fold(None, an_event(arrears_since=MARCH_2 - 5), POLICY)

    assert (folded.row, folded.risk) == (None, None)
    assert [answer.reason for answer in folded.answers] == [Reason.TOO_FEW_DAYS]


# What a refused signal does to what its creditor lawfully said before: EUR 480 at 59 days.
#     refused because            changes                                               what is left, in cents
STOOD: list[tuple[Reason, dict[str, Any], int]] = [
    (Reason.TOO_MANY_DAYS,    {"arrears_since": MARCH_2 - 104, "amount_cents": 90_000}, 48_000),
    (Reason.TOO_FEW_DAYS,     {"arrears_since": MARCH_2 - 5, "amount_cents": 90_000},   48_000),
    (Reason.RESIDENT_REFUSED, {"own_effort": REFUSED, "amount_cents": 90_000},          0),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "changes", "left"), STOOD)
def test_a_refused_signal_deletes_no_lawful_arrears(
    reason: Reason, changes: dict[str, Any], left: int
) -> None:
    health: dict[str, Any] = {"creditor": "health", "partner_type": "HEALTH"}
    stood = fold(None, an_event(**health, amount_cents=48_000, arrears_since=MARCH_2 - 59), POLICY)

    folded = fold(stood.row, an_event(**health, version=2, **changes), POLICY)

    assert [answer.reason for answer in folded.answers] == [reason]
    assert folded.row is not None
    assert [position.amount_cents for position in folded.row.positions] == [left]


@pytest.mark.parametrize("rules", [{"grounded": False}, {"accepted": False}])
def test_what_may_not_be_known_any_more_is_forgotten_under_the_policy_that_says_so(
    rules: dict[str, Any],
) -> None:
    now = replace(
        POLICY,
        version="another",
        partners=POLICY.partners | {"RENT": replace(POLICY.partners["RENT"], **rules)},
    )
    row = fold(None, an_event(), POLICY).row
    row = fold(row, an_event(creditor="water", partner_type="WATER"), POLICY).row

    folded = fold(row, HouseholdEvent("", "tick", 0, tick=Tick(MARCH_2, 0, 1)), now)

    assert folded.row is not None
    assert [position.creditor for position in folded.row.positions] == ["water"]


def test_the_end_of_a_delivery_without_an_early_signal_is_helped_and_told() -> None:
    """Source: Energieregeling of 2026, by NVVK (26 January 2026): always an early signal first."""
    end: dict[str, Any] = {
        "crisis_kind": "END_OF_DELIVERY",
        "crisis_on": MARCH_2 + 20,
        "arrears_since": MARCH_2 - 5,
    }
    energy: dict[str, Any] = {"creditor": "energy", "partner_type": "ENERGY"}

    first = fold(None, an_event(**energy, **end), POLICY)
    after_one = fold(fold(None, an_event(**energy), POLICY).row, an_event(**energy, **end, version=2), POLICY)
    of_water = fold(None, an_event(creditor="water", partner_type="WATER", **end), POLICY)

    assert [(a.status, a.reason) for a in first.answers] == [("NOT_YET_PICKED_UP", Reason.NO_EARLIER_SIGNAL)]
    assert first.risk is not None
    assert first.risk.open_positions == 1
    assert after_one.answers == of_water.answers == ()

"""Each number of the shipped policy's file, and what the rules make of it: cents, hundredths, days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from eropaf.risk.calendar import EPOCH
from eropaf.risk.events import PolicyActivated
from eropaf.risk.policy import PartnerRules, Policy, PolicyError, ResultRules, Threshold
from eropaf.risk.policy_file import PARTNER_TYPES, PolicyFile
from eropaf.risk.refusal import Reason, Refused
from tests.builders import AMSTERDAM_EXAMPLE as TEXT
from tests.builders import MARCH_2

ENDED = (date(2025, 12, 31) - EPOCH).days

# kind: accepted, grounded, until, from, to, valid, least (cents), points a month, usual bill (cents)
PARTNERS: dict[str, PartnerRules] = {
    "RENT":              PartnerRules(True, True, None, 30, None, 92, 0, 20, 55_000),
    "HEALTH":            PartnerRules(True, True, None, 30, 100, 92, 0, 15, 16_000),
    "ENERGY":            PartnerRules(True, True, None, 30, None, 92, 0, 12, 18_000),
    "WATER":             PartnerRules(True, True, None, 30, None, 122, 0, 3, 2_000),
    "MORTGAGE":          PartnerRules(True, True, ENDED, 60, None, 92, 0, 20, 80_000),
    "INCOME_TAX":        PartnerRules(True, True, None, 0, None, 183, 60_000, 6, 20_000),
    "BENEFITS_RECLAIM":  PartnerRules(True, True, None, 0, None, 183, 0, 6, 10_000),
    "STUDENT_DEBT":      PartnerRules(True, False, None, 0, None, 183, 0, 5, 9_000),
    "CARE_CONTRIBUTION": PartnerRules(True, True, None, 150, None, 183, 10_000, 3, 2_000),
    "HEALTH_DEFAULTERS": PartnerRules(True, False, None, 30, None, 183, 0, 10, 17_500),
    "MUNICIPAL_TAX":     PartnerRules(True, False, None, 0, None, 183, 0, 4, 4_500),
    "OTHER":             PartnerRules(True, False, None, 0, None, 183, 0, 5, 10_000),
}  # fmt: skip
NUMBERS: dict[str, Any] = {
    "version": "amsterdam-example-3", "municipality": "0363", "household_minimum_cents": 5_000,
    "own_effort_may_be_unsaid": True, "months_cap": 600, "breadth": 1_500, "plan_broken": 1_000,
    "threatening": 10_000, "plan_agreed_percent": 0, "growth": 5, "persistence": 400, "look_back_months": 6,
    "handover": 1_000, "nearness": ((3, 6_000), (7, 4_000), (14, 2_500), (28, 1_000)), "minor_children": 0,
    "contact_slips": False,
    "still_open": False,
    "first_talk_days": 28, "first_talk_norm": "MUNICIPAL", "threatening_days": 3,
    "threatening_working_days": True, "threatening_norm": "MUNICIPAL", "legal_holidays": True,
    "days_between_lowerings": 7, "collection_pause_days": 30, "paid_days": 183, "withdrawn_days": 30,
    "silent_days": 183, "unknown_days": 30,
}  # fmt: skip
BANDS = {
    "LOW": Threshold(0, 0, "LETTER"), "MEDIUM": Threshold(4_000, 3_200, "PHONE"),
    "HIGH": Threshold(7_000, 6_000, "VISIT"), "URGENT": Threshold(10_000, 9_000, "SEVERAL_ATTEMPTS"),
}  # fmt: skip
# result: days that the same arrears are quiet (zero: until a newer signal), days until all is forgotten
RESULTS = {
    "ADVICE": (30, 183), "HELP": (30, 183), "HELP_FINANCIAL": (30, 183), "HELP_NOT_FINANCIAL": (30, 183),
    "REFERRED_WITHOUT_RESIDENT": (30, 183), "OTHER_TRAJECTORY": (90, 183), "KNOWN_AT_DEBT_HELP": (183, 183),
    "PAID_OR_PLAN": (30, 183), "ARRANGES_ITSELF": (90, 90), "NO_CONTACT": (60, 183), "NO_REACTION": (60, 183),
    "DECEASED": (0, 183), "NOT_A_RESIDENT": (0, 183), "NOT_PICKED_UP_REPEATED": (30, 183),
    "NOT_PICKED_UP_UNJUSTIFIED": (30, 30), "NOT_PICKED_UP_OTHER": (90, 183),
}  # fmt: skip


@pytest.mark.parametrize(("name", "value"), NUMBERS.items())
def test_a_number_of_the_file_is_the_number_of_the_rules(name: str, value: Any) -> None:
    assert getattr(Policy.parse(TEXT), name) == value


@pytest.mark.parametrize("kind", PARTNER_TYPES)
def test_a_kind_of_creditor_is_as_the_file_has_it(kind: str) -> None:
    assert Policy.parse(TEXT).partners[kind] == PARTNERS[kind]


def test_bands_and_results_are_as_the_file_has_them() -> None:
    policy = Policy.parse(TEXT)

    assert policy.bands == BANDS
    assert policy.results == {name: ResultRules(*days) for name, days in RESULTS.items()}
    assert policy.zone.name == "Europe/Amsterdam"


# What stands in the file, what stands there instead, and the number that follows.
OTHERWISE: list[tuple[str, str, str, Any]] = [
    ('minimum_is_of = "household"', 'minimum_is_of = "signal"', "household_minimum_cents", 0),
    ('own_effort_when_unsaid = "accept"', 'own_effort_when_unsaid = "refuse"', "own_effort_may_be_unsaid",
     False),
    ('threatening_days_are = "working"', 'threatening_days_are = "calendar"', "threatening_working_days",
     False),
    ('holidays = "Algemene termijnenwet"', 'holidays = "none"', "legal_holidays", False),
    ("unknown_days = 30\n", "", "unknown_days", 30),
    ("[lawful]", '[minor_children]\npoints = 15\nlegal_basis = "the council"\n\n[lawful]', "minor_children",
     1_500),
    ("[lawful]", '[contact_slips]\nlegal_basis = "the council"\n\n[lawful]', "contact_slips", True),
    ("[lawful]", '[still_open]\nlegal_basis = "the council"\n\n[lawful]', "still_open", True),
]  # fmt: skip


@pytest.mark.parametrize(("stands", "instead", "name", "value"), OTHERWISE)
def test_what_the_file_chooses_is_what_holds(stands: str, instead: str, name: str, value: Any) -> None:
    assert stands in TEXT

    assert getattr(Policy.parse(TEXT.replace(stands, instead, 1)), name) == value


def test_of_signals_judged_alone_the_minimum_is_the_kinds_unless_it_has_its_own() -> None:
    partners = Policy.parse(TEXT.replace('minimum_is_of = "household"', 'minimum_is_of = "signal"')).partners

    assert {name: rules.minimum_cents for name, rules in partners.items()} == {
        **dict.fromkeys(PARTNER_TYPES, 5_000), "INCOME_TAX": 60_000, "CARE_CONTRIBUTION": 10_000,
    }  # fmt: skip


# A talk is due: from the day, in calendar or working days (2 March 2026 is a Monday), with holidays or not.
@pytest.mark.parametrize(
    ("changes", "day", "due"),
    [
        ({}, 0, 3), ({}, 3, 8), ({}, 31, 38),
        ({"legal_holidays": False}, 31, 36),
        ({"threatening_working_days": False}, 3, 6),
        ({"threatening_days": 1}, 4, 7),
    ],
)  # fmt: skip
def test_a_threat_asks_for_a_talk_within_the_days_of_the_policy(
    changes: dict[str, Any], day: int, due: int
) -> None:
    policy = replace(Policy.parse(TEXT), **changes)

    assert policy.threatening_talk_by(MARCH_2 + day) == MARCH_2 + due
    assert policy.first_talk_by(MARCH_2 + day) == MARCH_2 + day + 28


def test_a_policy_that_was_activated_is_read_or_refused_without_its_text() -> None:
    assert Policy.activated(PolicyActivated("v", TEXT, 0)) == Policy.parse(TEXT)

    with pytest.raises(Refused) as refused:
        Policy.activated(PolicyActivated("v", "version =", 0))
    assert (refused.value.reason, str(refused.value)) == (
        Reason.BROKEN_POLICY, "the policy is not valid for this version",
    )  # fmt: skip


WRONG = "policy: Value error, "
# What stands, what stands instead, and every fault that is told, one a line.
MEDIUM_AND_HIGH = TEXT[TEXT.index("leave = 32\n") : TEXT.index("leave = 60")]
FAULTS: list[tuple[str, str, list[str]]] = [
    ("to_days = 100", "to_days = 30", ["partners.HEALTH: Value error, to_days must be above from_days"]),
    ("months_cap = 6", "months_cap = 0", ["weights.months_cap: Input should be greater than 0"]),
    ("months_cap = 6", "months_cap = 0\nmonth_cap = 6",
     ["weights.months_cap: Input should be greater than 0",
      "weights.month_cap: Extra inputs are not permitted"]),
    ("within_days = 7\n", "within_days = 3\n",
     [WRONG + "nearness: list the nearest first; nearer must give more points"]),
    ("points = 40\n", "points = 60\n",
     [WRONG + "nearness: list the nearest first; nearer must give more points"]),
    ("leave = 60", "leave = 32", [WRONG + "bands.HIGH.leave must be above that of the band below"]),
    ("enter = 70", "enter = 40",
     [WRONG + "bands.HIGH: leave must not be above enter; bands.HIGH.enter must be above that of "
      "the band below"]),
    ("enter = 70\n", "", [WRONG + "bands.HIGH: enter and leave are missing"]),
    (MEDIUM_AND_HIGH, MEDIUM_AND_HIGH.replace("leave = 32\n", "").replace("enter = 70", "enter = 59"),
     [WRONG + "bands.MEDIUM: enter and leave are missing; bands.HIGH: leave must not be above enter"]),
    ('action = "LETTER"', 'action = "LETTER"\nleave = 1',
     [WRONG + "bands.LOW: every accepted signal enters the lowest band (Wgs art. 4); leave out "
      "enter and leave"]),
    ("[results.HELP]", "[results.HULP]",
     [WRONG + "results.HELP is missing; results.HULP is none that there is"]),
    ("[partners.OTHER]", "[partners.OVERIGE]",
     [WRONG + "partners.OTHER is missing; partners.OVERIGE is none that there is"]),
    ("quiet_days = 90\nretention_days = 90", "quiet_days = 90\nretention_days = 89",
     [WRONG + "results.ARRANGES_ITSELF: retention_days must not be below quiet_days"]),
    ("quiet_days = 90\nretention_days = 90", "retention_days = 90",
     [WRONG + "results.ARRANGES_ITSELF: quiet_days must stand there, and must not where somebody "
      "died or lives elsewhere"]),
    ("threatening_days = 3 ", "threatening_days = 29 ",
     [WRONG + "deadlines.threatening_days must not be above first_talk_days"]),
    ('"Europe/Amsterdam"', '"Amsterdam"',
     [WRONG + "time_zone: unknown time zone 'Amsterdam'; use a name such as "
      "Europe/Amsterdam"]),
]  # fmt: skip


@pytest.mark.parametrize(("stands", "instead", "said"), FAULTS)
def test_each_fault_is_told_in_a_sentence(stands: str, instead: str, said: list[str]) -> None:
    text = TEXT.replace("threatening_days = 3\n", "threatening_days = 3 \n")
    assert stands in text

    with pytest.raises(PolicyError) as error:
        PolicyFile.parse(text.replace(stands, instead, 1))

    assert str(error.value).splitlines() == ["the policy is not valid:", *said]


# What may just be, beside what may not.
@pytest.mark.parametrize(
    ("stands", "instead"),
    [
        ("threatening_days = 3\n", "threatening_days = 28\n"), ("to_days = 100", "to_days = 31"),
        ("leave = 32", "leave = 40"), ("leave = 60", "leave = 33"), ("enter = 70", "enter = 60"),
    ],
)  # fmt: skip
def test_what_may_just_be_is_taken(stands: str, instead: str) -> None:
    assert stands in TEXT

    PolicyFile.parse(TEXT.replace(stands, instead, 1))


def test_a_text_that_is_too_long_too_deep_or_no_toml_is_refused_in_a_sentence() -> None:
    for text, said in (
        ("#" * 32_769, "the policy is 32769 characters long; at most 32768 are read"),
        ("a = " + "[" * 5_000, "the policy holds a huge number, or is nested too deeply"),
    ):
        with pytest.raises(PolicyError) as error:
            PolicyFile.parse(text)
        assert str(error.value) == said
    with pytest.raises(PolicyError, match="the policy is not TOML"):
        PolicyFile.parse("version =")
    with pytest.raises(PolicyError, match="the policy is not valid"):
        PolicyFile.parse("#" * 32_768)


def test_minor_children_count_on_a_ground_alone() -> None:
    without = '[minor_children]\npoints = 15\nlegal_basis = " "\n\n[lawful]'

    with pytest.raises(PolicyError) as error:
        PolicyFile.parse(TEXT.replace("[lawful]", without, 1))

    assert str(error.value) == (
        "the policy is not valid:\n"
        "minor_children: Value error, minor children count only on a stated ground: name the law and "
        "article, or the council's decision, in legal_basis; or leave [minor_children] out so that they do "
        "not count"
    )

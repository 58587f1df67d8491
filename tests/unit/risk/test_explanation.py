from __future__ import annotations

import json
from dataclasses import replace

import pytest

from eropaf.agents.sealing import CannotOpen, Sealer, new_keys, opened
from eropaf.risk.events import Overrule
from eropaf.risk.explanation import KINDS, LARGEST_FACTS, Explained, Language, in_words
from eropaf.risk.household import fold
from eropaf.risk.policy import PARTNER_TYPES
from tests.builders import MARCH_2, amsterdam_example, an_event

POLICY = amsterdam_example()


def explained(overrule: Overrule | None = None) -> Explained:
    row = fold(None, an_event(amount_cents=55_000), POLICY).row
    folded = fold(
        row,
        an_event(
            version=2, amount_cents=137_500, crisis_kind="EVICTION", crisis_on=MARCH_2 + 6, handover_wish=True
        ),
        POLICY,
    )
    assert folded.risk is not None
    assert folded.assessment is not None
    return Explained(folded.risk, folded.assessment, overrule)


def test_it_is_told_in_plain_dutch() -> None:
    assert in_words(json.loads(explained().facts()), "nl").splitlines() == [
        "Deze punten bepalen alleen wie het eerst hulp krijgt aangeboden.",
        "- 2,5 maanden huur staat open bij rent. (50 punten)",
        "- De achterstand in huur bij rent is 1,5 maanden groter dan bij de eerste melding. (7,5 punten)",
        "- Er dreigt iets ernstigs, zoals een afsluiting, een huisuitzetting of een beslag. (100 punten)",
        "- Een schuldeiser heeft gesproken met de bewoner en vraagt om hulp over te nemen. (10 punten)",
        "- De datum waarop iets dreigt of eindigt is over 6 dagen. (40 punten)",
        "Samen: 207,5 punten.",
    ]


def test_it_is_told_in_plain_english() -> None:
    assert in_words(json.loads(explained().facts()), "en").splitlines() == [
        "These points only decide who is offered help first.",
        "- 2.5 months of rent not paid to rent. (50 points)",
        "- The arrears of rent to rent grew by 1.5 months since they were first reported. (7.5 points)",
        "- Something serious threatens, such as a disconnection, an eviction or an attachment. (100 points)",
        "- A creditor has spoken with the resident and asks to take over with help. (10 points)",
        "- The date on which something threatens or ends is 6 days away. (40 points)",
        "Together: 207.5 points.",
    ]


def test_one_is_told_as_one() -> None:
    facts = json.loads(explained().facts())
    facts["contributions"] = [{"what": "persistence", "creditor": None, "quantity": 1, "points": 400}]

    assert "- Ook in 1 eerdere maand is een achterstand gemeld. (4 punten)" in in_words(facts, "nl")
    assert "- Arrears were also reported in 1 earlier month. (4 points)" in in_words(facts, "en")


def test_what_an_older_version_sealed_can_still_be_told() -> None:
    facts = json.loads(explained().facts())
    for part in facts["contributions"]:
        del part["partner_type"]

    assert "2,5 maanden vaste lasten staat open bij rent." in in_words(facts, "nl")


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_kind_of_creditor_has_its_words(language: Language) -> None:
    assert KINDS[language].keys() == set(PARTNER_TYPES)


def test_a_workers_decision_is_visible_as_one() -> None:
    decision = Overrule("LOWER", MARCH_2 + 7, "family moved in")

    said = in_words(json.loads(explained(decision).facts()), "en")

    assert said.endswith("A worker has put this lower (until 2026-03-09): family moved in")


def test_the_same_facts_give_the_same_bytes_and_only_the_seal_differs() -> None:
    public, private = new_keys()

    one, other = Sealer(public).seal(explained()), Sealer(public).seal(explained())

    assert explained().facts() == explained().facts()
    assert one["sealed"] != other["sealed"]
    assert opened(one, [private]) == opened(other, [private]) == json.loads(explained().facts())


def test_a_seal_shows_nothing_and_opens_for_nobody_else() -> None:
    public, _ = new_keys()
    _, another = new_keys()

    sealed = Sealer(public).seal(explained())

    facts = explained().facts()
    assert not any(facts[at : at + 8] in sealed["sealed"] for at in range(len(facts) - 8))
    with pytest.raises(CannotOpen):
        opened(sealed, [another])


def test_a_seal_that_was_tampered_with_does_not_open() -> None:
    public, private = new_keys()
    sealed = Sealer(public).seal(explained())

    sealed["sealed"] = sealed["sealed"][:-1] + bytes([sealed["sealed"][-1] ^ 1])

    with pytest.raises(CannotOpen):
        opened(sealed, [private])


def test_of_a_household_with_a_thousand_contracts_of_long_names_the_weightiest_are_told() -> None:
    parts = tuple(
        replace(explained().assessment.contributions[0], contract=f"{number:04}" + "é" * 1000, points=number)
        for number in range(1000)
    )
    of_many = replace(explained(), assessment=replace(explained().assessment, contributions=parts))

    facts = of_many.facts()

    told = json.loads(facts)["contributions"]
    assert len(facts) <= LARGEST_FACTS
    assert sum(part["points"] for part in told) == sum(part.points for part in parts)
    assert [part["points"] for part in told[:-1]] == list(range(1001 - len(told), 1000))
    assert told[-1]["what"] == "rest"
    assert told[-1]["quantity"] == 1001 - len(told)
    assert "other parts count: too many to be listed" in in_words(json.loads(facts), "en")
    assert "te veel om op te noemen" in in_words(json.loads(facts), "nl")

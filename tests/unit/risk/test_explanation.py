from __future__ import annotations

import json
from dataclasses import replace

import pytest

from eropaf.agents.sealing import CannotOpen, Sealer, new_keys, opened
from eropaf.risk.events import Overrule
from eropaf.risk.explanation import LARGEST_FACTS, Explained
from eropaf.risk.household import fold
from eropaf.risk.plain_words import KINDS, Language, in_words
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
    assert folded.row is not None
    return Explained(folded.risk, folded.assessment, replace(folded.row, overrule=overrule), POLICY)


def test_it_is_told_in_plain_dutch() -> None:
    assert in_words(json.loads(explained().facts()), "nl", "14 020").splitlines() == [
        "Waarom staat dit adres op deze plek?",
        "Deze punten bepalen alleen wie het eerst hulp krijgt aangeboden. "
        "Schuldeisers krijgen ze niet te zien.",
        "- rent meldde op 2 maart 2026: er is 1.375 euro huur niet betaald. "
        "Dat telt als 2,5 maanden. (50 punten)",
        "- De schuld bij rent (huur) groeide sinds de eerste melding met 1,5 maanden. (7,5 punten)",
        "- rent meldde: er dreigt een huisuitzetting op 8 maart 2026. (100 punten)",
        "- Een schuldeiser heeft met de bewoner gesproken, en vraagt ons om hulp te bieden. (10 punten)",
        "- De dag is dichtbij: 8 maart 2026, 6 dagen na het tellen. (40 punten)",
        "Samen: 207,5 punten.",
        "",
        "Wat betekenen de punten?",
        "Vanaf 100 punten: spoed.",
        "Vanaf 70 punten: hoog.",
        "Vanaf 40 punten: midden.",
        "Met minder punten: laag.",
        "",
        "Wat kunt u doen?",
        "- Wilt u hulp? Die is gratis, en u mag ook nee zeggen.",
        "- Klopt er iets niet? Zeg het ons. Dan kijken wij het na.",
        "- Wilt u niet dat schuldeisers u melden? Dan kunt u bezwaar maken.",
        "Bel de gemeente: 14 020.",
        f"Geteld op 2 maart 2026, met de regels {POLICY.version}.",
    ]


def test_it_is_told_in_plain_english() -> None:
    assert in_words(json.loads(explained().facts()), "en").splitlines()[:8] == [
        "Why does this address stand where it stands?",
        "These points only decide who is offered help first. Creditors do not see them.",
        "- rent reported on 2 March 2026: 1,375 euros of rent are not paid. "
        "That counts as 2.5 months. (50 points)",
        "- The debt to rent (rent) grew by 1.5 months since the first report. (7.5 points)",
        "- rent reported: an eviction threatens on 8 March 2026. (100 points)",
        "- A creditor has spoken with the resident, and asks us to offer help. (10 points)",
        "- The day is near: 8 March 2026, 6 days after this was counted. (40 points)",
        "Together: 207.5 points.",
    ]


@pytest.mark.parametrize(
    ("contact", "call"),
    [("14 020", "Call the municipality: 14 020."), (None, "Call or e-mail the municipality.")],
)
def test_it_says_whom_to_call_where_that_is_known(contact: str | None, call: str) -> None:
    said = in_words(json.loads(explained().facts()), "en", contact)

    assert call in said.splitlines()


def test_each_part_says_what_of_whom_and_on_which_contract() -> None:
    """What an auditor's tool reads (docs/reference/explanations.md)."""
    part, *_ = json.loads(explained().facts())["contributions"]

    assert part == {
        "what": "arrears", "creditor": "rent", "partner_type": "RENT", "contract": "contract-1",
        "quantity": 250, "points": 5_000, "amount_cents": 137_500, "reported_on": MARCH_2,
    }  # fmt: skip


@pytest.mark.parametrize("language", ["nl", "en"])
def test_each_question_that_the_reader_has_is_a_block_of_its_own(language: Language) -> None:
    blocks = in_words(json.loads(explained().facts()), language).split("\n\n")

    assert len(blocks) == 3
    assert all(block.splitlines()[0].endswith("?") for block in blocks)


def test_an_end_of_delivery_alone_is_named_with_its_day() -> None:
    event = an_event(
        creditor="power", partner_type="ENERGY", crisis_kind="END_OF_DELIVERY", crisis_on=MARCH_2 + 5
    )
    folded = fold(None, event, POLICY)
    assert folded.risk is not None
    assert folded.assessment is not None
    assert folded.row is not None

    said = in_words(json.loads(Explained(folded.risk, folded.assessment, folded.row, POLICY).facts()), "nl")

    assert "power meldde: de levering van energie stopt op 7 maart 2026. De dag is dichtbij" in said
    assert "dreigt" not in said


def test_a_day_that_is_near_is_never_read_as_that_of_another_threat() -> None:
    supplier = an_event(
        creditor="power", partner_type="ENERGY", crisis_kind="END_OF_DELIVERY", crisis_on=MARCH_2 + 5
    )
    landlord = an_event(crisis_kind="EVICTION", crisis_on=MARCH_2 + 40)
    folded = fold(fold(None, supplier, POLICY).row, landlord, POLICY)
    assert folded.risk is not None
    assert folded.assessment is not None
    assert folded.row is not None

    said = in_words(json.loads(Explained(folded.risk, folded.assessment, folded.row, POLICY).facts()), "en")

    assert "rent reported: an eviction threatens on 11 April 2026. (100 points)" in said
    assert (
        "power reported: the delivery of energy ends on 7 March 2026. The day is near: 7 March 2026" in said
    )


def test_a_creditors_name_is_never_a_template() -> None:
    facts = json.loads(explained().facts())
    for part in (*facts["contributions"], *facts["threats"]):
        part["creditor"] = "{0} {n}"

    assert "{0} {n} meldde op" in in_words(facts, "nl")


def test_one_is_told_as_one() -> None:
    facts = json.loads(explained().facts())
    facts["contributions"] = [{"what": "persistence", "creditor": None, "quantity": 1, "points": 400}]

    assert "- Ook in 1 eerdere maand is een achterstand gemeld. (4 punten)" in in_words(facts, "nl")
    assert "- Arrears were also reported in 1 earlier month. (4 points)" in in_words(facts, "en")


def test_what_an_older_version_sealed_can_still_be_told() -> None:
    facts = json.loads(explained().facts())
    for part in facts["contributions"]:
        del part["partner_type"]
        part.pop("amount_cents", None)
        part.pop("reported_on", None)
    for later in ("on", "policy", "bands", "threats"):
        del facts[later]

    said = in_words(facts, "nl")

    assert "rent meldde dat 2,5 maanden vaste lasten niet is betaald." in said
    assert "Er dreigt iets ernstigs" in said
    assert "over 6 dagen" in said


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_kind_of_creditor_has_its_words(language: Language) -> None:
    assert KINDS[language].keys() == set(PARTNER_TYPES)


def test_a_workers_decision_is_visible_as_one() -> None:
    decision = Overrule("LOWER", MARCH_2 + 7, "family moved in")

    said = in_words(json.loads(explained(decision).facts()), "en")

    assert "A worker has put this lower (until 9 March 2026): family moved in" in said.splitlines()


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


def test_of_a_thousand_contracts_of_long_names_the_weightiest_are_told() -> None:
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

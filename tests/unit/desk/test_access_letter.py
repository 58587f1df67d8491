"""The letter to a resident says in plain Dutch what is held."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest

from eropaf.desk.access_letter import FRAME, SAID, letter
from eropaf.risk.plain_words import Language
from tests.builders import amsterdam_example
from tests.unit.risk.test_explanation import explained

TODAY = date(2026, 3, 3)
POLICY = amsterdam_example()


def held(**parts: Any) -> dict[str, Any]:
    position = {
        "creditor": "rent",
        "partner_type": "RENT",
        "kind": "REPORTED",
        "amount_cents": 160_050,
        "reported_at": "2026-03-01T12:00:00+00:00",
    }
    opened = {"at": "2026-03-03T09:00:00+00:00", "what": "everything", "purpose": "resident-asked"}
    whole = {"state": {"positions": [position]}, "told": {"band": "HIGH"}, "opened": [opened], "safety": []}
    return {"residents": [], **whole, **parts}


def test_it_says_what_was_reported_who_looked_and_where_the_address_stands() -> None:
    said = letter(held(), TODAY, POLICY, "nl")

    assert "Datum: 3 maart 2026" in said
    assert "- rent meldde op 1 maart 2026: er is nog 1.600,50 euro niet betaald (huur)." in said
    assert "staat op de lijst" in said
    assert "- Op 3 maart 2026: alles geopend. Reden: een inwoner vroeg erom." in said


def test_where_nothing_is_held_it_says_so() -> None:
    said = letter(held(state=None, told=None, opened=[]), TODAY, POLICY, "nl")

    assert "Er staat nu geen melding open." in said
    assert "staat niet op de lijst" in said
    assert "Niemand heeft uw gegevens geopend." in said


@pytest.mark.parametrize("language", ["nl", "en"])
def test_its_sentences_are_short_and_it_holds_no_code(language: Language) -> None:
    said = letter(held(), TODAY, POLICY, language)

    assert max(len(sentence.split()) for sentence in re.split(r"[.?:!]\s|\n", said)) <= 16
    assert not re.findall(r"[A-Z]{3,}|_|T[0-9]{2}:", said)


def test_what_happened_after_midnight_here_is_told_of_the_day_that_had_begun() -> None:
    position = held()["state"]["positions"][0] | {"reported_at": "2026-03-01T23:30:00+00:00"}
    looked = held()["opened"][0] | {"at": "2026-06-30T22:15:00+00:00"}

    said = letter(held(state={"positions": [position]}, opened=[looked]), TODAY, POLICY, "nl")

    assert "rent meldde op 2 maart 2026" in said
    assert "- Op 1 juli 2026:" in said


def test_a_moment_that_no_calendar_reaches_is_said_to_be_no_day() -> None:
    looked = held()["opened"][0] | {"at": 2**62}

    assert "Op een dag die niet klopt: " in letter(held(opened=[looked]), TODAY, POLICY, "nl")
    assert "On a day that cannot be right: " in letter(held(opened=[looked]), TODAY, POLICY, "en")


@pytest.mark.parametrize(
    ("kind", "cents", "said"),
    [
        ("REPORTED", 160_050, "er is nog 1.600,50 euro niet betaald"),
        ("CHANGED", 160_050, "er is nog 1.600,50 euro niet betaald"),
        ("PLAN_BROKEN", 160_050, "er is nog 1.600,50 euro niet betaald"),
        ("PLAN_AGREED", 160_050, "u hebt een afspraak over 1.600,50 euro"),
        ("PAID", 0, "er is betaald"),
        ("WITHDRAWN", 0, "de melding geldt niet meer"),
    ],
)
def test_it_says_what_the_creditor_said_last_and_of_who_paid_no_debt(
    kind: str, cents: int, said: str
) -> None:
    position = held()["state"]["positions"][0] | {"kind": kind, "amount_cents": cents}

    told = letter(held(state={"positions": [position]}), TODAY, POLICY, "nl")

    assert f"- rent meldde op 1 maart 2026: {said} (huur)." in told
    assert "0,00" not in told


def test_both_languages_say_the_same_things() -> None:
    assert FRAME["nl"].keys() == FRAME["en"].keys()
    assert SAID["nl"].keys() == SAID["en"].keys()
    assert "- rent reported on 1 March 2026: 1,600.50 euros are not paid yet (rent)." in letter(
        held(), TODAY, POLICY, "en"
    )


@pytest.mark.parametrize("language", ["nl", "en"])
def test_it_says_why_for_how_long_and_what_can_be_done_each_once(language: Language) -> None:
    facts = json.loads(explained().facts())

    said = letter(held(), TODAY, POLICY, language, facts=facts, contact="14 020")

    questions = [line for line in said.splitlines() if line.endswith("?")]
    assert len(questions) == len(set(questions)) == 8
    assert said.rstrip().endswith("14 020.")
    assert "207,5 punten" in said or "207.5 points" in said
    assert "366" in said


@pytest.mark.parametrize("state", [{"objected": True}, {"objected": False, "objectors": ["anna"]}])
def test_it_says_that_an_objection_stands(state: dict[str, Any]) -> None:
    assert "is bezwaar gemaakt" in letter(held(state=state | {"positions": []}), TODAY, POLICY, "nl")
    assert "is bezwaar gemaakt" not in letter(held(), TODAY, POLICY, "nl")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "nl",
            ("- rent meldde op 1 maart 2026: er is nog", "Wij weten niet op welk", "U hebt bezwaar"),
        ),
        ("en", ("- rent reported on 1 March 2026: 1", "We do not know at which address", "You objected.")),
    ],
)
def test_it_says_what_waits_for_whom_the_register_does_not_know(
    language: Language, words: tuple[str, ...]
) -> None:
    signal = held()["state"]["positions"][0]
    waits = {"waiting": [{"signal": signal}], "objected_at": None}
    objects: dict[str, Any] = {"waiting": [], "objected_at": "2026-03-01T12:00:00+00:00"}
    nowhere: dict[str, Any] = {"state": None, "told": None}

    waiting, objected = (
        letter(held(residents=[each], **nowhere), TODAY, POLICY, language) for each in (waits, objects)
    )

    assert [word in waiting for word in words] == [True, True, False]
    assert [word in objected for word in words] == [False, False, True]


@pytest.mark.parametrize(
    ("language", "said"), [("nl", "niet langs, maar"), ("en", "do not come to your door")]
)
def test_it_says_how_workers_come_to_an_unsafe_address_while_that_holds(
    language: Language, said: str
) -> None:
    mark = {"at": "2026-03-01T12:00:00+00:00", "level": "OFFICE_ONLY", "until": TODAY.isoformat()}

    assert said in letter(held(safety=[mark]), TODAY, POLICY, language)
    over = mark | {"until": (TODAY - timedelta(days=1)).isoformat()}
    assert said not in letter(held(safety=[over]), TODAY, POLICY, language)

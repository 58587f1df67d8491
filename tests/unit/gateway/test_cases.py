"""Accepted help becomes a case, once, whatever is killed or away, and nothing of why goes along."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from eropaf.gateway.cases import delivery as deliveries
from eropaf.gateway.cases import metrics
from eropaf.gateway.cases.book import State
from eropaf.gateway.cases.zaken import Zaken
from eropaf_client.outcomes import EndResult
from eropaf_client.schemas.topics import OUTCOMES
from tests.unit.gateway.a_case_system import CaseSystem
from tests.unit.gateway.handed_on import ANNA, World


@pytest.fixture(autouse=True)
def _nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "READS_FOR_S", 0.0)  # its clock is turned by hand


@pytest.fixture
def world(tmp_path: Path, system: CaseSystem) -> World:
    return World(tmp_path, Zaken(system.access))


def test_help_that_is_accepted_is_a_case_with_the_address_and_its_first_status(
    world: World, system: CaseSystem
) -> None:
    world.lists(ANNA, 7)
    number = world.comes_of(ANNA, EndResult.HELP_FINANCIAL)

    world.goes_on()

    (case,), (where,), (status,) = system.made["zaken"], system.made["zaakobjecten"], system.made["statussen"]
    assert (case["identificatie"], case["startdatum"]) == (number, "2026-03-03")
    assert case["bronorganisatie"] == case["verantwoordelijkeOrganisatie"] == system.access.rsin
    assert where["objectIdentificatie"]["overigeData"] == {
        "postcode": "1011AB", "huisnummer": 7, "toevoeging": "2H",
    }  # fmt: skip
    assert (status["zaak"], status["statustype"]) == (case["url"], system.access.status_type)
    assert world.states() == {number: State.OPEN.value}


@pytest.mark.parametrize("result", sorted(EndResult, key=str))
def test_what_is_no_accepted_help_makes_no_case(world: World, system: CaseSystem, result: EndResult) -> None:
    world.lists(ANNA)
    world.comes_of(ANNA, result)

    world.goes_on(2)

    helped = {"ADVICE", "HELP", "HELP_FINANCIAL", "HELP_NOT_FINANCIAL"}
    assert len(system.made["zaken"]) == (result.value in helped)


def test_a_case_says_of_the_household_where_it_lives_and_nothing_else(
    world: World, system: CaseSystem
) -> None:
    world.lists(ANNA)
    world.comes_of(ANNA, EndResult.HELP_FINANCIAL)
    world.goes_on()

    for made in (*system.made["zaken"], *system.made["statussen"]):
        said = json.dumps(made)
        assert ANNA not in said
        assert "1011AB" not in said
        assert not any(word in said for word in ("FINANCIAL", "HIGH", "bsn", "rent"))
    (where,) = system.made["zaakobjecten"]
    assert where["objectIdentificatie"]["overigeData"].keys() == {"postcode", "huisnummer", "toevoeging"}
    assert ANNA not in json.dumps(where)


@pytest.mark.parametrize("kind", ["zaken", "zaakobjecten", "statussen"])
def test_a_try_whose_answer_was_lost_is_repeated_and_makes_nothing_twice(
    world: World, system: CaseSystem, kind: str
) -> None:
    world.lists(ANNA)
    number = world.comes_of(ANNA, EndResult.HELP)
    system.loses.add(kind)

    world.goes_on()
    assert world.states() == {number: State.WAITING.value}
    world.passes(0.5)

    assert {kind: len(made) for kind, made in system.made.items()} == dict.fromkeys(system.made, 1)
    assert world.states() == {number: State.OPEN.value}


def test_a_process_that_was_killed_after_a_case_was_made_makes_no_second_one(
    world: World, system: CaseSystem
) -> None:
    world.lists(ANNA)
    number = world.comes_of(ANNA, EndResult.HELP)
    world.goes_on()

    world.kill_and_start()
    world.goes_on()
    assert system.numbers() == [number]

    world.book.close()
    world.path.unlink()  # even what it knew is gone: the case system has the number
    world.start()
    world.goes_on()
    assert system.numbers() == [number]
    assert world.states() == {number: State.OPEN.value}


def test_a_case_system_that_is_away_for_days_gets_all_and_nothing_is_given_up(
    world: World, system: CaseSystem
) -> None:
    system.status = 503
    numbers = set()
    for number in range(5):
        world.lists(f"{number:032x}", number + 1)
        numbers.add(world.comes_of(f"{number:032x}", EndResult.HELP))
    world.passes(50)
    assert State.GIVEN_UP.value not in world.states().values()
    asked = len(system.asked)
    assert asked < 50 * 12 + 30, "it is tried seldom"

    system.status = 0
    world.passes(2)

    assert set(system.numbers()) == numbers


def test_who_asks_to_be_left_alone_is(world: World, system: CaseSystem) -> None:
    system.status, system.with_headers = 429, {"Retry-After": "1800"}
    world.lists(ANNA)
    world.comes_of(ANNA, EndResult.HELP)
    world.goes_on()
    asked = len(system.asked)

    world.passes(0.3)
    assert len(system.asked) == asked

    world.passes(0.4)
    assert len(system.asked) > asked


def test_what_is_refused_for_a_day_while_others_are_taken_is_set_aside_until_retried(
    world: World, system: CaseSystem
) -> None:
    world.lists(ANNA)
    refused = world.comes_of(ANNA, EndResult.HELP)
    system.refuses.add(refused)
    world.goes_on()
    world.lists(f"{2:032x}")
    taken = world.comes_of(f"{2:032x}", EndResult.HELP)

    world.passes(25)
    assert world.states() == {refused: State.GIVEN_UP.value, taken: State.OPEN.value}
    asked = system.asked.count("POST zaken")
    world.passes(5)
    assert system.asked.count("POST zaken") == asked

    system.refuses.clear()
    assert world.book.try_again() == 1
    world.kill_and_start()
    world.goes_on()
    assert set(system.numbers()) == {refused, taken}


def test_a_case_system_that_refuses_everything_has_nothing_set_aside(
    world: World, system: CaseSystem
) -> None:
    world.lists(ANNA)
    refused = world.comes_of(ANNA, EndResult.HELP)
    system.refuses.add(refused)

    world.passes(60, every_s=3600.0)

    assert world.states() == {refused: State.WAITING.value}


def test_how_a_case_stands_comes_back_and_its_end(world: World, system: CaseSystem) -> None:
    world.lists(ANNA)
    number = world.comes_of(ANNA, EndResult.HELP)
    world.goes_on()
    (case,) = system.made["zaken"]

    case["_expand"] = {"status": {"_expand": {"statustype": {"omschrijving": "In behandeling"}}}}
    world.passes(1.5)
    (row,) = world.book.rows()
    assert (row.state, row.status, row.ended_on) == (State.OPEN.value, "In behandeling", "")

    case["einddatum"] = "2026-05-01"
    world.passes(1.5)
    (row,) = world.book.rows()
    assert (row.number, row.state, row.ended_on) == (number, State.ENDED.value, "2026-05-01")
    asked = len(system.asked)
    world.passes(5)
    assert len(system.asked) == asked, "what has ended is asked no more"


def test_a_household_with_an_open_case_gets_no_second_one(world: World, system: CaseSystem) -> None:
    world.lists(ANNA)
    first = world.comes_of(ANNA, EndResult.HELP)
    world.goes_on()
    second = world.comes_of(ANNA, EndResult.HELP, "O-2")
    world.goes_on()
    assert system.numbers() == [first]
    assert world.states()[second] == State.JOINED.value

    system.made["zaken"][0]["einddatum"] = "2026-05-01"
    world.passes(1.5)
    third = world.comes_of(ANNA, EndResult.HELP, "O-3")
    world.goes_on()
    assert system.numbers() == [first, third]


def test_of_who_was_forgotten_no_case_is_made_and_nothing_is_kept(
    world: World, system: CaseSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    system.status = 503
    world.lists(ANNA)
    number = world.comes_of(ANNA, EndResult.HELP)
    world.goes_on()
    world.forget(ANNA)
    world.goes_on()
    system.status = 0
    world.passes(1)

    assert system.made["zaken"] == []
    world.kill_and_start()
    world.goes_on()
    assert system.made["zaken"] == [], "nor by whoever reads it all again"
    assert world.states() == {number: State.FORGOTTEN.value}
    world.book.close()
    files = b"".join(each.read_bytes() for each in world.path.parent.glob("cases.ledger*"))
    assert ANNA.encode() not in files
    assert b"1011AB" not in files


def test_help_that_is_accepted_after_an_erasure_is_a_case_again(
    world: World, system: CaseSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.lists(ANNA)
    world.comes_of(ANNA, EndResult.HELP)
    world.goes_on()
    world.forget(ANNA)
    world.goes_on()
    later = datetime.now(UTC) + timedelta(seconds=5)
    monkeypatch.setattr("tests.unit.gateway.a_cluster.time.time", later.timestamp)
    world.lists(ANNA)
    again = world.comes_of(ANNA, EndResult.HELP, "O-2")
    world.goes_on()
    assert again in system.numbers()

    world.kill_and_start()
    world.goes_on()
    assert len(system.numbers()) == 2
    assert world.states()[again] == State.OPEN.value, "an erasure that is read again ends nothing newer"


def test_what_was_handed_on_is_handed_on_once_however_long_it_runs(world: World, system: CaseSystem) -> None:
    world.lists(ANNA)
    world.comes_of(ANNA, EndResult.HELP)
    world.goes_on()
    system.made["zaken"][0]["einddatum"] = "2026-05-01"
    world.passes(1.5)
    asked = system.asked.count("POST zaken")

    world.passes(80 * 24, every_s=24 * 3600.0)
    looked = len(system.asked)
    world.passes(24)

    assert world.states() == {}, "the book has forgotten it"
    assert system.asked.count("POST zaken") == asked
    assert len(system.asked) == looked, "and nothing looks for it again"
    world.kill_and_start()
    world.passes(1)
    assert len(system.asked) == looked, "nor where a broker has not deleted it yet"


def test_one_that_fails_for_ever_keeps_no_other_waiting(world: World, system: CaseSystem) -> None:
    world.lists(ANNA)
    stuck = world.comes_of(ANNA, EndResult.HELP)
    system.fails[stuck] = 500
    world.goes_on()
    numbers = set()
    for number in range(2, 12):
        world.lists(f"{number:032x}", number)
        numbers.add(world.comes_of(f"{number:032x}", EndResult.HELP))

    world.passes(1, every_s=60.0)

    assert set(system.numbers()) == numbers
    assert world.states()[stuck] == State.WAITING.value


def test_however_many_are_refused_open_cases_are_asked_how_they_stand(
    world: World, system: CaseSystem
) -> None:
    world.lists(ANNA)
    world.comes_of(ANNA, EndResult.HELP)
    world.goes_on()
    system.made["zaken"][0]["einddatum"] = "2026-05-01"
    for number in range(2, 32):
        world.lists(f"{number:032x}", number)
        system.refuses.add(world.comes_of(f"{number:032x}", EndResult.HELP))

    world.passes(1.5)

    assert State.ENDED.value in world.states().values()


def test_what_waits_outlives_a_move_to_another_cluster(world: World, system: CaseSystem) -> None:
    system.status = 503
    for number in (1, 2):
        world.lists(f"{number:032x}", number)
    waits = [world.comes_of(f"{number:032x}", EndResult.HELP) for number in (1, 2)]
    world.goes_on()
    assert world.states() == dict.fromkeys(waits, State.WAITING.value), "those that were not tried yet, too"

    for place in world.topics.logs:  # outcomes that were read stay behind, the list is moved whole
        if place[0] == OUTCOMES:
            world.topics.logs[place].clear()
    world.kill_and_start()
    system.status = 0
    world.passes(1)

    assert set(system.numbers()) == set(waits)


def test_what_waits_for_months_is_not_forgotten(world: World, system: CaseSystem) -> None:
    world.lists(ANNA)
    number = world.comes_of(ANNA, EndResult.HELP)
    system.status = 503
    world.passes(90 * 24, every_s=24 * 3600.0)

    system.status = 0
    world.passes(1)

    assert system.numbers() == [number]


def test_since_when_help_waits_is_told_until_it_is_handed_on(world: World, system: CaseSystem) -> None:
    def oldest_s() -> float:
        return metrics.CASE_MEASURES.get_sample_value("eropaf_case_oldest_waiting_timestamp_seconds") or 0.0

    system.status = 503
    before_s = time.time()
    world.lists(ANNA)
    world.comes_of(ANNA, EndResult.HELP)
    world.goes_on()
    assert before_s - 1 <= oldest_s() <= time.time()

    system.status = 0
    world.passes(1)
    assert oldest_s() == 0


def test_help_of_a_household_without_an_address_is_counted(world: World, system: CaseSystem) -> None:
    number = world.comes_of(ANNA, EndResult.HELP)

    with capture_logs() as said:
        world.goes_on()

    assert metrics.CASE_MEASURES.get_sample_value("eropaf_case_unaddressed") == 1
    assert [each["number"] for each in said] == [number], "said once"
    world.lists(ANNA)
    world.goes_on()
    assert metrics.CASE_MEASURES.get_sample_value("eropaf_case_unaddressed") == 0
    assert system.numbers() == [number]


def test_what_is_in_no_topic_any_more_is_forgotten_but_for_open_cases(
    world: World, system: CaseSystem
) -> None:
    world.lists(ANNA)
    ended = world.comes_of(ANNA, EndResult.HELP)
    world.goes_on()
    system.made["zaken"][0]["einddatum"] = "2026-05-01"
    world.passes(1.5)
    world.lists(f"{2:032x}")
    still = world.comes_of(f"{2:032x}", EndResult.HELP)
    world.goes_on()
    assert world.states().keys() == {ended, still}

    world.topics.logs.clear()
    world.kill_and_start()
    world.passes(80 * 24, every_s=24 * 3600.0)

    assert world.states() == {still: State.OPEN.value}

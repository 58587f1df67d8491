"""What a case system says of a case, or in its place, and what follows of it here."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from eropaf.gateway.cases import delivery as deliveries
from eropaf.gateway.cases.book import State
from eropaf.gateway.cases.zaken import Zaken
from eropaf_client.outcomes import EndResult
from eropaf_client.schemas.topics import PRIORITIES
from tests.unit.gateway.a_case_system import CaseSystem
from tests.unit.gateway.handed_on import ANNA, AT, World


@pytest.fixture(autouse=True)
def _nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "READS_FOR_S", 0.0)  # its clock is turned by hand


@pytest.fixture
def world(tmp_path: Path, system: CaseSystem) -> World:
    return World(tmp_path, Zaken(system.access))


@pytest.fixture
def number(world: World) -> str:
    """Return the number of an open case."""
    world.lists(ANNA)
    number = world.comes_of(ANNA, EndResult.HELP)
    world.goes_on()
    return number


def test_a_proxy_that_finds_nothing_ends_no_case(world: World, system: CaseSystem, number: str) -> None:
    system.status = 404
    world.passes(3)
    assert world.states() == {number: State.OPEN.value}

    system.status = 0
    system.made["zaken"][0]["einddatum"] = "2026-05-01"
    world.passes(1.5)
    assert world.states() == {number: State.ENDED.value}


def test_a_case_that_the_case_system_has_under_no_number_is_gone(
    world: World, system: CaseSystem, number: str
) -> None:
    system.made["zaken"].clear()

    world.passes(1.5)

    (row,) = world.book.rows()
    assert (row.number, row.state, row.ended_on) == (number, State.ENDED.value, "gone")


def test_a_case_that_has_another_address_now_is_found_by_its_number(
    world: World, system: CaseSystem, number: str
) -> None:
    (case,) = system.made["zaken"]
    system.made["zaken"].clear()
    system.make("zaken", {**case, "einddatum": "2026-05-01"})

    world.passes(1.5)

    (row,) = world.book.rows()
    assert (row.number, row.state, row.ended_on) == (number, State.ENDED.value, "2026-05-01")


@pytest.mark.parametrize("said", ["\x1b[2J", "2026-05-01\nEROPAF-1 forged", "1 May", 20260501])
def test_an_end_that_is_no_day_is_not_believed(
    world: World, system: CaseSystem, number: str, said: object
) -> None:
    system.made["zaken"][0]["einddatum"] = said
    world.passes(1.5)
    system.faults.clear()  # it is not as described

    (row,) = world.book.rows()
    assert (row.number, row.state, row.ended_on) == (number, State.OPEN.value, "")


def test_a_case_system_that_is_asked_how_a_case_stands_is_left_alone_as_it_asks(
    world: World, system: CaseSystem, number: str
) -> None:
    world.lists(f"{2:032x}", 2)
    system.status, system.with_headers = 429, {"Retry-After": "1800"}
    asked = len(system.asked)
    while len(system.asked) == asked:
        world.passes(0.1)
    world.comes_of(f"{2:032x}", EndResult.HELP)
    asked = len(system.asked)

    world.passes(0.3)
    assert len(system.asked) == asked, "neither of cases nor for help"

    world.passes(0.4)
    assert len(system.asked) > asked


def test_a_case_that_cannot_be_asked_for_keeps_no_help_waiting(
    world: World, system: CaseSystem, number: str
) -> None:
    system.status = 500
    world.passes(3)
    system.status = 0
    world.lists(f"{2:032x}", 2)
    again = world.comes_of(f"{2:032x}", EndResult.HELP)

    world.goes_on()

    assert system.numbers() == [number, again]


@pytest.mark.parametrize("erased_first", [True, False])
def test_who_was_forgotten_stays_so_where_the_topic_says_it_no_more(
    world: World, system: CaseSystem, erased_first: bool
) -> None:
    system.status = 503
    if erased_first:  # as topics are read: in no order between them
        number = world.comes_of(ANNA, EndResult.HELP)
        outcomes = {place: log.copy() for place, log in world.topics.logs.items()}
        world.topics.logs.clear()
        world.forget(ANNA)
        world.goes_on()
        for place, log in outcomes.items():
            world.topics.logs[place] += log
    else:
        number = world.comes_of(ANNA, EndResult.HELP)
        world.forget(ANNA)
    world.goes_on()
    assert world.states() == {number: State.FORGOTTEN.value}

    for (topic, partition), log in world.topics.logs.items():
        if topic == PRIORITIES:  # compacted, since the household is on the list again
            world.topics.logs[topic, partition] = [each for each in log if each.its_value is not None]
    world.lists(ANNA)
    world.kill_and_start()
    system.status = 0
    world.passes(1)

    assert system.made["zaken"] == []


@pytest.mark.parametrize("tried", [True, False])
def test_of_who_objected_with_a_result_no_case_is_made(world: World, system: CaseSystem, tried: bool) -> None:
    system.status = 503
    world.lists(ANNA)
    number = world.comes_of(ANNA, EndResult.HELP)
    if tried:
        world.goes_on()
    both = world.comes_of(ANNA, EndResult.HELP, "O-2", objects=True)
    world.goes_on()
    world.kill_and_start()
    system.status = 0
    world.passes(1)

    assert system.made["zaken"] == []
    assert world.states() == ({number: State.OBJECTED.value} if tried else {})
    assert both not in world.states()


def test_an_objection_ends_no_case_and_is_none_once_it_is_taken_back(
    world: World, system: CaseSystem, number: str
) -> None:
    world.comes_of(ANNA, EndResult.NO_CONTACT, "O-2", objects=True)
    world.goes_on()
    assert world.states() == {number: State.OPEN.value}, "a person ends it, in the case system"

    world.lists(f"{2:032x}", 2)
    world.comes_of(f"{2:032x}", EndResult.NO_CONTACT, objects=True)
    again = world.comes_of(f"{2:032x}", EndResult.HELP, "O-2", objects=False)
    world.goes_on()
    assert world.states()[again] == State.OPEN.value


def test_what_was_accepted_before_the_day_of_the_hand_over_is_passed_over_for_good(
    world: World, system: CaseSystem
) -> None:
    world.lists(ANNA)
    number = world.comes_of(ANNA, EndResult.HELP)
    world.book.close()
    world.start(since=AT + timedelta(seconds=1))
    world.goes_on()
    assert world.states() == {number: State.PASSED_OVER.value}

    world.kill_and_start()  # without the day
    world.passes(1)
    assert system.made["zaken"] == []


@pytest.mark.parametrize("kind", ["zaakobjecten", "statussen"])
def test_a_case_that_lacks_a_part_is_the_households_case_too(
    world: World, system: CaseSystem, kind: str
) -> None:
    world.lists(ANNA)
    system.fails[kind] = 500
    first = world.comes_of(ANNA, EndResult.HELP)
    world.goes_on()
    (row,) = world.book.rows()
    assert (row.state, row.url) == (State.WAITING.value, system.made["zaken"][0]["url"])

    second = world.comes_of(ANNA, EndResult.HELP, "O-2")
    world.goes_on()
    world.kill_and_start()
    system.fails.clear()
    world.passes(1)

    assert system.numbers() == [first]
    assert world.states() == {first: State.OPEN.value, second: State.JOINED.value}


def test_a_second_acceptance_waits_while_nobody_knows_of_the_first(world: World, system: CaseSystem) -> None:
    world.lists(ANNA)
    system.loses.add("zaken")
    first, second = (world.comes_of(ANNA, EndResult.HELP, each) for each in ("O-1", "O-2"))

    world.passes(1)

    assert len(system.made["zaken"]) == 1, "its answer was lost, so it was not known that it is there"
    assert sorted(world.states().values()) == sorted([State.OPEN.value, State.JOINED.value])
    assert world.states().keys() == {first, second}

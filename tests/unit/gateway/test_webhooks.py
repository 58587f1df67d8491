"""Webhooks: an event each update, in order per household, until the tool has it, however long it is away."""

from __future__ import annotations

import base64
import json
import random
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from eropaf.commands.webhooks import while_told
from eropaf.gateway.contract import contract
from eropaf.gateway.contract_webhooks import SIGNED
from eropaf.gateway.webhooks import delivery, metrics
from eropaf.gateway.webhooks.delivery import LONGEST_PAUSE_S
from eropaf.gateway.webhooks.event import Event, signed
from eropaf_client.errors import BrokerUnreachable, LedgerDamaged
from eropaf_client.schemas.errors import ClientError, RegistryUnavailable
from tests.integration.processes import PATIENCE_S, until
from tests.unit.gateway.a_tool import NOON_S, SOURCE, World
from tests.unit.gateway.test_gateway_contract import valid

SCHEMAS = Path(__file__).parents[3] / "schemas" / "avsc"
# The example of Standard Webhooks, with which its own libraries are tried.
KNOWN = Event("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}')
KNOWN_KEY = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
KNOWN_SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.fixture(autouse=True)
def _nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "LOOK_S", 0.0)  # its clock is turned by hand


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_an_event_keeps_the_profile_and_has_the_fields_of_the_topic_and_no_reason(world: World) -> None:
    told = world.tell(1)
    world.goes_on(9)
    forgotten = world.forget(1)
    world.goes_on(9)

    update, erasure = world.got
    assert {name: update[name] for name in ("specversion", "id", "source", "type", "subject", "time")} == {
        "specversion": "1.0",
        "id": told,
        "source": SOURCE,
        "type": "nl.vroegsignalering.prioriteit-gewijzigd",
        "subject": f"{1:032x}",
        "time": "2026-03-02T09:00:00Z",
    }
    fields = json.loads((SCHEMAS / "PriorityUpdate.avsc").read_text("utf-8"))["fields"]
    assert set(update["data"]) == {each["name"] for each in fields}
    assert (erasure["id"], erasure["type"]) == (forgotten, "nl.vroegsignalering.huishouden-vergeten")
    assert "data" not in erasure


def test_what_a_tool_is_told_by_webhook_is_as_the_contract_says(world: World) -> None:
    world.tell(1)
    world.forget(1)
    world.goes_on(9)
    world.tell(2)
    world.goes_on(9)

    assert {each["type"] for each in world.got} == {
        schema["properties"]["type"]["const"]
        for name, schema in contract()["components"]["schemas"].items()
        if name.startswith("Event")
    }
    for event in world.got:
        name = "EventChanged" if "data" in event else "EventForgotten"
        valid(name, event)
        assert event.keys() == contract()["components"]["schemas"][name]["properties"].keys(), "and no more"
    assert signed(KNOWN, [KNOWN_KEY], 1).keys() == SIGNED.keys()


def test_a_signature_is_as_the_libraries_of_the_standard_make_it() -> None:
    headers = signed(KNOWN, [KNOWN_KEY, b"its successor, at length"], 1_614_265_330)

    assert headers["webhook-id"] == KNOWN.id
    assert headers["webhook-timestamp"] == "1614265330"
    first, second = headers["webhook-signature"].split(" ")
    assert first == KNOWN_SIGNATURE
    assert second.startswith("v1,")
    assert second != first


def test_a_tool_that_is_away_for_a_day_is_told_all_once_and_in_order(world: World) -> None:
    first = [world.tell(number) for number in range(40)]
    world.away = True
    world.passes(12)
    later = [world.tell(number) for number in range(40)]
    world.passes(12)
    assert world.got == []
    assert sum(world.tries.values()) < 24 * 3600 / LONGEST_PAUSE_S + 20, "it is tried seldom"

    world.is_back()

    assert sorted(world.ids()) == sorted([*first, *later])
    for number in range(40):
        assert world.ids().index(first[number]) < world.ids().index(later[number])
    assert world.journal.parked() == [], "where nothing is taken nothing is given up"


def test_a_tool_that_took_one_more_before_it_went_away_is_told_all_once_it_is_back(world: World) -> None:
    """An event failed, another went through, and then nothing for a weekend: all of it was given up."""
    first = world.tell(1)
    world.refuses.add(first)
    world.goes_on(3)
    second = world.tell(2)
    world.passes(0.1)
    assert world.ids() == [second]

    world.refuses.clear()
    world.away = True
    later = [world.tell(number) for number in range(3, 6)]
    world.passes(60)
    assert world.journal.parked() == []

    world.is_back()
    assert sorted(world.ids()) == sorted([first, second, *later])


def test_one_outage_is_one_however_many_events_met_it(world: World) -> None:
    for number in range(40):
        world.tell(number)
    for _ in range(40):
        world.delivery.step()  # as many are under way as may be
    world.away = True
    world.goes_on(2)
    assert len(world.tries) > 10

    world.away = False
    world.now_s += 3.0
    world.goes_on(200)
    assert len(world.ids()) == 40


def test_a_tool_is_left_alone_for_as_long_as_it_asks(world: World) -> None:
    world.tell(1)
    world.away, world.after_s = True, 3500.0
    world.goes_on(3)
    world.passes(0.9)
    assert sum(world.tries.values()) == 1

    world.passes(0.1)
    assert sum(world.tries.values()) == 2


@pytest.mark.parametrize("how", ["refuses", "breaks_on"])
def test_what_is_refused_for_a_day_is_set_aside_with_what_is_behind_it(world: World, how: str) -> None:
    refused = world.tell(1)
    getattr(world, how).add(refused)
    world.passes(20)
    behind, other = world.tell(1), world.tell(2)
    world.passes(3)
    assert world.ids() == [other], "another household does not wait, and this one's order holds"
    assert world.journal.parked() == []

    world.passes(2)
    assert [each.sequence for each in world.journal.parked()] == [1, 2]

    assert world.replay() == 0
    getattr(world, how).clear()
    assert world.replay() == 2
    assert world.ids() == [other, refused, behind]
    after = world.tell(1)
    world.goes_on(5)
    assert world.ids()[-1] == after


def test_what_was_set_aside_of_an_area_that_is_the_tools_no_more_is_dropped(world: World) -> None:
    refused = world.tell(1)
    world.refuses.add(refused)
    world.passes(20)
    world.tell(2)
    world.passes(5)
    assert [each.sequence for each in world.journal.parked()] == [1]
    before = world.tries[refused]

    assert world.replay(areas=("1012",)) == 0
    assert world.tries[refused] == before
    assert world.journal.parked() == []


def test_a_tool_that_refuses_everything_has_nothing_set_aside(world: World) -> None:
    told = [world.tell(number) for number in range(4)]
    world.refuses.update(told)
    world.passes(30, every_s=1200)
    assert world.journal.parked() == []
    assert measured("eropaf_webhook_away") == 1

    world.refuses.clear()
    world.is_back()
    assert sorted(world.ids()) == sorted(told)
    assert measured("eropaf_webhook_away") == 0


def test_a_registry_that_is_away_while_a_post_is_under_way_is_waited_for(world: World) -> None:
    first = world.tell(1)
    world.delivery.step()  # its post is under way
    second = world.tell(2)
    world.registry_away = True
    with pytest.raises(RegistryUnavailable):
        world.delivery.step()
    world.registry_away = False

    world.pool.run()
    world.goes_on(9)

    assert world.ids() == [first, first, second], "what was under way goes again, by the same id"


def test_a_tool_whose_own_state_ends_it_does_not_end_the_others() -> None:
    stopped, damaged, other = Future[None](), Future[None](), Future[None]()
    telling = [damaged, other]
    damaged.set_exception(LedgerDamaged("its file is damaged"))
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(while_told, stopped, telling)
        until(lambda: telling == [other], PATIENCE_S, "the damaged one is let go of")
        assert not waiting.done()
        stopped.set_result(None)
        waiting.result()


@pytest.mark.parametrize("error", [LedgerDamaged("damaged"), BrokerUnreachable("away")])
def test_where_none_is_told_or_a_new_start_may_help_the_process_ends(error: ClientError) -> None:
    ended, other = Future[None](), Future[None]()
    ended.set_exception(error)

    with pytest.raises(type(error)):
        while_told(Future(), [ended, other] if error.retriable else [ended])


def measured(name: str) -> float | None:
    return metrics.WEBHOOK_MEASURES.get_sample_value(name, {"tool": "door-tool"})


def test_an_erasure_is_never_given_up_and_takes_along_what_was(world: World) -> None:
    refused = world.tell(1)
    world.refuses.add(refused)
    world.passes(20)
    other = world.tell(2)
    world.passes(5)
    assert world.journal.parked()
    erasure = world.forget(1)
    world.refuses.add(erasure)
    world.passes(50)
    assert world.ids() == [other]

    world.refuses.clear()
    world.passes(0.5)
    assert world.ids() == [other, erasure]
    assert world.journal.parked() == []


@pytest.mark.parametrize("how", ["away", "refuses"])
def test_what_an_erasure_ended_is_not_told_any_more(world: World, how: str) -> None:
    ended = world.tell(1)
    world.away = how == "away"
    world.refuses.add(ended)
    world.goes_on(3)
    also, erasure, again = world.tell(1), world.forget(1), world.tell(1)
    world.passes(1)
    world.refuses.clear()
    world.is_back()

    assert world.ids() == [erasure, again]
    assert world.tries[also] == 0


def test_an_erasure_is_told_of_what_a_killed_process_may_have_told(world: World) -> None:
    ended = world.tell(1)
    world.delivery.step()
    world.kill(answered=True)
    erasure = world.forget(1)
    world.goes_on(9)

    assert world.ids() == [ended, erasure]


def test_a_tool_is_told_of_its_areas_alone_and_of_erasures_of_what_it_may_keep(world: World) -> None:
    mine, _ = world.tell(1), world.tell(2, area="1012")
    world.goes_on(20)
    forgotten, _, unknown = world.forget(1), world.forget(2), world.forget(3)
    world.goes_on(20)

    assert sorted(world.ids()) == sorted([mine, forgotten, unknown])


def test_a_cursor_takes_a_tool_back_to_where_it_was(world: World) -> None:
    told = [world.tell(1), world.tell(1), world.tell(2)]
    world.goes_on(10)
    world.journal.go_back({0: 1})
    world.kill(answered=False)
    world.goes_on(10)

    assert sorted(world.ids()[3:]) == sorted(told[1:])


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_killed_and_away_nothing_is_lost_or_told_twice(tmp_path: Path, seed: int) -> None:
    """The tool was told what the topic holds for it, in order, but for what an erasure ended by then."""
    chance, world = random.Random(seed), World(tmp_path, partitions=3)
    meant: dict[int, list[str]] = {number: [] for number in range(12)}
    unanswered: list[str] = []
    erasures: set[str] = set()
    for _ in range(150):
        deed = chance.choices(("tell", "forget", "kill", "turn", "pass", "go on"), (9, 1, 1, 1, 1, 9))[0]
        number = chance.randrange(12)
        if deed == "tell":
            area = "1012" if number % 4 == 0 else "1011"
            told = world.tell(number, area)
            meant[number] += [told] if area == "1011" else []
        elif deed == "forget" and meant[number]:
            meant[number].append(world.forget(number))
            erasures.add(meant[number][-1])
        elif deed == "kill":
            unanswered += world.kill(answered=chance.random() < 0.5)
        elif deed == "turn":
            world.away = not world.away
        elif deed == "pass":
            world.passes(chance.uniform(0, 24), every_s=1200)
        else:
            world.goes_on(chance.randrange(4))
    world.is_back()

    found = world.ids()
    for number, ids in meant.items():
        mine = list(dict.fromkeys(each for each in found if each in ids))
        assert mine == [each for each in ids if each in mine], number
        last = max((at for at, each in enumerate(ids) if each in erasures), default=0)
        untold = set(ids) - set(mine)
        assert untold <= set(ids[:last]) - erasures, "an erasure, and what no erasure ended, is told"
    again = [each for each in set(found) if found.count(each) > 1]
    assert set(again) <= set(unanswered), "what was answered is not told twice"
    assert {len(bodies) for bodies in world.bodies.values()} == {1}, "the same id has the same bytes"
    assert set(found) <= {each for ids in meant.values() for each in ids}


def oldest() -> float | None:
    """Return when the cause of the oldest event was stored that waits, as Prometheus hears it."""
    name = "eropaf_webhook_oldest_waiting_timestamp_seconds"
    return metrics.WEBHOOK_MEASURES.get_sample_value(name, {"tool": "door-tool"})


def test_the_age_of_the_oldest_event_that_a_tool_does_not_have_is_measured(world: World) -> None:
    world.away = True
    for number in range(3):
        world.tell(number)
    world.passes(1)
    assert oldest() == NOON_S

    world.is_back()
    world.passes(0.1)
    assert oldest() == 0

    world.tell(3, area="9999")
    world.away = True
    world.tell(4)
    world.passes(1)
    assert oldest() == NOON_S + 0.004, "of the tool's own areas alone"

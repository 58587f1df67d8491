"""Who waits for the register is asked for once, with nobody else, and said as a file says it."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from eropaf.lookup import metrics, serve
from eropaf.lookup.numbers import Numbers, Place
from eropaf.lookup.persons import PersonsApi
from eropaf.lookup.serve import Lookup, LookupConfig, signals_reader, unread, words_reader
from eropaf.risk.identity import resident_key
from eropaf.risk.records import UnresolvedSignal
from eropaf_client.cluster import Cluster
from eropaf_client.records import Resident
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import REGISTER_MISMATCHES, RESIDENTS, UNRESOLVED_SIGNALS, arrears
from eropaf_client.schemas.wire import Codec
from tests.builders import SECRET, a_signal, an_arrears_signal
from tests.unit.gateway.a_cluster import STORED_AT, FakeTopics
from tests.unit.lookup.a_register import RegisterOfPersons, lives, suspended

REGISTRY = LocalRegistry()
CREDITORS = ("health", "student.debt-2")
ANNA, BERT, CARLA = "999990019", "999990021", "999990033"
HOUR_S, DAY_S = 3600.0, 24 * 3600.0
ENCODE = {
    topic: Codec(record, topic, REGISTRY)
    for topic, record in (
        (UNRESOLVED_SIGNALS, "UnresolvedSignal"),
        (RESIDENTS, "Residence"),
        (REGISTER_MISMATCHES, "RegisterMismatch"),
        *((arrears(one), "ArrearsSignal") for one in CREDITORS),
    )
}
HOME = {"postcode": "1011AB", "house_number": 7, "addition": ""}


def key(number: str) -> str:
    return resident_key(number, SECRET)


class World:
    """Topics, a register of persons, and what asks it."""

    def __init__(self, persons: RegisterOfPersons) -> None:
        self.persons = persons
        self.signals = FakeTopics([UNRESOLVED_SIGNALS])
        self.words = FakeTopics([RESIDENTS, REGISTER_MISMATCHES])
        self.records: dict[Place, bytes] = {}
        self.now_s = 1_800_000_000.0
        self.stores = True
        self.config = LookupConfig(
            cluster=Cluster("nowhere:9092", {}, REGISTRY),
            creditors=CREDITORS,
            secret=SECRET,
            access=persons.access,
            municipality="0363",
            ground="of these tests",
            fresh_s=DAY_S,
            per_minute=30,
        )
        self.api = PersonsApi(persons.access)
        self.start()

    def start(self) -> None:
        self.lookup = Lookup(
            self.config,
            signals_reader(self.signals, REGISTRY),
            words_reader(self.words, REGISTRY),
            numbers=Numbers(self.config.cluster, CREDITORS, SECRET, self.records.get),
            api=self.api,
            tell_entry=lambda who, value: self.says(RESIDENTS, who, value),
            tell_mismatch=lambda who, value: self.says(REGISTER_MISMATCHES, who, value),
            now=lambda: self.now_s,
        )

    def signalled(self, number: str, kind: str = "REPORTED", creditor: str = "health") -> None:
        offset = len(self.records)
        said = replace(an_arrears_signal(), resident=Resident(bsn=number))
        value = {**said.to_record(), "own_effort": None, "crisis": None}
        self.records[arrears(creditor), 1, offset] = ENCODE[arrears(creditor)].encode(value)
        signal = UnresolvedSignal(
            key(number), f"{arrears(creditor)}-1-{offset}", a_signal(kind=kind, creditor=creditor)
        )
        self._store(self.signals, UNRESOLVED_SIGNALS, key(number), signal.to_record())

    def says(self, topic: str, who: str, value: dict[str, Any] | None) -> bool:
        if self.stores:
            self._store(self.words, topic, who, value)
        return self.stores

    def _store(self, topics: FakeTopics, topic: str, who: str, value: dict[str, Any] | None) -> None:
        data = None if value is None else ENCODE[topic].encode(value)
        record = topics.write(topic, who, data)
        STORED_AT[topic, record.partition(), record.offset()] = int(self.now_s * 1000)

    def goes_on(self, steps: int = 4, each_s: float = 10.0) -> None:
        for _ in range(steps):
            self.lookup.step()
            self.now_s += each_s

    def said(self, topic: str) -> dict[str, Any]:
        """Return the latest of each resident, by number."""
        found: dict[str, Any] = {}
        names = {key(number): number for number in (ANNA, BERT, CARLA)}
        for (name, _), log in self.words.logs.items():
            for each in log:
                if name == topic:
                    data = each.its_value
                    found[names[each.key().decode()]] = None if data is None else ENCODE[topic].decode(data)
        return found


@pytest.fixture(autouse=True)
def _nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "LOOKUP_READS_FOR_S", 0.0)


@pytest.fixture
def world(persons: RegisterOfPersons) -> Iterator[World]:
    made = World(persons)
    with closing(made.api):
        yield made


def test_who_waits_is_asked_for_and_said_as_a_file_says_it(world: World) -> None:
    world.persons.persons = {ANNA: lives("1011 AB", 7), BERT: lives("1012 CD", 8, huisletter="B")}
    for number in (ANNA, BERT):
        world.signalled(number)

    world.goes_on()

    assert world.persons.asked == [[ANNA, BERT]] or world.persons.asked == [[BERT, ANNA]]
    assert world.said(RESIDENTS) == {
        ANNA: {"address": HOME, "minor_children": None},
        BERT: {
            "address": {"postcode": "1012CD", "house_number": 8, "addition": "B"},
            "minor_children": None,
        },
    }
    assert world.said(REGISTER_MISMATCHES) == {}


def test_a_creditors_name_may_hold_what_parts_a_place(world: World) -> None:
    world.persons.persons = {ANNA: lives("1011 AB", 7)}
    world.signalled(ANNA, creditor="student.debt-2")

    world.goes_on()

    assert set(world.said(RESIDENTS)) == {ANNA}


def test_whom_the_register_does_not_place_here_goes_to_the_tray_and_no_entry_is_made(world: World) -> None:
    world.persons.persons = {ANNA: suspended("O"), BERT: lives("3511 AB", 1, "0344")}
    for number in (ANNA, BERT, CARLA):
        world.signalled(number)

    world.goes_on()

    tray = world.said(REGISTER_MISMATCHES)
    assert {number: (each["reason"], each["municipality"]) for number, each in tray.items()} == {
        ANNA: ("DECEASED", None),
        BERT: ("OTHER_MUNICIPALITY", "0344"),
        CARLA: ("NOT_FOUND", None),
    }
    assert tray[ANNA]["event_id"] == "arrears.health-1-0"
    assert world.said(RESIDENTS) == {}


def test_what_was_said_within_a_day_is_not_asked_again_and_later_it_is(world: World) -> None:
    world.persons.persons = {ANNA: lives("1011 AB", 7)}
    world.signalled(ANNA)
    world.signalled(CARLA)
    world.goes_on()
    world.signalled(ANNA)
    world.signalled(CARLA)
    world.goes_on()
    assert len(world.persons.asked) == 1

    world.now_s += DAY_S
    world.persons.persons = {ANNA: lives("1012 CD", 8)}
    world.signalled(ANNA)
    world.goes_on()

    assert world.persons.asked[1:] == [[ANNA]]
    assert world.said(RESIDENTS)[ANNA]["address"]["postcode"] == "1012CD"


def test_a_restart_asks_nothing_twice(world: World) -> None:
    world.persons.persons = {ANNA: lives("1011 AB", 7)}
    for number in (ANNA, CARLA):
        world.signalled(number)
    world.goes_on()

    world.start()
    world.goes_on()

    assert len(world.persons.asked) == 1


def test_an_entry_of_a_file_is_not_asked_for(world: World) -> None:
    world.says(RESIDENTS, key(ANNA), {"address": HOME, "minor_children": None})
    world.signalled(ANNA)

    world.goes_on()

    assert world.persons.asked == []


def test_good_news_alone_asks_for_nobody(world: World) -> None:
    for kind in ("PAID", "PLAN_AGREED", "WITHDRAWN"):
        world.signalled(ANNA, kind)

    world.goes_on()

    assert world.persons.asked == []


def test_who_was_erased_is_asked_for_again_by_a_signal_after_it_alone(world: World) -> None:
    world.signalled(ANNA)
    world.now_s += 1
    world.says(RESIDENTS, key(ANNA), None)
    world.now_s += 1
    world.goes_on()
    assert world.persons.asked == []

    world.signalled(ANNA)
    world.goes_on()

    assert world.persons.asked == [[ANNA]]


def test_what_waited_of_an_unknown_resident_and_was_erased_is_not_asked_for(world: World) -> None:
    world.signalled(ANNA)
    world.now_s += 1
    world.says(REGISTER_MISMATCHES, key(ANNA), None)  # she has no entry that could end

    world.goes_on()

    assert world.persons.asked == []


def test_what_is_erased_while_the_register_answers_stays_erased(world: World) -> None:
    world.persons.persons = {ANNA: lives("1011 AB", 7), BERT: lives("1012 CD", 8)}
    for number in (ANNA, BERT):
        world.signalled(number)
    world.now_s += 1
    world.persons.meanwhile = lambda: world.says(RESIDENTS, key(ANNA), None)

    world.goes_on()

    assert world.said(RESIDENTS)[ANNA] is None
    assert world.said(RESIDENTS)[BERT] is not None


def test_what_a_file_says_of_children_is_kept_at_its_address_alone(world: World) -> None:
    world.says(RESIDENTS, key(ANNA), {"address": HOME, "minor_children": True})
    world.says(RESIDENTS, key(BERT), {"address": HOME, "minor_children": True})
    world.persons.persons = {ANNA: lives("1011 AB", 7), BERT: lives("1012 CD", 8)}
    world.now_s += 2 * DAY_S
    for number in (ANNA, BERT):
        world.signalled(number)

    world.goes_on()

    said = world.said(RESIDENTS)
    assert (said[ANNA]["minor_children"], said[BERT]["minor_children"]) == (True, None)


def test_a_number_that_is_another_residents_or_gone_is_never_asked_for(world: World) -> None:
    numberless = metrics.LOOKUP_MEASURES.get_sample_value("eropaf_lookup_numberless_total") or 0.0
    world.signalled(ANNA)
    world.signalled(BERT)
    places = list(world.records)
    world.records[places[0]] = world.records[places[1]]  # after a move another's record stands there
    del world.records[places[1]]

    world.goes_on()

    assert world.persons.asked == []
    assert metrics.LOOKUP_MEASURES.get_sample_value("eropaf_lookup_numberless_total") == numberless + 2


def test_no_more_than_twenty_at_once_and_thirty_questions_a_minute(world: World) -> None:
    for number in range(900_000_000, 900_000_045):
        world.signalled(str(number))

    world.goes_on(each_s=1.0)
    assert [len(each) for each in world.persons.asked] == [20, 20]
    world.goes_on(each_s=1.0)

    assert [len(each) for each in world.persons.asked] == [20, 20, 5]


def test_while_the_register_is_away_nothing_is_said_and_it_is_left_alone(world: World) -> None:
    world.persons.persons = {ANNA: lives("1011 AB", 7)}
    world.persons.status, world.persons.with_headers = 503, {"Retry-After": "600"}
    world.signalled(ANNA)

    world.goes_on(steps=5)
    assert len(world.persons.headers_of) == 1, "it asked to be left alone for ten minutes"
    assert (world.said(RESIDENTS), world.said(REGISTER_MISMATCHES)) == ({}, {})
    world.now_s += HOUR_S
    world.persons.status = 200
    world.goes_on()

    assert set(world.said(RESIDENTS)) == {ANNA}


def test_a_register_that_stays_away_is_asked_seldomer_each_time(world: World) -> None:
    world.persons.status = 500
    world.signalled(ANNA)

    asked_in = []
    for _ in range(3):
        before = len(world.persons.headers_of)
        world.goes_on(steps=20, each_s=5.0)
        asked_in.append(len(world.persons.headers_of) - before)

    assert asked_in[0] > asked_in[1] >= asked_in[2]


def test_what_was_not_stored_is_asked_for_again(world: World) -> None:
    world.persons.persons = {ANNA: lives("1011 AB", 7)}
    world.signalled(ANNA)
    world.stores = False
    world.goes_on(steps=1)
    assert world.said(RESIDENTS) == {}

    world.stores = True
    world.goes_on()

    assert set(world.said(RESIDENTS)) == {ANNA}


def test_a_record_that_cannot_be_used_holds_nobody_up(world: World) -> None:
    world.words.write(RESIDENTS, key(CARLA), b"no entry")
    world.signals.write(UNRESOLVED_SIGNALS, key(CARLA), b"no signal")
    world.signalled(ANNA)

    world.goes_on()

    assert world.persons.asked == [[ANNA]]


def test_what_is_not_read_is_counted_and_no_number_where_no_broker_answers(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.signals, "behind", lambda: 3)
    assert unread(world.signals, world.words) == 3

    monkeypatch.setattr(world.words, "behind", lambda: None)
    assert math.isnan(unread(world.signals, world.words))


def test_neither_number_nor_key_nor_address_is_logged(
    world: World, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    world.persons.persons = {ANNA: lives("1011 AB", 7)}
    world.persons.status = 503
    world.signalled(ANNA)
    world.goes_on(steps=1)
    world.persons.status = 200
    world.goes_on(steps=4, each_s=60.0)

    said = caplog.text + "".join(capsys.readouterr())
    assert set(world.said(RESIDENTS)) == {ANNA}
    for private in (ANNA, key(ANNA), "1011", "arrears.health-1"):
        assert private not in said

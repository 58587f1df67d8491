"""Who of a group is there: noted, missed, let go, and fenced off; on the model of a broker."""

from __future__ import annotations

from typing import Any

import pytest
from confluent_kafka import KafkaException

from eropaf.streams.config import StreamsConfig
from eropaf.streams.runtime.presence import (
    BEAT_EVERY_S,
    NOBODY,
    SILENT_BEATS,
    SLOW_BEAT_S,
    SPARED_FOR_S,
    Missed,
    Presence,
    Silences,
    board,
)
from eropaf.streams.runtime.stage import Stage, TableSpec, transactional_id
from eropaf.streams.topic_partition import TP
from tests.model.broker import Broker
from tests.model.clients import Transport
from tests.model.network import Network, Weather
from tests.model.world import Host, World

STAGE = Stage("count", ("numbers",), TableSpec("counts", encode=bytes, decode=bytes))
QUICK_S = 0.01


class City:
    """A group on a broker of the model, and what notes the presence of its workers."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, partitions: int = 4) -> None:
        self.world = World(1)
        monkeypatch.setattr("time.monotonic", lambda: self.world.now)
        monkeypatch.setattr("time.time", self.world.time)
        self.broker = Broker(self.world)
        self.broker.create("numbers", partitions)
        # A session so long that nobody is missed by it.
        self.network = Network(self.world, self.broker, Weather(), session_s=45.0)

    def transport(self, name: str) -> Transport:
        return Transport(self.network, Host(name))

    def config(self, name: str) -> StreamsConfig:
        return StreamsConfig("model", "group", name, transport=self.transport(name))

    def presence(self, name: str) -> Presence:
        return Presence(self.config(name), [STAGE])

    def joined(self, name: str) -> Any:
        settings = {"group.id": "group", "client.id": name}
        member = self.transport(name).consumer(settings)
        member.subscribe(["numbers"])
        return member

    def members(self) -> list[str]:
        return sorted(member.client for member in self.broker.group("group").members.values())

    def noted(self) -> list[str]:
        return sorted(filter(None, self.broker.group(board("group")).said.values()))

    def beat(self, *present: Presence, times: int = 1) -> set[str]:
        """Let everybody beat so many times; return who has gone."""
        gone: set[str] = set()
        for _ in range(times):
            for one in present:
                missed = one.beat(asks=False).missed
                for name in missed.silent:
                    one.fence(name, "count")
                gone |= missed.silent | missed.withdrawn
            self.world.let_pass(BEAT_EVERY_S)
        return gone


@pytest.fixture
def city(monkeypatch: pytest.MonkeyPatch) -> City:
    return City(monkeypatch)


def test_who_notes_nothing_for_five_beats_of_another_is_silent() -> None:
    silences = Silences()
    for beat in range(3):
        assert silences.take({"two": beat, "three": beat}, beat, QUICK_S) == NOBODY

    for number in range(SILENT_BEATS - 1):
        assert silences.take({"two": 2, "three": 3 + number}, 3.0 + number, QUICK_S) == NOBODY

    assert silences.take({"two": 2, "three": 99}, 8.0, QUICK_S) == Missed(frozenset({"two"}), frozenset())


def test_who_went_by_itself_is_missed_at_once() -> None:
    silences = Silences()
    silences.take({"two": 1, "three": 1}, 0.0, QUICK_S)

    assert silences.take({"three": 2}, 1.0, QUICK_S) == Missed(frozenset(), frozenset({"two"}))
    assert silences.take({"three": 3}, 2.0, QUICK_S) == NOBODY


def test_nobody_is_silent_while_the_broker_is_slow_and_for_a_while_after() -> None:
    silences, now = Silences(), 0.0
    silences.take({"two": 1}, now, QUICK_S)

    assert silences.take({"two": 1}, now, SLOW_BEAT_S + 0.1) == NOBODY
    while now + BEAT_EVERY_S < SPARED_FOR_S:
        now += BEAT_EVERY_S
        assert silences.take({"two": 1}, now, QUICK_S) == NOBODY

    for number in range(SILENT_BEATS):
        missed = silences.take({"two": 1}, SPARED_FOR_S + number, QUICK_S)
    assert missed.silent == {"two"}


def test_a_silent_worker_is_let_go_and_what_it_began_is_ended(city: City) -> None:
    one, two = city.presence("one"), city.presence("two")
    members = [city.joined("one"), city.joined("two")]
    assert city.beat(one, two, times=3) == set()
    writing = city.transport("two").producer({"transactional.id": transactional_id("group", "two", "count")})
    writing.init_transactions()
    writing.begin_transaction()
    writing.produce("numbers", value=b"half", partition=0)
    writing.flush()
    assert city.broker.logs[TP("numbers", 0)].open

    gone = city.beat(one, times=SILENT_BEATS + 1)

    assert gone == {"two"}
    assert city.members() == ["one"]
    assert [peer.worker for peer in one.beat(asks=True).peers or ()] == ["one"]
    assert not city.broker.logs[TP("numbers", 0)].open, "who reads what is committed waits no longer"
    with pytest.raises(KafkaException, match="from the model"):
        writing.commit_transaction()
    assert city.beat(one, times=3 * SILENT_BEATS) == set()
    assert city.noted() == ["one"]
    del members


@pytest.mark.parametrize("survivor", ["a-1", "b-1"], ids=["beside it", "on another host"])
def test_who_is_silent_beside_a_worker_that_is_not_is_busy_and_stays(city: City, survivor: str) -> None:
    present = [city.presence(name) for name in ("a-1", "a-2", "b-1")]
    city.joined("a-2")
    city.beat(*present, times=3)

    assert city.beat(present[0], present[2], times=3 * SILENT_BEATS) == set()
    assert city.members() == ["a-2"]

    looks = next(one for one in present if one._config.worker == survivor)
    hosts_lost = {"a-1": {"b-1"}, "b-1": {"a-1", "a-2"}}
    assert city.beat(looks, times=2 * SILENT_BEATS) == hosts_lost[survivor]


def test_each_of_several_survivors_learns_who_has_gone(city: City) -> None:
    present = [city.presence(name) for name in ("one", "two", "three")]
    city.joined("three")
    city.beat(*present, times=3)

    missed = [survivor.beat(asks=False).missed for _ in range(2 * SILENT_BEATS) for survivor in present[:2]]

    assert [each for each in missed if each != NOBODY] == [
        Missed(frozenset({"three"}), frozenset()), Missed(frozenset(), frozenset({"three"})),
    ]  # fmt: skip
    assert city.members() == []


def test_two_that_took_one_place_at_once_move_apart(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zlib.crc32", lambda name: 0)
    one, two = city.presence("one"), city.presence("two")
    before = one._notes()
    for each in (one, two):
        each._notes()
        each._note(before)  # read before either wrote
    assert one._place == two._place

    assert city.beat(one, two, times=3 * SILENT_BEATS) == set()
    assert city.noted() == ["one", "two"]


def test_more_workers_than_partitions_note_what_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    city = City(monkeypatch, partitions=1)
    one, two = city.presence("one"), city.presence("two")

    assert city.beat(one, two, times=2 * SILENT_BEATS) == set()
    assert city.noted() == ["one"]


def test_who_ends_takes_its_note_away(city: City) -> None:
    one, two = city.presence("one"), city.presence("two")
    city.beat(one, two, times=2)

    two.close()

    assert city.noted() == ["one"]
    assert city.beat(one) == {"two"}


def test_a_worker_that_starts_again_lets_go_of_the_process_before_it(city: City) -> None:
    city.joined("one")
    city.joined("two")
    city.world.let_pass(0.1)

    city.presence("one").succeed()

    assert city.members() == ["two"]


def test_a_worker_cut_off_takes_nobody_for_silent(city: City) -> None:
    one, two = city.presence("one"), city.presence("two")
    city.joined("two")
    city.beat(one, two, times=2)
    host = one._asking._host  # type: ignore[attr-defined]  # of the model

    host.cut = True
    assert city.beat(one, times=2 * SILENT_BEATS) == set()
    host.cut = False

    assert city.beat(one, two, times=2) == set()
    assert city.members() == ["two"]

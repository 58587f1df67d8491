"""One member of a real group: what it is given, and given again."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from confluent_kafka import Producer

from eropaf.streams.config import StreamsConfig
from eropaf.streams.operate.topics import Topic, admin, ensure
from eropaf.streams.runtime.kafka_group import GroupMember
from eropaf.streams.topic_partition import TP
from tests.integration.processes import PATIENCE_S, until

pytestmark = pytest.mark.kafka


@pytest.fixture
def config(bootstrap: str, request: pytest.FixtureRequest) -> StreamsConfig:
    return StreamsConfig(bootstrap, f"of-{request.node.name}", "one")


def numbers(config: StreamsConfig, partitions: int, count: int) -> list[TP]:
    """Make a topic of numbers, `count` in each partition."""
    topic = f"numbers-{config.group}"
    ensure(admin(config.bootstrap, {}), [Topic(topic, partitions)])
    producer = Producer({"bootstrap.servers": config.bootstrap})
    for partition in range(partitions):
        for number in range(count):
            producer.produce(topic, str(number), partition=partition)
    producer.flush()
    return [TP(topic, partition) for partition in range(partitions)]


def joined(config: StreamsConfig, tps: list[TP]) -> GroupMember:
    taken: list[TP] = []
    member = GroupMember(config, taken.extend, on_revoked=lambda tps: None, on_lost=lambda tps: None)
    member.subscribe([tps[0].topic])
    until(lambda: not member.poll(0.01) and set(taken) == set(tps), PATIENCE_S, "the partitions")
    return member


def test_an_input_read_while_its_rows_were_away_is_read_again_from_the_right_offset(
    config: StreamsConfig,
) -> None:
    (tp,) = tps = numbers(config, 1, 10)
    member = joined(config, tps)
    member.begin({tp: 0})
    assert read(member, 10) == list(range(10))

    member.begin({tp: 4})

    assert read(member, 6) == [4, 5, 6, 7, 8, 9]
    member.close()


def test_who_asks_inside_a_rebalance_whether_it_has_joined_is_answered(config: StreamsConfig) -> None:
    # A probe asked on the very loop that the rebalance waits for: the worker stood still for ever.
    tps = numbers(config, 2, 1)
    taken: list[TP] = []
    answers: list[bool] = []
    asking = ThreadPoolExecutor(1)

    def revoked(tps: list[TP]) -> None:
        answers.append(asking.submit(lambda: member.joined).result(PATIENCE_S))

    member = GroupMember(config, taken.extend, revoked, on_lost=lambda tps: None)
    member.subscribe([tps[0].topic])
    until(lambda: not member.poll(0.01) and set(taken) == set(tps), PATIENCE_S, "the partitions")

    other = GroupMember(replace(config, worker="two"), lambda tps: None, lambda tps: None, lambda tps: None)
    other.subscribe([tps[0].topic])
    until(lambda: bool([*member.poll(0.01), *other.poll(0.01), *answers]), PATIENCE_S, "a rebalance")

    assert answers[:1] == [True]
    other.close()
    member.close()
    asking.shutdown()


def test_what_is_held_and_freed_at_any_moment_is_read_once(config: StreamsConfig) -> None:
    tps = numbers(config, 16, 500)
    member = joined(config, tps)
    member.begin(dict.fromkeys(tps, 0))
    for _ in range(20):
        member.hold(tps, [])
        member.hold([], tps)

    found = read(member, 16 * 500)

    # The client has been seen to begin anew half a second later.
    later = time.monotonic() + 1
    while time.monotonic() < later:
        found += read(member, 0)
    assert sorted(found) == sorted(list(range(500)) * 16)
    member.close()


def test_the_lag_of_what_is_held_grows_with_what_comes(config: StreamsConfig) -> None:
    tps = numbers(config, 1, 10)
    member = joined(config, tps)
    member.begin({tps[0]: 0})
    read(member, 10)
    member.hold(tps, [])

    numbers(config, 1, 7)
    member.look_at_ends(tps)

    assert member.lag(tps) == {tps[0]: 7}
    member.close()


def read(member: GroupMember, count: int) -> list[int]:
    found: list[int] = []

    def enough() -> bool:
        found.extend(int(record.value() or b"") for record in member.poll(0.1))
        return len(found) >= count

    until(enough, PATIENCE_S, f"{count} records; there are {found}")
    return found

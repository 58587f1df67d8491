"""A reader of topics of which no position is kept: what is not done comes again. No broker is needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from eropaf_client.errors import NotAuthenticated
from eropaf_client.schemas.aside import SetAside
from eropaf_client.schemas.errors import BodyBroken, RegistryUnavailable
from eropaf_client.topic_reader import Read, TopicReader
from tests.fakes import FakeSource

TOPIC = "outreach.claims"
STORED_AT_MS = 1_772_442_000_000  # when the fake stores


class Away:
    """A registry that is away, now and then; and what it decodes."""

    def __init__(self) -> None:
        self.away = False
        self.asked: list[bytes] = []

    def decode(self, value: bytes) -> str:
        self.asked.append(value)
        if self.away:
            raise RegistryUnavailable("no answer")
        if value == b"broken":
            raise BodyBroken("not ours")
        return value.decode()


@pytest.fixture
def source() -> FakeSource:
    return FakeSource(2, TOPIC)


@pytest.fixture
def registry() -> Away:
    return Away()


@pytest.fixture
def reader(source: FakeSource, registry: Away) -> TopicReader:
    return TopicReader(source, {TOPIC: registry.decode})


def write(source: FakeSource, *values: str, partition: int = 0) -> None:
    for each in values:
        source.write("k", each.encode(), partition)


def a_read(partition: int, offset: int, value: str | None) -> Read:
    stored_at_ms = STORED_AT_MS + offset
    return Read(
        topic=TOPIC, partition=partition, offset=offset, value=value, stored_at_ms=stored_at_ms, key=b"k"
    )


def values(found: list[Read]) -> list[Any]:
    return [each.value for each in found]


def test_it_reads_from_the_beginning_each_record_with_its_place(
    reader: TopicReader, source: FakeSource
) -> None:
    write(source, "a", "b")
    write(source, "c", partition=1)

    assert reader.poll(0) == [
        a_read(0, 0, "a"),
        a_read(0, 1, "b"),
        a_read(1, 0, "c"),
    ]
    assert source.starts == 1
    assert reader.poll(0) == []


def test_a_record_stays_the_first_until_it_is_done(reader: TopicReader, source: FakeSource) -> None:
    write(source, "a", "b")

    first = reader.first(0)
    assert first is not None
    assert reader.first(0) is first
    reader.done(first)
    reader.done(first)  # twice is harmless: it is not the first any more
    second = reader.first(0)

    assert second is not None
    assert (first.value, second.value) == ("a", "b")


def test_each_record_is_decoded_and_counted_once_however_often_it_is_looked_at(
    reader: TopicReader, source: FakeSource, registry: Away
) -> None:
    write(source, "broken", "b")

    for _ in range(3):
        assert reader.first(0) == a_read(0, 0, None)

    assert registry.asked == [b"broken"]
    assert reader.asides.total == 1


def test_what_cannot_be_used_is_given_without_a_value_and_told(source: FakeSource, registry: Away) -> None:
    told: list[SetAside] = []
    write(source, "a", "broken", "b")
    reader = TopicReader(source, {TOPIC: registry.decode}, told.append)

    assert values(reader.poll(0)) == ["a", None, "b"]
    assert told == [SetAside(TOPIC, 0, 1, "broken-body")]


def test_a_registry_that_goes_in_the_middle_of_a_poll_loses_nothing(
    reader: TopicReader, source: FakeSource, registry: Away
) -> None:
    write(source, "a", "b", "c")
    decode = registry.decode

    def goes_at_b(value: bytes) -> str:
        registry.away = value == b"b" and len(registry.asked) < 3
        return decode(value)

    reader._decode = {TOPIC: goes_at_b}
    assert values(reader.poll(0)) == ["a"]  # what was read before it is not lost
    with pytest.raises(RegistryUnavailable):
        reader.poll(0)

    assert values(reader.poll(0)) == ["b", "c"]


def test_what_waiting_does_not_help_is_raised(reader: TopicReader, source: FakeSource) -> None:
    def refused(wait_s: float) -> list[Any]:
        raise NotAuthenticated("no")

    source.poll = refused  # type: ignore[method-assign]

    with pytest.raises(NotAuthenticated):
        reader.poll(0)


def test_it_has_caught_up_once_every_end_was_passed_and_everything_is_done(
    reader: TopicReader, source: FakeSource
) -> None:
    write(source, "a")
    assert not reader.caught_up
    first = reader.first(0)
    assert first is not None
    assert not reader.caught_up
    assert reader.behind() == 1
    reader.done(first)

    assert reader.caught_up
    assert reader.behind() == 0


def test_ends_alone_are_no_record(reader: TopicReader, source: FakeSource) -> None:
    assert reader.first(0) is None
    assert reader.caught_up


def test_it_has_reached_what_is_done_and_the_end_behind_it(reader: TopicReader, source: FakeSource) -> None:
    write(source, "a", "b")
    first = reader.first(0)
    assert first is not None
    place = (first.topic, first.partition)
    assert place not in reader.reached

    reader.done(first)
    assert reader.reached[place] == first.offset + 1
    reader.poll(0)
    assert reader.reached[place] == first.offset + 2


@pytest.mark.parametrize("stored", [None, 5])
def test_how_far_it_is_behind_is_what_is_stored_and_what_is_not_done(
    reader: TopicReader, source: FakeSource, stored: int | None
) -> None:
    write(source, "a")
    reader.first(0)
    source.behind = lambda: stored  # type: ignore[method-assign]

    assert reader.behind() == (None if stored is None else stored + 1)


def test_closing_it_closes_its_source(reader: TopicReader, source: FakeSource) -> None:
    closed: list[Callable[[], None]] = []
    source.close = lambda: closed.append(reader.close)  # type: ignore[method-assign]

    with reader:
        pass

    assert len(closed) == 1

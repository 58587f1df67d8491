"""Where the copy of a record stands is read from a mirror's notes, in the form that MirrorMaker 2 writes."""

from __future__ import annotations

import struct

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.streams.errors import SavepointMisfit, TopicMissing
from eropaf.streams.operate.mirror import Mirror, Note, noted
from eropaf.streams.topic_partition import TP
from tests.integration.processes import PATIENCE_S

pytestmark = pytest.mark.kafka

NOTES = "mm2-offset-syncs.region-a.internal"
# As Kafka's own wrote them: offset 14 there is offset 11 here.
KEY = b"\x00\x0carrears.rent\x00\x00\x00\x00"
VALUE = b"\x00\x00\x00\x00\x00\x00\x00\x0e\x00\x00\x00\x00\x00\x00\x00\x0b"
RENT = TP("arrears.rent", 0)


def write(bootstrap: str, copies: list[bytes], notes: list[tuple[int, int]], partitions: int = 1) -> Mirror:
    """Make a mirror of one topic, whose notes these are."""
    kafka = AdminClient({"bootstrap.servers": bootstrap})
    made = kafka.create_topics([NewTopic("region-a.arrears.rent", partitions, 1), NewTopic(NOTES, 1, 1)])
    for topic in made.values():
        topic.result()
    producer = Producer({"bootstrap.servers": bootstrap})
    for copy in copies:
        producer.produce("region-a.arrears.rent", key=b"k", value=copy, partition=0, timestamp=1_000)
    for there, here in notes:
        producer.produce(NOTES, key=KEY, value=struct.pack(">qq", there, here))
    assert producer.flush(PATIENCE_S) == 0
    return Mirror(bootstrap, {}, "region-a")


def test_a_note_is_understood_as_it_is_written() -> None:
    assert noted(KEY, VALUE) == (RENT, Note(there=14, here=11))


@pytest.mark.parametrize(
    ("key", "value"), [(None, VALUE), (KEY, None), (KEY[:9], VALUE), (KEY, VALUE + b"x"), (KEY, VALUE[1:])]
)
def test_a_note_of_another_form_is_refused(key: bytes | None, value: bytes | None) -> None:
    with pytest.raises(SavepointMisfit, match="not in the form that MirrorMaker 2 writes"):
        noted(key, value)


def test_what_stands_at_an_offset_there_and_after_it_is_read_here(fresh: EmbeddedKafka) -> None:
    mirror = write(fresh.bootstrap, [b"a", b"b", b"c"], [(10, 0), (12, 1), (13, 2)])

    (entry,) = mirror.since({RENT: 13})

    assert entry == {
        "topic": "arrears.rent", "partition": 0, "offset": 13, "timestamp_ms": 1_000, "key": b"k",
        "value": b"c", "headers": [],
    }  # fmt: skip
    assert [each["value"] for each in mirror.since({RENT: 11})] == [b"b", b"c"]
    assert [each["offset"] for each in mirror.since({RENT: 11})] == [11, 12]
    assert list(mirror.since({RENT: 14})) == []


def test_in_a_batch_that_was_noted_by_its_last_alone_records_are_counted(fresh: EmbeddedKafka) -> None:
    mirror = write(fresh.bootstrap, [b"a", b"b", b"c", b"d"], [(10, 0), (13, 3)])

    assert [each["value"] for each in mirror.since({RENT: 12})] == [b"c", b"d"]


def test_where_offsets_there_are_of_no_record_some_come_again_and_none_is_missing(
    fresh: EmbeddedKafka,
) -> None:
    mirror = write(fresh.bootstrap, [b"a", b"b", b"c", b"d"], [(10, 0), (14, 3)])

    again = [each["value"] for each in mirror.since({RENT: 12})]
    assert again == [b"b", b"c", b"d"]  # c may have stood at 12 or at 13, and b at 12


def test_where_all_is_wanted_or_nothing_was_noted_all_is_read(fresh: EmbeddedKafka) -> None:
    mirror = write(fresh.bootstrap, [b"a", b"b"], [])

    assert [each["value"] for each in mirror.since({RENT: 0})] == [b"a", b"b"]
    assert [each["value"] for each in mirror.since({RENT: 5})] == [b"a", b"b"]


def test_where_the_notes_of_then_are_gone_it_counts_back_from_a_later_one(fresh: EmbeddedKafka) -> None:
    mirror = write(fresh.bootstrap, [b"a", b"b", b"c"], [(12, 2)])

    assert [each["value"] for each in mirror.since({RENT: 11})] == [b"b", b"c"]
    assert [each["value"] for each in mirror.since({RENT: 12})] == [b"c"]


def test_a_mirror_of_other_partitions_or_of_nothing_is_refused(fresh: EmbeddedKafka) -> None:
    mirror = write(fresh.bootstrap, [], [], partitions=2)

    with pytest.raises(SavepointMisfit, match="not a mirror of its cluster"):
        list(mirror.since({RENT: 0}))
    with pytest.raises(TopicMissing, match="region-b"):
        list(Mirror(fresh.bootstrap, {}, "region-b").since({RENT: 0}))

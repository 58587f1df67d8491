from __future__ import annotations

import time

import pytest
from confluent_kafka import Producer

from eropaf.agents.topology import ARREARS_KEPT
from eropaf.streams.errors import BrokerUnreachable, TopicMismatch, TopicMissing, TopicSettingsDiffer
from eropaf.streams.operate.topics import (
    BROKER_REACHED_WITHIN_S,
    Topic,
    admin,
    check,
    ensure,
    mend,
    oldest_taken,
)
from eropaf_client.schemas.epoch import DAY_MS
from eropaf_client.sending import InFlight
from tests.integration.processes import PATIENCE_S

pytestmark = pytest.mark.kafka


def test_missing_topics_are_made_once(bootstrap: str) -> None:
    kafka = admin(bootstrap, {})
    wanted = [Topic("made-once", 3, {"cleanup.policy": "compact"})]

    assert ensure(kafka, wanted) == ["made-once"]
    assert ensure(kafka, wanted) == []


def test_an_existing_topic_with_other_settings_is_an_error_that_names_the_difference(bootstrap: str) -> None:
    kafka = admin(bootstrap, {})
    ensure(kafka, [Topic("other", 3, {"cleanup.policy": "delete"})])

    with pytest.raises(TopicMismatch) as error:
        ensure(kafka, [Topic("other", 4, {"cleanup.policy": "compact"})])

    assert "other has 3 partitions, must have 4" in str(error.value)
    assert "other has cleanup.policy=delete, must have cleanup.policy=compact" in str(error.value)


def test_a_topic_that_is_not_there_is_named(bootstrap: str) -> None:
    with pytest.raises(TopicMissing, match="no topic not-there"):
        check(admin(bootstrap, {}), [Topic("not-there", 1)])


def test_no_broker_is_an_error_within_ten_seconds_that_names_the_address() -> None:
    assert BROKER_REACHED_WITHIN_S < 10

    with pytest.raises(BrokerUnreachable, match=rf"127\.0\.0\.1:1 within {BROKER_REACHED_WITHIN_S:.0f} s"):
        admin("127.0.0.1:1", {})


@pytest.mark.parametrize(("age_days", "taken"), [(0, True), (29, True), (31, False), (-1, False)])
def test_a_creditors_record_that_would_be_deleted_unread_is_refused_at_the_door(
    bootstrap: str, age_days: int, taken: bool
) -> None:
    ensure(admin(bootstrap, {}), [Topic("arrears.aged", 1, ARREARS_KEPT)])
    producer, sent = Producer({"bootstrap.servers": bootstrap}), InFlight()
    stamp = int(time.time() * 1000) - age_days * DAY_MS

    producer.produce("arrears.aged", b"value", timestamp=stamp, on_delivery=sent.answer)
    producer.flush(PATIENCE_S)

    assert (sent.at is not None) is taken
    assert taken or "Set this machine's clock" in str(sent.error)


def test_the_oldest_time_stamp_that_a_topic_takes_is_known(bootstrap: str) -> None:
    kafka = admin(bootstrap, {})
    ensure(kafka, [Topic("arrears.aged", 1, ARREARS_KEPT), Topic("any-time", 1)])

    oldest = oldest_taken(kafka, ["arrears.aged", "any-time"], now_ms=31 * DAY_MS)

    assert oldest == {"arrears.aged": DAY_MS, "any-time": 0}


def test_settings_that_differ_are_set_right_by_one_command_that_says_what_it_changed(bootstrap: str) -> None:
    kafka = admin(bootstrap, {})
    ensure(kafka, [Topic("mended", 1, {"retention.ms": "1000000"}), Topic("as-it-is", 1)])
    wanted = [
        Topic("mended", 1, {"retention.ms": "2000000", "max.message.bytes": "70000"}),
        Topic("as-it-is", 1),
    ]
    with pytest.raises(TopicSettingsDiffer):
        ensure(kafka, wanted)

    changed = mend(kafka, wanted)

    assert [(one.topic, one.setting, one.must_have) for one in changed] == [
        ("mended", "retention.ms", "2000000"), ("mended", "max.message.bytes", "70000"),
    ]  # fmt: skip
    assert mend(kafka, [*wanted, Topic("not-there-yet", 1)]) == []
    check(kafka, wanted)


def test_what_may_not_change_under_records_is_refused_and_nothing_else_is_changed(bootstrap: str) -> None:
    kafka = admin(bootstrap, {})
    ensure(kafka, [Topic("unmended", 1, {"cleanup.policy": "delete"})])

    with pytest.raises(TopicMismatch, match=r"unmended has 1 partitions, must have 2"):
        mend(kafka, [Topic("unmended", 2, {"cleanup.policy": "delete", "max.message.bytes": "70000"})])

    check(kafka, [Topic("unmended", 1, {"max.message.bytes": "1048588"})])

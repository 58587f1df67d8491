from __future__ import annotations

import time

import pytest

from eropaf.streams.errors import BrokerUnreachable, TopicMismatch, TopicMissing
from eropaf.streams.operate.topics import Topic, admin, check, ensure

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
    started = time.monotonic()

    with pytest.raises(BrokerUnreachable, match=r"127\.0\.0\.1:1 "):
        admin("127.0.0.1:1", {})

    assert time.monotonic() - started < 10

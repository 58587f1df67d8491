"""A creditor's questions: what was asked too long ago is passed over. No broker is needed."""

from __future__ import annotations

import time
from typing import Any

import pytest

from eropaf_client.questions import QuestionReader
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.wire import Codec
from tests.fakes import FakeSource

HOUR_MS = 60 * 60 * 1000
TOPIC = "questions.rent"


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> FakeSource:
    made = FakeSource(topic=TOPIC)
    monkeypatch.setattr("eropaf_client.own_topic_reader.KafkaSource", lambda *_: made)
    return made


def ask(source: FakeSource, question_id: str, ago_ms: int) -> None:
    value: dict[str, Any] = {
        "question_id": question_id,
        "contract": "C-1",
        "signal_id": "S-1",
        "asked_at": int(time.time() * 1000) - ago_ms,
    }
    source.write("C-1", Codec[dict[str, Any]]("CreditorQuestion", TOPIC, LocalRegistry()).encode(value))


def test_who_looks_once_a_day_hears_only_of_whom_somebody_may_still_ring(source: FakeSource) -> None:
    ask(source, "yesterday", 20 * HOUR_MS)
    ask(source, "this night", 6 * HOUR_MS + 1)
    ask(source, "this morning", 6 * HOUR_MS - 60_000)
    ask(source, "now", 0)

    with QuestionReader("nowhere", "rent") as reader:
        found = reader.first(0.0)
        assert found is not None
        assert found.question_id == "this morning"
        assert [each.question_id for each in reader.poll(0.0)] == ["this morning", "now"]
        assert not reader.asides.counts


def test_a_loop_goes_on_behind_what_is_too_late(source: FakeSource) -> None:
    ask(source, "now", 0)
    ask(source, "late", 7 * HOUR_MS)
    ask(source, "next", 0)

    with QuestionReader("nowhere", "rent") as reader:
        questions = iter(reader)
        assert [next(questions).question_id, next(questions).question_id] == ["now", "next"]

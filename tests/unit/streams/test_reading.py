"""A broker that stands still is asked again and in the end named: nobody waits for it for ever."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import IsolationLevel, KafkaError, KafkaException
from confluent_kafka.admin import OffsetSpec

from eropaf.streams.errors import BrokerUnreachable, is_transient
from eropaf.streams.operate import reading
from eropaf.streams.operate.answers import answer
from eropaf.streams.topic_partition import TP

PLACE = TP("topic", 0)


class Answered:
    offset = 7


class Admin:
    """Answers every question but the first."""

    def __init__(self) -> None:
        self.asked = 0

    def list_offsets(self, asked: Any, **_: Any) -> Any:
        self.asked += 1
        made: dict[Any, Future[Any]] = {each: Future() for each in asked}
        if self.asked > 1:
            for future in made.values():
                future.set_result(Answered)
        return made


def test_no_answer_in_time_is_an_absence_as_every_other() -> None:
    with pytest.raises(KafkaException) as raised:
        answer(Future(), 0.01)

    assert is_transient(raised.value)


def test_a_broker_that_did_not_answer_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "ANSWER_WITHIN_S", 0.01)
    admin = Admin()

    found = reading.offsets(
        lambda: admin,  # type: ignore[arg-type,return-value]
        [PLACE],
        OffsetSpec.latest(),  # type: ignore[no-untyped-call]
        IsolationLevel.READ_COMMITTED,
    )

    assert (found, admin.asked) == ({PLACE: 7}, 2)


class Silent:
    """A consumer to which nothing comes but that no broker is there."""

    def __init__(self, _: Any) -> None:
        self.told = [Down()]

    def list_topics(self, *_: Any) -> None: ...
    def incremental_assign(self, _: Any) -> None: ...
    def close(self) -> None: ...

    def consume(self, most: int, timeout: float) -> list[Any]:
        return [self.told.pop()] if self.told and most else []


class Down:
    def topic(self) -> str:
        return ""

    def partition(self) -> int:
        return 0

    def offset(self) -> int:
        return 0

    def error(self) -> KafkaError:
        return KafkaError(KafkaError._ALL_BROKERS_DOWN)


def test_a_partition_of_which_nothing_comes_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "Consumer", Silent)
    monkeypatch.setattr(reading, "SETTLED_WITHIN_S", 0.0)

    with pytest.raises(BrokerUnreachable, match="nowhere gave nothing of topic-0"):
        list(reading.read("nowhere", {}, {PLACE: 0}, {PLACE: 1}))


def test_every_question_of_an_administrator_is_waited_for_in_this_one_way() -> None:
    rooms = Path(reading.__file__).resolve().parents[1]
    waits = [file.name for file in rooms.rglob("*.py") if ".result(timeout=" in file.read_text("utf-8")]

    assert waits == ["answers.py"]

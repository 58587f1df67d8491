"""Who is answered: the creditors that take part, and no other."""

from __future__ import annotations

from typing import Any, cast

from eropaf.agents import metrics
from eropaf.agents.feedback import Feedback
from eropaf.risk.feedback import Answer
from eropaf.streams.runtime.batch import Batch
from eropaf_client.schemas.registry import LocalRegistry


class Told:
    """A batch, as far as it is written to."""

    def __init__(self) -> None:
        self.topics: list[str] = []

    def emit(self, topic: str, *rest: Any) -> None:
        self.topics.append(topic)


def test_a_creditor_that_has_retired_is_told_nothing_and_it_is_counted() -> None:
    batch, feedback = Told(), Feedback(LocalRegistry(), ["rent"])
    before = metrics.ANSWERS_TO_NOBODY._value.get()

    for creditor in ("rent", "retired"):
        feedback.tell(
            cast(Batch, batch), Answer(creditor, "contract", "signal", "PICKED_UP"), "arrears.rent-3-1", 0, 0
        )

    assert batch.topics == ["feedback.rent"]
    assert metrics.ANSWERS_TO_NOBODY._value.get() == before + 1

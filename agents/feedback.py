"""Feedback: tells each creditor, on its own topic, what became of its signal."""

from __future__ import annotations

from typing import Any

from eropaf.agents import metrics
from eropaf.risk.events import EpochMs
from eropaf.risk.feedback import Answer
from eropaf.streams.runtime.batch import Batch
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import feedback
from eropaf_client.schemas.wire import Codec


class Feedback:
    """Writes CreditorFeedback, with one codec a creditor."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._codecs: dict[str, Codec[dict[str, Any]]] = {}

    def tell(self, batch: Batch, answer: Answer, event_id: str, at: EpochMs, stored_at: EpochMs) -> None:
        """Write `answer` to the event `event_id` of time `at`; `stored_at` is the record's own time."""
        codec = self._codecs.get(answer.creditor)
        if codec is None:
            topic = feedback(answer.creditor)
            codec = self._codecs[answer.creditor] = Codec("CreditorFeedback", topic, self._registry)
        data = codec.encode(answer.to_record(event_id, at))
        metrics.ANSWERS.labels(status=answer.status).inc()
        batch.emit(feedback(answer.creditor), answer.contract.encode(), data, stored_at)

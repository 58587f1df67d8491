"""Feedback: tells each creditor, on its own topic, what happened to its signal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from eropaf.agents import metrics
from eropaf.risk.events import EpochMs
from eropaf.risk.feedback import Answer
from eropaf.streams.runtime.batch import Batch
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import feedback
from eropaf_client.schemas.wire import Codec


class Feedback:
    """Writes CreditorFeedback to each of `creditors`.

    A retired creditor (docs/how-to/retire-a-creditor.md) is told nothing: its topic may be gone, and no
    worker may still write there. What it signalled before counts until it is forgotten.
    """

    def __init__(self, registry: Registry, creditors: Iterable[str]) -> None:
        self._codecs: dict[str, Codec[dict[str, Any]]] = {
            creditor: Codec("CreditorFeedback", feedback(creditor), registry) for creditor in creditors
        }

    def tell(self, batch: Batch, answer: Answer, event_id: str, at: EpochMs, stored_at: EpochMs) -> None:
        """Write `answer` to the event `event_id` of time `at`; `stored_at` is the record's own time."""
        codec = self._codecs.get(answer.creditor)
        if codec is None:
            metrics.ANSWERS_TO_NOBODY.inc()
            return
        data = codec.encode(answer.to_record(event_id, at))
        metrics.ANSWERS.labels(status=answer.status).inc()
        batch.emit(feedback(answer.creditor), answer.contract.encode(), data, stored_at)

"""Questions: asks each creditor, on its own topic, whether its arrears still stand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from eropaf.agents import metrics
from eropaf.risk.events import EpochMs
from eropaf.risk.records import HouseholdEvent
from eropaf.risk.still_open import Question
from eropaf.streams.runtime.batch import Batch
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import questions
from eropaf_client.schemas.wire import Codec


class Questions:
    """Writes CreditorQuestion to each of `creditors`; a retired one is asked nothing."""

    def __init__(self, registry: Registry, creditors: Iterable[str]) -> None:
        self._codecs: dict[str, Codec[dict[str, Any]]] = {
            creditor: Codec("CreditorQuestion", questions(creditor), registry) for creditor in creditors
        }

    def ask(self, batch: Batch, asked: Iterable[Question], event: HouseholdEvent, stored_at: EpochMs) -> None:
        """Write what `event` asks; `stored_at` is the record's own time."""
        for question in asked:
            codec = self._codecs.get(question.creditor)
            if codec is not None:
                data = codec.encode(question.to_record(event.event_id, event.at))
                metrics.QUESTIONS.inc()
                batch.emit(questions(question.creditor), question.contract.encode(), data, stored_at)

"""What one creditor was told, read from its topic: by signal, and from a cursor on."""

from __future__ import annotations

from typing import Any, NamedTuple

from eropaf.gateway.own_topic import OwnTopic
from eropaf.gateway.signal_json import instant
from eropaf_client.feedback import CreditorFeedback

# Of a signal with more answers a receipt shows the newest.
MOST_ANSWERS_SHOWN = 100


class Answer(NamedTuple):
    """One answer, where it stands, and when what caused it was stored (ms since 1970 UTC).

    The flow passes that on from topic to topic: of a refusal it is when the signal was stored.
    """

    offset: int
    stored_at_ms: int
    said: CreditorFeedback

    def to_json(self) -> dict[str, Any]:
        """Return it as a caller reads it."""
        said = self.said
        return {
            "feedback_id": said.feedback_id,
            "signal_id": said.signal_id,
            "contract": said.contract,
            "status": said.status.value,
            "reason": said.reason,
            "collection": said.collection.value,
            "pause_until": None if said.pause_until is None else said.pause_until.isoformat(),
            "at": said.at.isoformat().replace("+00:00", "Z"),
            "caused_at": instant(self.stored_at_ms),
        }


class Answers(OwnTopic[Answer]):
    """One creditor's answers, while its topic keeps them."""

    def __init__(self, partitions: int, topic_id: str) -> None:
        super().__init__(partitions, topic_id)
        self._by_signal: dict[str, list[Answer]] = {}

    def take(self, partition: int, told: Answer) -> None:
        """Note an answer that was read."""
        super().take(partition, told)
        self._by_signal.setdefault(told.said.signal_id, []).append(told)

    def of(self, signal_id: str) -> list[Answer]:
        """Return the newest answers to a signal, in the order in which they were stored."""
        return self._by_signal.get(signal_id, [])[-MOST_ANSWERS_SHOWN:]

    def forget(self, before_ms: int) -> None:
        """Forget what was stored before an instant: the topic keeps it no longer."""
        gone = self.keep(lambda each: each.stored_at_ms >= before_ms)
        for signal_id in {each.said.signal_id for each in gone}:  # each once, however many answers it had
            kept = [each for each in self._by_signal.pop(signal_id, ()) if each.stored_at_ms >= before_ms]
            if kept:
                self._by_signal[signal_id] = kept

"""What one creditor was told, read from its topic: by signal, and from a cursor on."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from eropaf.gateway.cursors import Cursors
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


class Answers:
    """One creditor's answers, while its topic keeps them; `topic_id` tells it from a recreated one."""

    def __init__(self, partitions: int, topic_id: str) -> None:
        self._logs: list[list[Answer]] = [[] for _ in range(partitions)]
        self._by_signal: dict[str, list[Answer]] = {}
        self._cursors = Cursors(partitions, topic_id)

    def take(self, partition: int, answer: Answer) -> None:
        """Note an answer that was read."""
        self._logs[partition].append(answer)
        self._by_signal.setdefault(answer.said.signal_id, []).append(answer)

    def of(self, signal_id: str) -> list[Answer]:
        """Return the newest answers to a signal, in the order in which they were stored."""
        return self._by_signal.get(signal_id, [])[-MOST_ANSWERS_SHOWN:]

    def forget(self, before_ms: int) -> None:
        """Forget what was stored before an instant: the topic keeps it no longer."""
        told = set[str]()
        for log in self._logs:
            old = 0
            while old < len(log) and log[old].stored_at_ms < before_ms:
                told.add(log[old].said.signal_id)
                old += 1
            del log[:old]
        for signal_id in told:  # each gone through once, however many answers it had
            kept = [each for each in self._by_signal.pop(signal_id, ()) if each.stored_at_ms >= before_ms]
            if kept:
                self._by_signal[signal_id] = kept

    def after(self, cursor: str | None, most: int) -> tuple[list[Answer], str]:
        """Return the answers behind a cursor, `most` at once, and the cursor behind those.

        Those of one contract come in their order.

        Raises:
            Problem: it is no cursor of this topic.
        """
        reached = self._cursors.read(cursor)
        found = list(islice(self._behind(reached), most))
        return found, self._cursors.write(reached)

    def _behind(self, reached: list[int]) -> Iterator[Answer]:
        for partition, log in enumerate(self._logs):
            for answer in islice(
                log, bisect_left(log, reached[partition], key=lambda each: each.offset), None
            ):
                reached[partition] = answer.offset + 1
                yield answer

"""A dated receipt: that a signal was received and when, whether it was taken in, and what was answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eropaf.gateway.answers import Answer
from eropaf.gateway.config import SourceOf
from eropaf.gateway.known import Place
from eropaf.gateway.problems import Problem
from eropaf.gateway.progress import Progress
from eropaf.gateway.signal_json import instant
from eropaf.gateway.state import State
from eropaf_client.schemas.topics import arrears

RECEIVED, ACCEPTED, REFUSED = "received", "accepted", "refused"
# The answers by which a signal counts as refused: its creditor did not meet a rule.
UNJUSTIFIED = "NOT_PICKED_UP_UNJUSTIFIED"


class Receipts:
    """Makes receipts of what the topics hold."""

    def __init__(self, state: State, progress: Progress, source_of: SourceOf) -> None:
        self._state, self._progress, self._source_of = state, progress, source_of

    async def of(self, creditor: str, signal_id: str) -> Mapping[str, Any]:
        """Return the receipt of a signal's newest version.

        Raises:
            Problem: 404, there is none, or the topic keeps it no longer.
        """
        places = await self._state.known[creditor].of(signal_id)
        if not places:
            raise Problem(404, "no-signal", "No signal of yours with this id is kept here.")
        newest, topic = places[-1], arrears(creditor)
        # First how far intake is, then what it said: so what was refused is not told as accepted.
        taken_in = await self._progress.taken_in(creditor, newest.partition, newest.offset)
        answers = [
            each
            for each in self._state.answers[creditor].of(signal_id)
            if each.stored_at_ms >= newest.stored_at_ms
        ]
        refusal = self._refusal(newest, answers)
        return {
            "signal_id": signal_id,
            "version": newest.version,
            "contract": newest.contract,
            "kind": newest.kind,
            "status": REFUSED if refusal else ACCEPTED if taken_in else RECEIVED,
            "received_at": instant(newest.stored_at_ms),
            "content_sha256": newest.digest.hex(),
            "stored": {"topic": topic, "partition": newest.partition, "offset": newest.offset},
            "refusal": refusal,
            "answers": [each.to_json() for each in answers],
            "versions": [each.version for each in places],
        }

    def _refusal(self, place: Place, answers: Sequence[Answer]) -> Mapping[str, Any] | None:
        """Return the rule that the creditor did not meet, where the newest answer says so."""
        if not answers or answers[-1].said.status.value != UNJUSTIFIED:
            return None
        code = answers[-1].said.reason
        return {
            "code": code,
            "source": None if code is None else self._source_of(code, place.partner_type),
        }

"""Records that cannot be used are set aside, whole, with the reason; the rest goes on."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog

from eropaf.streams.observe import metrics
from eropaf.streams.observe.tracing import trace_id, traceparent_of
from eropaf.streams.runtime.record import Output, Record, stored_at
from eropaf.streams.runtime.stage import Stage
from eropaf_client.schemas.errors import Undecodable
from eropaf_client.schemas.wire import Codec

log = structlog.get_logger(__name__)

TOO_LARGE = "too-large"
NO_KEY = "no-key"
PROCESSING_FAILED = "processing-failed"
# What an agent's own code raises of a value that nobody foresaw: of one record, and again at every start.
# What the world raises (a broker, a registry, memory) is none of these, nor an invariant that does not hold:
# they end a worker.
OF_A_VALUE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class DeadLetters:
    """Makes dead letters for one stage."""

    def __init__(self, stage: Stage, codec: Codec[dict[str, Any]], max_record_bytes: int) -> None:
        self._stage = stage.name
        self._needs_key = stage.table is not None
        self._codec = codec
        self._max_record_bytes = max_record_bytes
        self._told: set[str] = set()

    def checked(
        self,
        record: Record,
        decode: Callable[[bytes | None], Any],
        set_aside: Callable[[Record, Output], None],
    ) -> Any | None:
        """Decode `record`, or `set_aside` its letter and give None."""
        value = record.value()
        if self._needs_key and record.key() is None:
            detail = "the record has no key, and its row is found by it"
            set_aside(record, self.letter(record, NO_KEY, detail))
            return None
        if value is not None and len(value) > self._max_record_bytes:
            detail = f"{len(value)} bytes, at most {self._max_record_bytes} are read"
            set_aside(record, self.letter(record, TOO_LARGE, detail))
            return None
        try:
            return decode(value)
        except Undecodable as error:
            set_aside(record, self.letter(record, error.reason, str(error)))
        except OF_A_VALUE as error:
            set_aside(record, self.failed(record, error))
        return None

    def placed(self, letter: Output, offset: int) -> Output:
        """Return `letter` with the offset of its record, which was written after it was made."""
        value = {**self._codec.decode(letter.value), "offset": offset}
        return letter._replace(value=self._codec.encode(value))

    def failed(self, record: Record, error: Exception) -> Output:
        """Return the letter for `record`, on which this version failed; log each place in the code once.

        The error's own message may quote the record, so neither holds it.
        """
        frame = traceback.extract_tb(error.__traceback__)[-1]
        what = f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
        if what not in self._told:
            self._told.add(what)
            log.error(
                "this version failed on a record, which is set aside; a bug: please report it",
                stage=self._stage,
                error=what,
                topic=record.topic(),
                partition=record.partition(),
                offset=record.offset(),
                see="docs/runbooks/EropafProcessingFailed.md",
            )
        return self.letter(record, PROCESSING_FAILED, f"this version failed on it: {what}")

    def letter(self, record: Record, reason: str, detail: str) -> Output:
        """Return the letter for `record`. It keeps the record's key, time and bytes.

        The letter itself is kept from now on, by our own clock: a sender's may stand in another year.
        """
        metrics.REJECTED.labels(stage=self._stage, topic=record.topic(), reason=reason).inc()
        traceparent = traceparent_of(record)
        if traceparent is not None:
            # Where to look among the letters; without a trace to find it by, a line would say no more
            # than the letter itself, and cost as much again in a flood.
            log.info(
                "record rejected",
                stage=self._stage,
                reason=reason,
                topic=record.topic(),
                partition=record.partition(),
                offset=record.offset(),
                trace_id=trace_id(traceparent),
            )
        value = self._codec.encode(
            {
                "reason": reason,
                "detail": detail,
                "agent": self._stage,
                "topic": record.topic(),
                "partition": record.partition(),
                "offset": record.offset(),
                "timestamp_ms": stored_at(record),
                "key": record.key(),
                "value": record.value(),
                "headers": [{"name": name, "value": held} for name, held in record.headers() or []],
            }
        )
        return Output(self._codec.topic, record.key(), value, int(time.time() * 1000))

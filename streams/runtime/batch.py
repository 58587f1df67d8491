"""What an agent gets: the records of one partition, and a place for what comes of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from eropaf.streams.observe.tracing import Span, Tracing, trace_id, traceparent_of
from eropaf.streams.runtime.dead_letter import DeadLetters
from eropaf.streams.runtime.record import Output, Record, kept_from
from eropaf.streams.state.table import TablePartition
from eropaf_client.schemas.wire import TRACEPARENT


class Batch:
    """The records of one poll and one partition, in order, with the rows behind them.

    Everything done to a batch becomes durable in one checkpoint, together with the fact that it
    was read; or nothing of it does.
    """

    __slots__ = (
        "_cause",
        "_dead_letters",
        "_table",
        "_tracing",
        "outputs",
        "partition",
        "records",
        "spans",
        "stage",
        "term",
        "topic",
    )  # fmt: skip

    def __init__(
        self,
        records: Sequence[Record],
        stage: str,
        dead_letters: DeadLetters,
        table: TablePartition[Any] | None,
        tracing: Tracing,
        term: int = 0,
    ) -> None:
        self.records = records
        self.topic = records[0].topic()
        self.partition = records[0].partition()
        self.outputs: list[Output] = []
        self.spans: list[Span] = []
        self.stage = stage
        self.term = term
        self._dead_letters = dead_letters
        self._table = table
        self._tracing = tracing
        self._cause: bytes | None = None

    @property
    def next_offset(self) -> int:
        """Offset to read next, once this batch is worked off."""
        return self.records[-1].offset() + 1

    @property
    def table(self) -> TablePartition[Any]:
        """Rows of this partition.

        Raises:
            LookupError: the stage keeps no table.

        """
        if self._table is None:
            raise LookupError(f"the stage that reads {self.topic} keeps no table")
        return self._table

    @property
    def exemplar(self) -> dict[str, str] | None:
        """Name the trace of the record in hand, for a metric that is observed with it."""
        return None if self._cause is None else {"trace_id": trace_id(self._cause)}

    def decoded(self, decode: Callable[[bytes | None], Any]) -> Iterator[tuple[Record, Any]]:
        """Yield each record with its value; set those aside that cannot be decoded."""
        for record in self.records:
            # Without a header no trace costs anything.
            if record.headers() and (parent := traceparent_of(record)) is not None:
                yield from self._traced(record, parent, decode)
                continue
            value = self._dead_letters.checked(record, decode, self.set_aside)
            if value is not None:
                yield record, value

    def _traced(
        self, record: Record, parent: bytes, decode: Callable[[bytes | None], Any]
    ) -> Iterator[tuple[Record, Any]]:
        """Yield `record` with its value, and let what is emitted meanwhile belong to its trace."""
        tracer = self._tracing.tracer
        span = None if tracer is None else tracer.begin(self.stage, record, parent)
        self._cause = parent if span is None else span.traceparent
        before = len(self.outputs)
        value = self._dead_letters.checked(record, decode, self.set_aside)
        if value is not None:
            yield record, value
        self._cause = None
        if span is not None:
            span.wrote(output.topic for output in self.outputs[before:])
            self.spans.append(span)

    def emit(
        self, topic: str, key: bytes, value: bytes | None, timestamp_ms: int, partition: int = -1
    ) -> None:
        """Write a record with the checkpoint; without a value it is a tombstone.

        Its partition is that of its key, unless `partition` names one.

        It carries the timestamp of the record that caused it, from stage to stage: so time in the
        system can be told at its end. One that is a day off is our own clock's instead (`kept_from`).
        """
        headers: list[tuple[str, str | bytes | None]] | None = None
        if self._cause is not None and topic in self._tracing.onward:
            headers = [(TRACEPARENT, self._cause)]
        kept = kept_from(timestamp_ms, int(time.time() * 1000))
        self.outputs.append(Output(topic, key, value, kept, partition, headers))

    def reject(self, record: Record, reason: str, detail: str) -> None:
        """Set `record` aside: it goes to the dead letters with its bytes and its origin.

        `reason` is a short code; `detail` one sentence without personal data.
        """
        self.set_aside(record, self._dead_letters.letter(record, reason, detail))

    def fail(self, record: Record, error: Exception, begun: int) -> None:
        """Set `record` aside, whose processing raised `error`, one of `OF_A_VALUE`.

        What it led to is not written: `begun` says how many outputs there were before it. The agent has kept
        the rows as they were: it changes them once nothing can fail any more.
        """
        del self.outputs[begun:]
        self.set_aside(record, self._dead_letters.failed(record, error))

    def set_aside(self, record: Record, letter: Output) -> None:
        """Write the `letter` of `record`."""
        self.outputs.append(letter)

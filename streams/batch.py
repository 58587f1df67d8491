"""What an agent gets: the records of one partition, and a place for what comes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from streams.dead_letter import DeadLetters
from streams.record import Output, Record
from streams.table import TablePartition


class Batch:
    """The records of one poll and one partition, in order, with the rows behind them.

    Everything done to a batch becomes durable in one checkpoint, together with the fact that it
    was read; or nothing of it does.
    """

    __slots__ = ("_dead_letters", "_table", "outputs", "partition", "records", "topic")

    def __init__(
        self,
        records: Sequence[Record],
        dead_letters: DeadLetters,
        table: TablePartition[Any] | None,
    ) -> None:
        self.records = records
        self.topic = records[0].topic()
        self.partition = records[0].partition()
        self.outputs: list[Output] = []
        self._dead_letters = dead_letters
        self._table = table

    @property
    def table(self) -> TablePartition[Any]:
        """Rows of this partition.

        Raises:
            LookupError: the stage keeps no table.

        """
        if self._table is None:
            raise LookupError(f"the stage that reads {self.topic} keeps no table")
        return self._table

    def decoded(self, decode: Callable[[bytes | None], Any]) -> Iterator[tuple[Record, Any]]:
        """Give each record with its value; set those aside that cannot be decoded."""
        for record in self.records:
            value = self._dead_letters.checked(record, decode, self.outputs)
            if value is not None:
                yield record, value

    def emit(
        self, topic: str, key: bytes, value: bytes | None, timestamp_ms: int, partition: int = -1
    ) -> None:
        """Write a record with the checkpoint; without a value it is a tombstone.

        Its partition is that of its key, unless `partition` names one.

        It carries the time stamp of the record that caused it, from stage to stage: so time in the
        system can be told at its end, and a replay writes the same.
        """
        self.outputs.append(Output(topic, key, value, timestamp_ms, partition))

    def reject(self, record: Record, reason: str, detail: str) -> None:
        """Set `record` aside: it goes to the dead letters with its bytes and its origin.

        `reason` is a short code; `detail` one sentence without personal data.
        """
        self.outputs.append(self._dead_letters.letter(record, reason, detail))

"""The two hops of the job as the Python peers run them: the product's rules, fastavro's own codec.

Peers run on a copy of the rules as plain Python, so that what the product compiles for itself is
its own gain. Rows are values between calls where a peer can keep them so, else bytes.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import fastavro

from eropaf.risk.household import fold
from eropaf.risk.policy import Policy
from eropaf.risk.ranking import rank
from eropaf.risk.records import HouseholdEvent
from eropaf.risk.rows import HouseholdRow, RankingRow
from eropaf.risk.told import HouseholdRisk
from eropaf_client.schemas import catalogue

EVENTS, RISKS, UPDATES = "household-events", "household-risk", "outreach.priorities"
BOOTSTRAP = os.environ["BENCH_BOOTSTRAP"]
STATE = os.environ["BENCH_STATE"]
COMMIT_MS = int(os.environ["BENCH_COMMIT_MS"])
HEADER = struct.Struct(">bI")

Row = TypeVar("Row")


class AvroCodec:
    """Confluent's wire format by fastavro, one writer's schema, resolved once."""

    def __init__(self, record: str) -> None:
        newest = catalogue.latest(record)
        self._schema = fastavro.parse_schema(catalogue.plain(newest))
        self._header = HEADER.pack(0, newest.local_id)

    def encode(self, value: dict[str, Any]) -> bytes:
        """Return `value` as bytes."""
        body = BytesIO()
        body.write(self._header)
        fastavro.schemaless_writer(body, self._schema, value)
        return body.getvalue()

    def decode(self, data: bytes) -> Any:
        """Return the value in `data`."""
        if data[: HEADER.size] != self._header:
            raise ValueError("another schema than the one that is measured")
        body = BytesIO(data)
        body.seek(HEADER.size)
        value: Any = fastavro.schemaless_reader(body, self._schema, None)
        return value


class Hop:
    """One hop: a row and a message in, a row and perhaps a message out."""

    def __init__(self, reads: str, keeps: str, writes: str) -> None:
        self.reads, self._rows, self._writes = AvroCodec(reads), AvroCodec(keeps), AvroCodec(writes)
        self.policy = Policy.parse(Path(os.environ["BENCH_POLICY_TOML"]).read_text("utf-8"))

    def on_bytes(self, row: bytes | None, message: bytes) -> tuple[bytes, bytes | None]:
        """Do the hop where a row is kept as bytes."""
        known = None if row is None else self.row(self._rows.decode(row))
        after, output = self(known, message)
        return self._rows.encode(after.to_record()), output

    def output(self, value: Any) -> bytes | None:
        """Return what is told as bytes, None where nothing is."""
        return None if value is None else self._writes.encode(value.to_record())

    row: Callable[[dict[str, Any]], Any]

    def __call__(self, row: Any, message: bytes) -> tuple[Any, bytes | None]:
        """Do the hop where a row is kept as a value."""
        raise NotImplementedError


class Household(Hop):
    """Hop 1: an event becomes a household's risk."""

    row = staticmethod(HouseholdRow.from_record)

    def __init__(self) -> None:
        super().__init__("HouseholdEvent", "HouseholdRow", "HouseholdRisk")

    def __call__(self, row: HouseholdRow | None, message: bytes) -> tuple[HouseholdRow | None, bytes | None]:
        """Fold the event in."""
        folded = fold(row, HouseholdEvent.from_record(self.reads.decode(message)), self.policy)
        assert folded.row is not None, "nobody is forgotten in this job"
        return folded.row, self.output(folded.risk)


class Ranking(Hop):
    """Hop 2: a risk becomes an update, where it crosses a threshold."""

    row = staticmethod(RankingRow.from_record)

    def __init__(self) -> None:
        super().__init__("HouseholdRisk", "RankingRow", "PriorityUpdate")

    def __call__(self, row: RankingRow | None, message: bytes) -> tuple[RankingRow | None, bytes | None]:
        """Rank the risk."""
        ranked = rank(row, HouseholdRisk.from_record(self.reads.decode(message)), self.policy)
        assert ranked.row is not None, "nobody is forgotten in this job"
        return ranked.row, self.output(ranked.update)

"""Every record that is sent or stored, in every published version.

`avsc/` holds what people edit: one named type per file, referring to others by name.
`published/<Record>/<version>.avsc` holds every version ever written to a topic, self-contained; these files
never change. `publishing.py` turns the former into the latter.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

# Records that are the value of some topic. The index in this list gives the hundreds of the local schema id,
# so names are only ever appended.
RECORDS = (
    "ArrearsSignal",
    "HouseholdEvent",
    "HouseholdRisk",
    "PriorityUpdate",
    "Rejected",
    "Residence",
    "UnresolvedSignal",
    "HouseholdRow",
    "RankingRow",
    "ResidentRow",
    "OutreachOutcome",
    "CreditorFeedback",
    "Explanation",
    "PolicyActivated",
    "AuditEntry",
    "OutreachClaim",
    "SecretFingerprint",
    "ResidencyTick",
    "ContactSlip",
    "CreditorQuestion",
    "DoorSafety",
    "RegisterMismatch",
)


@dataclass(frozen=True)
class Schema:
    """One published version of one record.

    `text` is the schema as self-contained JSON; `local_id` its id when no registry is configured.
    """

    record: str
    version: int
    text: str

    @property
    def local_id(self) -> int:
        """Id on the wire without a registry: hundreds name the record, the rest its version."""
        return (RECORDS.index(self.record) + 1) * 100 + self.version


@cache
def versions(record: str) -> tuple[Schema, ...]:
    """Return every published version of `record`, oldest first.

    Raises:
        KeyError: no such record.

    """
    if record not in RECORDS:
        raise KeyError(f"{record} is not in the catalogue, which holds {', '.join(RECORDS)}")
    folder = resources.files("eropaf_client.schemas") / "published" / record
    numbers = sorted(int(entry.name.split(".")[0]) for entry in folder.iterdir())
    return tuple(Schema(record, n, (folder / f"{n}.avsc").read_text("utf-8").strip()) for n in numbers)


def latest(record: str) -> Schema:
    """Return the newest published version of `record`: the one that is written."""
    return versions(record)[-1]


def without_logical_types(schema: Any) -> Any:
    """Return `schema` with dates and times as the plain numbers they are on the wire.

    Internally a date is a number of days since 1970 and an instant a number of milliseconds: exact, fast, and
    the same everywhere. Only the edges show dates.
    """
    if isinstance(schema, list):
        return [without_logical_types(part) for part in schema]
    if isinstance(schema, dict):
        return {key: without_logical_types(part) for key, part in schema.items() if key != "logicalType"}
    return schema


@cache
def plain(schema: Schema) -> Any:
    """Return the schema as JSON values, dates and times as numbers."""
    return without_logical_types(json.loads(schema.text))

"""What is kept and told between two stages, read again as the next stage reads it: through its schema."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from eropaf.risk.events import PolicyActivated, ResidencyTick
from eropaf.risk.feedback import Answer
from eropaf.risk.records import NOWHERE, HouseholdEvent, UnresolvedSignal
from eropaf.risk.rows import HouseholdRow, PartitionRow, RankingRow, ResidentRow
from eropaf.risk.still_open import Question
from eropaf.risk.told import HouseholdRisk, PriorityUpdate
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import EVERY
from eropaf_client.schemas.wire import Codec

Value = TypeVar(
    "Value", HouseholdEvent, HouseholdRow, HouseholdRisk, RankingRow, PriorityUpdate, ResidentRow,
    UnresolvedSignal, PolicyActivated, ResidencyTick,
)  # fmt: skip


def read_again(value: Value) -> Value:
    """Return `value` as it is read from what was written of it: nothing of it is lost."""
    read: Value = type(value).from_record(_through(type(value).__name__, value.to_record()))
    assert read == value, f"written: {value}; read: {read}"
    return read


def heard(answer: Answer, event: HouseholdEvent) -> dict[str, Any]:
    """Return what a creditor reads of an answer to what `event` said."""
    return _through("CreditorFeedback", answer.to_record(event.event_id, event.at))


def asked_of(question: Question, event: HouseholdEvent) -> dict[str, Any]:
    """Return what a creditor reads of a question that `event` led to."""
    return _through("CreditorQuestion", question.to_record(event.event_id, event.at))


def of_the_partition(activated: PolicyActivated) -> PolicyActivated:
    """Return the policy that both stages find in their tables once it was activated."""
    kept = PartitionRow(activated, 1)
    for record in ("HouseholdRow", "RankingRow"):
        assert PartitionRow.from_record(_through(record, kept.to_record())) == kept
    told = HouseholdRisk(
        household=EVERY, sequence=1, address=NOWHERE, score=0, open_positions=0, creditors=0, months_behind=0,
        threatening=False, crisis_on=None, ended_by="OPEN", policy_version=activated.version, at=activated.at,
        policy=activated,
    )  # fmt: skip
    read_again(told)
    return kept.policy


def an_older_row(row: HouseholdRow, home: str) -> HouseholdRow:
    """Return `row` as an older version kept it, which knew one contract of a home alone."""
    return HouseholdRow.from_record(
        _through("HouseholdRow", row.to_record() | {"homes": (), "tenancy": home})
    )


def _through(record: str, value: dict[str, Any]) -> dict[str, Any]:
    codec = _codec(record)
    return codec.decode(codec.encode(value))


@cache
def _codec(record: str) -> Codec[dict[str, Any]]:
    return Codec(record, "book", LocalRegistry())

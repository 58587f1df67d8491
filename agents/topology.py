"""The flow as a table: every topic and every stage, in one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from risk.records import HouseholdRow, PartitionRow, RankingRow, ResidentRow
from schemas.registry import Registry
from schemas.topics import (
    AUDIT,
    CLAIMS,
    EXPLANATIONS,
    HOUSEHOLD_EVENTS,
    HOUSEHOLD_RISK,
    OUTCOMES,
    POLICY,
    PRIORITIES,
    REJECTED,
    RESIDENTS,
    UNRESOLVED_SIGNALS,
    arrears,
    creditor,
    feedback,
)
from schemas.wire import Codec
from streams.savepoint_scope import Scope
from streams.stage import Stage, TableSpec, changelog
from streams.topics import DAY_MS, Topic

DELETE = "delete"
COMPACT = "compact"

# Retention in days, each to be chosen by the municipality with its data protection officer: the law
# names no figure (domain rule "months, not years").
ARREARS_DAYS = 30
# A month, and a month to report it.
EVENTS_DAYS = 62
FEEDBACK_DAYS = 62
# Who opened what must be found for as long as a complaint may take.
AUDIT_DAYS = 730
UNRESOLVED_DAYS = 30
REJECTED_DAYS = 90
# Every update can be read for this long; after that the latest of each household.
UPDATES_DAYS = 7

# A rejected record holds the whole of what it rejects, and its origin.
LARGEST_REJECTED = 2 * 1024 * 1024
# The rules keep every row below this, see MOST_POSITIONS and MOST_WAITING in risk/.
LARGEST_ROW = 2 * 1024 * 1024


# Which record each table keeps.
ROWS = {"resident": "ResidentRow", "household": "HouseholdRow", "ranking": "RankingRow"}


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages of the flow, by name."""

    intake: Stage
    residency: Stage
    outcomes: Stage
    household: Stage
    ranking: Stage

    def all(self) -> tuple[Stage, ...]:
        """Give every stage."""
        return (self.intake, self.residency, self.outcomes, self.household, self.ranking)


def stages(group: str, creditors: Sequence[str], registry: Registry) -> Stages:
    """Give the stages of `group` that serve `creditors`."""
    return Stages(
        intake=Stage("intake", tuple(arrears(name) for name in creditors)),
        residency=Stage(
            "residency", (RESIDENTS, UNRESOLVED_SIGNALS), _table(group, "resident", ResidentRow, registry)
        ),
        outcomes=Stage("outcomes", (OUTCOMES,)),
        household=Stage("household", (HOUSEHOLD_EVENTS,), _table(group, "household", HouseholdRow, registry)),
        ranking=Stage("ranking", (HOUSEHOLD_RISK,), _table(group, "ranking", RankingRow, registry)),
    )


def topics(group: str, flow: Stages, partitions: int) -> list[Topic]:
    """Give every topic of the flow as it must be."""

    def topic(name: str, policy: str, days: int | None = None, **more: str) -> Topic:
        config = {"cleanup.policy": policy, **{key.replace("_", "."): value for key, value in more.items()}}
        if days is not None:
            config["retention.ms"] = str(days * DAY_MS)
        return Topic(name, partitions, config)

    changelogs = [changelog(group, stage.table.name) for stage in flow.all() if stage.table is not None]
    return [
        *(topic(name, DELETE, ARREARS_DAYS) for name in flow.intake.inputs),
        *(topic(feedback(creditor(name)), DELETE, FEEDBACK_DAYS) for name in flow.intake.inputs),
        topic(UNRESOLVED_SIGNALS, DELETE, UNRESOLVED_DAYS),
        topic(RESIDENTS, COMPACT),
        topic(HOUSEHOLD_EVENTS, DELETE, EVENTS_DAYS),
        topic(OUTCOMES, DELETE, EVENTS_DAYS),
        topic(HOUSEHOLD_RISK, COMPACT),
        topic(PRIORITIES, COMPACT, min_compaction_lag_ms=str(UPDATES_DAYS * DAY_MS)),
        topic(CLAIMS, DELETE, EVENTS_DAYS),
        topic(EXPLANATIONS, COMPACT),
        topic(POLICY, COMPACT),
        topic(AUDIT, DELETE, AUDIT_DAYS),
        topic(REJECTED, DELETE, REJECTED_DAYS, max_message_bytes=str(LARGEST_REJECTED)),
        *(topic(name, COMPACT, max_message_bytes=str(LARGEST_ROW)) for name in changelogs),
    ]


def savepoint_scope(group: str, flow: Stages) -> Scope:
    """Give what a savepoint of the flow holds.

    Whole is what people outside still read: what the flow tells them, and of which the latest
    stands. An input that is only passed on is held as far as it was not read.
    """
    inputs = {topic for stage in flow.all() for topic in stage.inputs}
    changelogs = {changelog(group, stage.table.name) for stage in flow.all() if stage.table is not None}
    whole = {
        topic.name
        for topic in topics(group, flow, 1)
        if topic.name not in changelogs
        and (topic.name not in inputs or topic.config["cleanup.policy"] == COMPACT)
    }
    return Scope(group, flow.all(), frozenset(whole), remade=frozenset({HOUSEHOLD_RISK}))


def records_by_topic(group: str, flow: Stages) -> dict[str, str]:
    """Give the record that each topic holds, for a registry's subjects."""
    return {
        **{name: "ArrearsSignal" for name in flow.intake.inputs},
        **{feedback(creditor(name)): "CreditorFeedback" for name in flow.intake.inputs},
        UNRESOLVED_SIGNALS: "UnresolvedSignal",
        RESIDENTS: "Residence",
        HOUSEHOLD_EVENTS: "HouseholdEvent",
        OUTCOMES: "OutreachOutcome",
        HOUSEHOLD_RISK: "HouseholdRisk",
        PRIORITIES: "PriorityUpdate",
        CLAIMS: "OutreachClaim",
        EXPLANATIONS: "Explanation",
        POLICY: "PolicyActivated",
        AUDIT: "AuditEntry",
        REJECTED: "Rejected",
        **{changelog(group, stage.table.name): ROWS[stage.table.name] for stage in flow.all() if stage.table},
    }


def _table(
    group: str, name: str, row: type[HouseholdRow] | type[RankingRow] | type[ResidentRow], registry: Registry
) -> TableSpec:
    codec = Codec(ROWS[name], changelog(group, name), registry)
    return TableSpec(
        name,
        encode=lambda value: codec.encode(value.to_record()),
        decode=lambda data: _row(row, codec.decode(data)),
    )


def _row(row: type[HouseholdRow] | type[RankingRow] | type[ResidentRow], value: dict[str, Any]) -> Any:
    # Beside its households a partition keeps the policy that holds in it.
    return row.from_record(value) if value.get("policy") is None else PartitionRow.from_record(value)

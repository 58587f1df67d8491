"""The flow as a table: every topic and every stage, in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agents.roles import OPERATOR, OUTREACH, REGISTER, WORKER, of_creditor
from risk.records import HouseholdRow, RankingRow, ResidentRow
from schemas.registry import Registry
from schemas.topics import (
    HOUSEHOLD_EVENTS,
    HOUSEHOLD_RISK,
    PRIORITIES,
    REJECTED,
    RESIDENTS,
    UNRESOLVED_SIGNALS,
    arrears,
)
from schemas.wire import Codec
from streams.stage import Stage, TableSpec, changelog
from streams.topics import DAY_MS, Topic

DELETE = "delete"
COMPACT = "compact"


def _kept(policy: str, days: int | None = None) -> dict[str, str]:
    kept = {"cleanup.policy": policy}
    return kept if days is None else {**kept, "retention.ms": str(days * DAY_MS)}


# Retention in days, each to be chosen by the municipality with its data protection officer: the law
# names no figure (domain rule "months, not years").
ARREARS_DAYS = 30
EVENTS_DAYS = 400
UNRESOLVED_DAYS = 30
REJECTED_DAYS = 90
# Every update can be read for this long; after that the latest of each household.
UPDATES_DAYS = 7

# A rejected record holds the whole of what it rejects, and its origin.
LARGEST_REJECTED = 2 * 1024 * 1024

UPDATES_KEPT = {**_kept(COMPACT), "min.compaction.lag.ms": str(UPDATES_DAYS * DAY_MS)}
REJECTED_KEPT = {**_kept(DELETE, REJECTED_DAYS), "max.message.bytes": str(LARGEST_REJECTED)}

# Which record each table keeps.
ROWS = {"resident": "ResidentRow", "household": "HouseholdRow", "ranking": "RankingRow"}


@dataclass(frozen=True, slots=True)
class Stages:
    """The stages of the flow, by name."""

    intake: Stage
    residency: Stage
    household: Stage
    ranking: Stage

    def all(self) -> tuple[Stage, ...]:
        """Give every stage."""
        return (self.intake, self.residency, self.household, self.ranking)


def stages(group: str, creditors: Sequence[str], registry: Registry) -> Stages:
    """Give the stages of `group` that serve `creditors`."""
    return Stages(
        intake=Stage("intake", tuple(arrears(creditor) for creditor in creditors)),
        residency=Stage(
            "residency", (RESIDENTS, UNRESOLVED_SIGNALS), _rows(group, "resident", ResidentRow, registry)
        ),
        household=Stage("household", (HOUSEHOLD_EVENTS,), _rows(group, "household", HouseholdRow, registry)),
        ranking=Stage("ranking", (HOUSEHOLD_RISK,), _rows(group, "ranking", RankingRow, registry)),
    )


@dataclass(frozen=True, slots=True)
class FlowTopic:
    """One topic: which record it holds, how it is kept, who writes it and who reads it."""

    name: str
    record: str
    config: Mapping[str, str]
    written_by: tuple[str, ...]
    read_by: tuple[str, ...]


def table(group: str, creditors: Sequence[str]) -> list[FlowTopic]:
    """Give every topic of the flow, one a line. Topics, subjects and rights all follow from this."""
    only_workers = ((WORKER,), (WORKER,))
    return [
        *(
            FlowTopic(
                arrears(one), "ArrearsSignal", _kept(DELETE, ARREARS_DAYS), (of_creditor(one),), (WORKER,)
            )
            for one in creditors
        ),
        FlowTopic(UNRESOLVED_SIGNALS, "UnresolvedSignal", _kept(DELETE, UNRESOLVED_DAYS), *only_workers),
        FlowTopic(RESIDENTS, "Residence", _kept(COMPACT), (REGISTER,), (WORKER,)),
        FlowTopic(HOUSEHOLD_EVENTS, "HouseholdEvent", _kept(DELETE, EVENTS_DAYS), *only_workers),
        FlowTopic(HOUSEHOLD_RISK, "HouseholdRisk", _kept(COMPACT), *only_workers),
        FlowTopic(PRIORITIES, "PriorityUpdate", UPDATES_KEPT, (WORKER,), (OUTREACH,)),
        FlowTopic(REJECTED, "Rejected", REJECTED_KEPT, (WORKER,), (OPERATOR,)),
        *(
            FlowTopic(changelog(group, name), row, _kept(COMPACT), *only_workers)
            for name, row in ROWS.items()
        ),
    ]


def topics(group: str, creditors: Sequence[str], partitions: int) -> list[Topic]:
    """Give every topic of the flow as it must be."""
    return [Topic(row.name, partitions, row.config) for row in table(group, creditors)]


def records_by_topic(group: str, creditors: Sequence[str]) -> dict[str, str]:
    """Give the record that each topic holds, for a registry's subjects."""
    return {row.name: row.record for row in table(group, creditors)}


def _rows(
    group: str, name: str, row: type[HouseholdRow] | type[RankingRow] | type[ResidentRow], registry: Registry
) -> TableSpec:
    codec = Codec(ROWS[name], changelog(group, name), registry)
    return TableSpec(
        name,
        encode=lambda value: codec.encode(value.to_record()),
        decode=lambda data: row.from_record(codec.decode(data)),
    )

"""The flow as a table: every topic and every stage, in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from eropaf.agents.roles import (
    BACKUP,
    BOARD,
    CASES,
    DESK,
    FORWARDING,
    GATEWAY,
    LOGBOEK,
    LOOKUP,
    OPERATOR,
    OUTREACH,
    REGISTER,
    REPLAYER,
    RESTORE,
    SUPERVISOR,
    WEBHOOKS,
    WORKER,
    of_creditor,
)
from eropaf.risk.rows import HouseholdRow, PartitionRow, RankingRow, ResidentRow
from eropaf.streams.operate.savepoint_scope import Scope
from eropaf.streams.operate.topics import Topic
from eropaf.streams.runtime.stage import Stage, TableSpec, changelog
from eropaf_client.schemas.epoch import DAY_MS
from eropaf_client.schemas.limits import LONGEST_MARK_DAYS
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import (
    AUDIT,
    CLAIMS,
    DOOR_SAFETY,
    EVERY,
    EXPLANATIONS,
    FINGERPRINT,
    HOUSEHOLD_EVENTS,
    HOUSEHOLD_RISK,
    OUTCOMES,
    POLICY,
    PRIORITIES,
    QUESTIONS,
    REGISTER_MISMATCHES,
    REJECTED,
    RESIDENCY_TICKS,
    RESIDENT_EVENTS,
    RESIDENTS,
    UNRESOLVED_SIGNALS,
    arrears,
    contacts,
    creditor,
    feedback,
    questions,
)
from eropaf_client.schemas.wire import Codec

DELETE = "delete"
COMPACT = "compact"

# Retention in days, each to be chosen by the municipality with its data protection officer: the law
# names no figure (domain rule "months, not years").
ARREARS_DAYS = 30
# A month, and a month to report it.
EVENTS_DAYS = 62
FEEDBACK_DAYS = 62
# By then somebody was there.
QUESTIONS_DAYS = 1
# Who opened what must be found for as long as a complaint may take.
AUDIT_DAYS = 730
UNRESOLVED_DAYS = 30
# Each day tells a later one.
TICKS_DAYS = 7
REJECTED_DAYS = 90
# Of a contact slip whose arrears nobody ended, or whose signal was refused before any household knew of it:
# a creditor that reports each month has given it twice by then.
SLIPS_DAYS = 62
# A mark is made for so long at most, and still holds on its last day.
MARKS_DAYS = LONGEST_MARK_DAYS + 2
# Every update can be read for this long; after that the latest of each household.
UPDATES_DAYS = 7

# Kafka's own, said here because no record of ours may come near it: what is read is
# EROPAF_MAX_RECORD_BYTES at most, an explanation is cut (risk/explanation.py), and the rest is some
# hundreds of bytes.
LARGEST_RECORD = 1_048_588
# A rejected record holds the whole of what it rejects, and its origin.
LARGEST_REJECTED = 2 * 1024 * 1024
# The rules keep every row below this, see MOST_POSITIONS and MOST_SIGNALS_WAITING in risk/.
LARGEST_ROW = 2 * 1024 * 1024


# A savepoint that is taken while workers run reads for some minutes what stood at one moment.
READ_WITHIN_MS = 60 * 60 * 1000


# An erasure is kept for longer than anything that outreach reported before it, or whoever reads both again
# would take that for what came after. A segment is closed after a week at the latest, and deleted as a whole.
ERASURES_DAYS = EVENTS_DAYS + 14


def _kept(policy: str, days: int | None = None, largest: int = LARGEST_RECORD) -> dict[str, str]:
    kept = {"cleanup.policy": policy, "max.message.bytes": str(largest)}
    if policy == COMPACT:
        kept["min.compaction.lag.ms"] = str(READ_WITHIN_MS if days is None else days * DAY_MS)
    elif days is not None:
        kept["retention.ms"] = str(days * DAY_MS)
    return kept


# Whoever writes chooses the timestamp: a creditor, a tool, a board, and a host of ours whose clock is wrong.
# By one that is older than the topic is kept, a record would be deleted unread; one far ahead would
# keep it for ever, and say when it was received. The broker refuses both (what lies ahead, Kafka 4 refuses by
# itself). What follows from a record is never older than a day (`kept_from`).
AHEAD_AT_MOST_MS = 60 * 60 * 1000


def _bounded(kept: dict[str, str], days: int | None = None) -> dict[str, str]:
    """Return how a topic is kept that decides what the flow does; `days` for one that others write."""
    bounds = {"message.timestamp.after.max.ms": str(AHEAD_AT_MOST_MS)}
    if days is not None:
        bounds["message.timestamp.before.max.ms"] = str(days * DAY_MS)
    return kept | bounds


def _ending(days: int) -> dict[str, str]:
    """Return how the latest of each key is deleted as well, after `days`."""
    return {"cleanup.policy": f"{COMPACT},{DELETE}", "retention.ms": str(days * DAY_MS)}


ARREARS_KEPT = _bounded(_kept(DELETE, ARREARS_DAYS), ARREARS_DAYS)
REPORTS_KEPT = _bounded(_kept(DELETE, EVENTS_DAYS), EVENTS_DAYS)
# Not compacted: of two that were written at once the first holds, for everybody and always.
KEPT_FOR_EVER = {**_kept(DELETE), "retention.ms": "-1"}
UPDATES_KEPT = {**_kept(COMPACT, UPDATES_DAYS), "delete.retention.ms": str(ERASURES_DAYS * DAY_MS)}
# The newest of each contract, and none for longer than its creditor goes on giving it.
SLIPS_KEPT = _bounded(_kept(COMPACT), SLIPS_DAYS) | _ending(SLIPS_DAYS)
# The latest of each household, and none for longer than it may hold.
# The latest of each resident, and none for longer than a signal waits for the register.
MISMATCHES_KEPT = _bounded(_kept(COMPACT)) | _ending(UNRESOLVED_DAYS)
MARKS_KEPT = _bounded(_kept(COMPACT)) | _ending(MARKS_DAYS)
REJECTED_KEPT = _kept(DELETE, REJECTED_DAYS, LARGEST_REJECTED)
ROWS_KEPT = _kept(COMPACT, largest=LARGEST_ROW)


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
        """Return every stage."""
        return (self.intake, self.residency, self.outcomes, self.household, self.ranking)


def stages(group: str, creditors: Sequence[str], registry: Registry) -> Stages:
    """Return the stages of `group` that serve `creditors`."""
    household = Stage("household", (HOUSEHOLD_EVENTS,), _rows(group, "household", HouseholdRow, registry))
    return Stages(
        intake=Stage("intake", tuple(arrears(name) for name in creditors)),
        residency=Stage(
            "residency",
            (RESIDENTS, UNRESOLVED_SIGNALS, RESIDENCY_TICKS, RESIDENT_EVENTS),
            _rows(group, "resident", ResidentRow, registry),
        ),
        outcomes=Stage("outcomes", (OUTCOMES,)),
        household=household,
        ranking=Stage("ranking", (HOUSEHOLD_RISK,), _rows(group, "ranking", RankingRow, registry), household),
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
    """Return every topic of the flow, one per line. Topics, subjects and rights all follow from this."""
    # Who gives a resident everything that is held on him must be able to read it.
    lookup, sends_on = (LOOKUP,), (FORWARDING,)
    inner, desk, read, boards = (WORKER,), (DESK,), (WORKER, DESK), (BOARD, DESK)
    puts_back, reports = (WORKER, REPLAYER), (OUTREACH, BOARD, REPLAYER)
    # Whoever makes keys of the secret: the first keeps its fingerprint, the others compare theirs with it.
    keepers = (WORKER, REGISTER, LOOKUP, FORWARDING, DESK)
    # Whoever judges by the policy reads which one is in force: its zone, its municipality.
    judges = (OPERATOR, REGISTER, WORKER, *boards, GATEWAY, *map(of_creditor, creditors))
    told, asked = _kept(DELETE, FEEDBACK_DAYS), _kept(DELETE, QUESTIONS_DAYS)
    events, latest = _bounded(_kept(DELETE, EVENTS_DAYS)), _kept(COMPACT)
    unresolved, audit = _bounded(_kept(DELETE, UNRESOLVED_DAYS)), _kept(DELETE, AUDIT_DAYS)
    ticks = _bounded(_kept(DELETE, TICKS_DAYS))
    says = {one: (of_creditor(one), GATEWAY, REPLAYER) for one in creditors}
    hears = (OUTREACH, WEBHOOKS, CASES, LOGBOEK, *boards)
    rows = [
        # A creditor reads its own topic too: where a broker has forgotten its outbox's place, only the topic
        # says what is stored.
        *(
            FlowTopic(
                arrears(one),
                "ArrearsSignal",
                ARREARS_KEPT,
                says[one],
                (*read, *lookup, *sends_on, *says[one][:2]),
            )
            for one in creditors
        ),
        *(
            FlowTopic(feedback(one), "CreditorFeedback", told, inner, (*says[one][:2], LOGBOEK, *desk))
            for one in creditors
        ),
        *(
            FlowTopic(contacts(one), "ContactSlip", SLIPS_KEPT, (*says[one][:2], *inner), desk)
            for one in creditors
        ),
        *(
            FlowTopic(questions(one), "CreditorQuestion", asked, inner, (*says[one][:2], LOGBOEK, *desk))
            for one in creditors
        ),
        FlowTopic(UNRESOLVED_SIGNALS, "UnresolvedSignal", unresolved, puts_back, (*read, *lookup)),
        FlowTopic(RESIDENCY_TICKS, "ResidencyTick", ticks, puts_back, inner),
        FlowTopic(RESIDENT_EVENTS, "HouseholdEvent", unresolved, (*puts_back, *sends_on), read),
        FlowTopic(
            RESIDENTS, "Residence", _bounded(latest), (REGISTER, *lookup, REPLAYER, *desk), (*read, *lookup)
        ),
        # Whom the register does not place here is for the desk's clerks, and for nobody who visits.
        FlowTopic(
            REGISTER_MISMATCHES,
            "RegisterMismatch",
            MISMATCHES_KEPT,
            (*lookup, *desk),
            (*lookup, *sends_on, *desk),
        ),
        FlowTopic(
            HOUSEHOLD_EVENTS, "HouseholdEvent", events, (*puts_back, OPERATOR, *desk), (*read, LOGBOEK)
        ),
        FlowTopic(OUTCOMES, "OutreachOutcome", REPORTS_KEPT, reports, (*read, BOARD, CASES)),
        FlowTopic(HOUSEHOLD_RISK, "HouseholdRisk", latest, puts_back, read),
        FlowTopic(PRIORITIES, "PriorityUpdate", UPDATES_KEPT, inner, hears),
        FlowTopic(CLAIMS, "OutreachClaim", REPORTS_KEPT, (OUTREACH, BOARD), (OUTREACH, LOGBOEK, *boards)),
        # What is unsafe to visit is for those who visit: no tool, no webhook and no creditor reads it.
        FlowTopic(DOOR_SAFETY, "DoorSafety", MARKS_KEPT, (BOARD, REGISTER), boards),
        FlowTopic(EXPLANATIONS, "Explanation", latest, inner, desk),
        FlowTopic(POLICY, "PolicyActivated", latest, (OPERATOR,), judges),
        FlowTopic(AUDIT, "AuditEntry", audit, desk, (SUPERVISOR, LOGBOEK, *desk)),
        FlowTopic(FINGERPRINT, "SecretFingerprint", KEPT_FOR_EVER, keepers, keepers),
        FlowTopic(REJECTED, "Rejected", REJECTED_KEPT, puts_back, (OPERATOR, REPLAYER, *desk)),
        FlowTopic(changelog(group, "resident"), "ResidentRow", ROWS_KEPT, inner, (*read, *sends_on)),
        FlowTopic(changelog(group, "household"), "HouseholdRow", ROWS_KEPT, inner, read),
        FlowTopic(changelog(group, "ranking"), "RankingRow", ROWS_KEPT, inner, read),
    ]
    # A savepoint is of everything but questions.
    return [
        row
        if row.name.startswith(QUESTIONS)
        else replace(row, written_by=(*row.written_by, RESTORE), read_by=(*row.read_by, BACKUP, RESTORE))
        for row in rows
    ]


def topics(group: str, flow: Stages, partitions: int) -> list[Topic]:
    """Return every topic of the flow as it must be."""
    return [Topic(row.name, partitions, row.config) for row in table(group, _creditors(flow))]


def savepoint_scope(group: str, flow: Stages) -> Scope:
    """Return what a savepoint of the flow holds.

    Whole is what people outside still read: what the flow tells them, and of which the latest
    stands; a question is of one visit, and no part of it. An input that is only passed on is held as far as
    it was not read.
    """
    inputs = {topic for stage in flow.all() for topic in stage.inputs}
    changelogs = {changelog(group, stage.table.name) for stage in flow.all() if stage.table is not None}
    copied_in_full = {
        topic.name
        for topic in topics(group, flow, 1)
        if topic.name not in changelogs
        and not topic.name.startswith(QUESTIONS)
        and (topic.name not in inputs or topic.config["cleanup.policy"] == COMPACT)
    }
    return Scope(
        group,
        flow.all(),
        frozenset(copied_in_full),
        rebuilt=frozenset({HOUSEHOLD_RISK}),
        broadcast_keys=frozenset({EVERY.encode()}),
    )


def said_outside(creditors: Sequence[str]) -> list[str]:
    """Name the topics of what people and other systems say, and no worker: none can be made again.

    Not policies, which are events of every partition as well, nor slips, which workers take away.
    """
    return [*map(arrears, creditors), RESIDENTS, OUTCOMES, CLAIMS, DOOR_SAFETY, AUDIT]


def records_by_topic(group: str, flow: Stages) -> dict[str, str]:
    """Return the record that each topic holds, for a registry's subjects."""
    return {row.name: row.record for row in table(group, _creditors(flow))}


def _creditors(flow: Stages) -> list[str]:
    return [creditor(name) for name in flow.intake.inputs]


def _rows(
    group: str, name: str, row: type[HouseholdRow] | type[RankingRow] | type[ResidentRow], registry: Registry
) -> TableSpec:
    codec = Codec(ROWS[name], changelog(group, name), registry, row, partial(_row, row))
    return TableSpec(name, codec.encode, codec.decode, tally=_counted_under if row is RankingRow else None)


def _counted_under(row: RankingRow | PartitionRow) -> str | None:
    return row.band if isinstance(row, RankingRow) else f"policy {row.policy.version}"


def _row(row: type[HouseholdRow] | type[RankingRow] | type[ResidentRow], value: dict[str, Any]) -> Any:
    # Beside its households a partition keeps the policy that holds in it.
    return row.from_record(value) if value.get("policy") is None else PartitionRow.from_record(value)

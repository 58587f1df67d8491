"""Who may do what: the rights that follow from the table of topics, and no others.

Everybody else, and everything else, is refused by the broker. Rights themselves are given by the
cluster's administrator, who has no part in the flow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eropaf.agents.roles import (
    APPENDS,
    BACKUP,
    DESK,
    GATEWAY,
    MONITOR,
    OPERATOR,
    REPLAYER,
    RESTORE,
    WORKER,
    of_creditor,
    outboxes,
)
from eropaf.agents.topology import FlowTopic
from eropaf.streams.operate.acls import (
    ALTER,
    ALTER_CONFIGS,
    CLUSTER,
    CREATE,
    DESCRIBE,
    DESCRIBE_CONFIGS,
    GROUP,
    READ,
    THE_CLUSTER,
    TOPIC,
    TRANSACTIONAL_ID,
    WRITE,
    Grant,
)
from eropaf.streams.runtime.presence import board as presence_board
from eropaf_client.schemas.topics import creditor

# Makes topics and mends their settings.
KEEPS_TOPICS = (CREATE, ALTER, ALTER_CONFIGS, DESCRIBE, DESCRIBE_CONFIGS)


def grants(table: Sequence[FlowTopic], group: str) -> list[Grant]:
    """Return every right that the flow of `group` needs."""
    return sorted(
        {*_on_topics(table), *_on_groups(table, group), *_on_the_rest(group), *_of_creditors(table)}
    )


def roles(table: Sequence[FlowTopic]) -> list[str]:
    """Return every role that the table names, and those that keep the cluster."""
    return sorted({MONITOR, OPERATOR}.union(*(row.written_by + row.read_by for row in table)))


def matrix(table: Sequence[FlowTopic], group: str) -> str:
    """Return who may do what as a table in Markdown: one row per topic, one column per role.

    W: write; R: read; D: see that it is there; K: make it and change its settings.
    """
    everybody = roles(table)
    held = {(grant.principal, grant.resource, grant.name, grant.operation) for grant in grants(table, group)}

    def cell(role: str, topic: str) -> str:
        def may(operation: str) -> bool:
            return (role, TOPIC, topic, operation) in held

        letters = "".join(letter for letter, op in (("W", WRITE), ("R", READ), ("K", ALTER)) if may(op))
        return letters + "D" if letters or may(DESCRIBE) else "-"

    lines = ["| topic | " + " | ".join(everybody) + " |", "|---" * (len(everybody) + 1) + "|"]
    for row in table:
        lines.append(f"| `{row.name}` | " + " | ".join(cell(role, row.name) for role in everybody) + " |")
    return "\n".join(lines) + "\n"


def _on_topics(table: Sequence[FlowTopic]) -> Iterator[Grant]:
    for row in table:
        for role in row.written_by:
            yield Grant(role, TOPIC, row.name, WRITE)
        for role in row.read_by:
            yield Grant(role, TOPIC, row.name, READ)
        for operation in KEEPS_TOPICS:
            yield Grant(OPERATOR, TOPIC, row.name, operation)
        yield Grant(MONITOR, TOPIC, row.name, DESCRIBE)
        # A worker checks at its start that topics are as they must be.
        yield Grant(WORKER, TOPIC, row.name, DESCRIBE)
        yield Grant(WORKER, TOPIC, row.name, DESCRIBE_CONFIGS)
        # So does an import.
        yield Grant(RESTORE, TOPIC, row.name, DESCRIBE)
        yield Grant(RESTORE, TOPIC, row.name, DESCRIBE_CONFIGS)


def _on_groups(table: Sequence[FlowTopic], group: str) -> Iterator[Grant]:
    yield Grant(WORKER, GROUP, group, READ)
    # Under its offsets workers note that they are there.
    yield Grant(WORKER, GROUP, presence_board(group), READ)
    # Offsets come back in the transaction that brings the rows back.
    yield Grant(RESTORE, GROUP, group, READ)
    # A receipt says whether a signal was taken in, an erasure who objects: how far the workers are.
    for role in (OPERATOR, MONITOR, BACKUP, GATEWAY, DESK):
        yield Grant(role, GROUP, group, DESCRIBE)
    for role in _readers(table):
        # A reader that shares its work names its groups after its role.
        yield Grant(role, GROUP, f"{role}-", READ, prefixed=True)


def _of_creditors(table: Sequence[FlowTopic]) -> Iterator[Grant]:
    """Return what a creditor's outbox needs: its place in a group that is never joined, and transactions."""
    for row in table:
        for role in row.written_by:
            if role == of_creditor(creditor(row.name)):
                own = outboxes(creditor(row.name))
                yield Grant(role, GROUP, own, READ, prefixed=True)
                yield Grant(role, TRANSACTIONAL_ID, own, WRITE, prefixed=True)


def _readers(table: Sequence[FlowTopic]) -> set[str]:
    return {role for row in table for role in row.read_by} - {WORKER, OPERATOR}


def _on_the_rest(group: str) -> Iterator[Grant]:
    yield Grant(WORKER, TRANSACTIONAL_ID, f"{group}-", WRITE, prefixed=True)
    yield Grant(REPLAYER, TRANSACTIONAL_ID, f"{group}-replay", WRITE)
    yield Grant(RESTORE, TRANSACTIONAL_ID, f"{group}-savepoint", WRITE)
    for role in (DESK, OPERATOR, WORKER):  # a worker's clock too
        yield Grant(role, TRANSACTIONAL_ID, APPENDS, WRITE, prefixed=True)
    # Sees who may do what (`eropaf acls check`); cannot change it.
    yield Grant(OPERATOR, CLUSTER, THE_CLUSTER, DESCRIBE)

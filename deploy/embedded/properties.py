"""`server.properties` of a node in a cluster of one or more."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eropaf.deploy.embedded.ports import HOST
from eropaf.deploy.embedded.security import Security


@dataclass(frozen=True, slots=True)
class Ports:
    """The two ports of one node."""

    broker: int
    controller: int


def server_properties(
    node_id: int,
    cluster: Sequence[Ports],
    data: Path,
    extra: Mapping[str, str] | None = None,
    security: Security | None = None,
) -> dict[str, str]:
    """Return the settings of node `node_id` (from 1) in a cluster with these ports.

    `extra` is merged last and wins.
    """
    own = cluster[node_id - 1]
    protocol = security.protocol if security else "PLAINTEXT"
    voters = ",".join(f"{id_}@{HOST}:{ports.controller}" for id_, ports in enumerate(cluster, start=1))
    return {
        "process.roles": "broker,controller",
        "node.id": str(node_id),
        "controller.quorum.voters": voters,
        "listeners": f"{protocol}://{HOST}:{own.broker},CONTROLLER://{HOST}:{own.controller}",
        "advertised.listeners": f"{protocol}://{HOST}:{own.broker}",
        "listener.security.protocol.map": f"{protocol}:{protocol},CONTROLLER:{protocol}",
        "inter.broker.listener.name": protocol,
        "controller.listener.names": "CONTROLLER",
        "log.dirs": str(data),
        "auto.create.topics.enable": "false",
        **_replication(len(cluster)),
        **_SMALL,
        **_GROUPS,
        **(_FAIL_OVER if len(cluster) > 1 else {}),
        **(security.properties() if security else {}),
        **(extra or {}),
    }


def render(properties: Mapping[str, str]) -> str:
    """Format settings as Java reads them: Latin-1, with other letters (in a path) escaped."""
    return "".join(f"{name}={_escaped(value)}\n" for name, value in properties.items())


def _replication(nodes: int) -> dict[str, str]:
    copies, in_sync = str(min(3, nodes)), "2" if nodes >= 3 else "1"
    return {
        "default.replication.factor": copies,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": copies,
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": in_sync,
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": in_sync,
    }


# One machine has few cores, and new clusters are started often.
_SMALL = {
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.num.partitions": "4",
    "num.network.threads": "2",
    "num.io.threads": "2",
    "log.cleaner.dedupe.buffer.size": "8388608",
}

# By default Kafka notices a dead consumer after 45 s, and tells the others of a new assignment at their next
# heartbeat, every 5 s. Here a person or a test is watching: 6 s and 0.5 s. The minimums are low, so that a
# group or a test may ask for less.
_GROUPS = {
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "500",
    "group.consumer.min.session.timeout.ms": "500",
    "group.consumer.session.timeout.ms": "6000",
    "group.consumer.min.heartbeat.interval.ms": "100",
    "group.consumer.heartbeat.interval.ms": "500",
}

# A dead broker is noticed after 2 s instead of 9, a dead controller after 1 s instead of 2.
_FAIL_OVER = {
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "500",
    "controller.quorum.election.timeout.ms": "500",
    "controller.quorum.fetch.timeout.ms": "1000",
}


def _escaped(value: str) -> str:
    # By the bytes that the system has: Java reads names as UTF-8, whatever Python's locale made of them.
    value = os.fsencode(value).decode("utf-8", "replace")
    value = value.replace("\\", "\\\\").replace("\n", "\\n")
    return "".join(char if char.isascii() else _unicode_escapes(char) for char in value)


def _unicode_escapes(char: str) -> str:
    units = char.encode("utf-16-be").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))

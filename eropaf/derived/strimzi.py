"""Topics and users as resources of the Strimzi operator, from the table of topics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from eropaf.agents.access import grants, roles
from eropaf.agents.roles import of_creditor
from eropaf.agents.topology import FlowTopic, table
from eropaf.settings import Settings
from eropaf.streams.operate import acls
from eropaf.streams.operate.acls import Grant

CLUSTER_NAME = "eropaf"
API = "kafka.strimzi.io/v1"
KINDS = {
    acls.TOPIC: "topic",
    acls.GROUP: "group",
    acls.TRANSACTIONAL_ID: "transactionalId",
    acls.CLUSTER: "cluster",
}
REPLICAS = 3
IN_SYNC = "2"
# Of one broker: bytes a second, and percents of a thread.
CREDITOR_QUOTAS = {"producerByteRate": 5_242_880, "consumerByteRate": 5_242_880, "requestPercentage": 50}


def resources(settings: Settings) -> str:
    """Return the resources as YAML."""
    rows = table(settings.group, settings.creditors)
    rights = grants(rows, settings.group)
    made = [*(_topic(row, settings.partitions) for row in rows), *_users(roles(rows), rights)]
    return "---\n".join(yaml.safe_dump(resource, sort_keys=False) for resource in made)


def _topic(row: FlowTopic, partitions: int) -> dict[str, Any]:
    return {
        "apiVersion": API,
        "kind": "KafkaTopic",
        "metadata": {"name": row.name, "labels": {"strimzi.io/cluster": CLUSTER_NAME}},
        "spec": {
            "partitions": partitions,
            "replicas": REPLICAS,
            "config": {**row.config, "min.insync.replicas": IN_SYNC},
        },
    }


def _users(names: list[str], rights: list[Grant]) -> Iterator[dict[str, Any]]:
    for name in names:
        held: dict[tuple[str, str, bool], list[str]] = {}
        for grant in rights:
            if grant.principal == name:
                held.setdefault((grant.resource, grant.name, grant.prefixed), []).append(grant.operation)
        # What one creditor may take of the brokers, whatever its password is used for.
        limits = {"quotas": CREDITOR_QUOTAS} if name.startswith(of_creditor("")) else {}
        yield {
            "apiVersion": API,
            "kind": "KafkaUser",
            "metadata": {"name": name, "labels": {"strimzi.io/cluster": CLUSTER_NAME}},
            "spec": {
                "authentication": {"type": "scram-sha-512"},
                **limits,
                "authorization": {
                    "type": "simple",
                    "acls": [
                        {"resource": _resource(*place), "operations": [_operation(op) for op in operations]}
                        for place, operations in held.items()
                    ],
                },
            },
        }


def _resource(kind: str, name: str, prefixed: bool) -> dict[str, str]:
    if kind == acls.CLUSTER:
        return {"type": KINDS[kind]}
    return {"type": KINDS[kind], "name": name, "patternType": "prefix" if prefixed else "literal"}


def _operation(operation: str) -> str:
    """Return Strimzi's spelling: DESCRIBE_CONFIGS is DescribeConfigs."""
    return operation.title().replace("_", "")

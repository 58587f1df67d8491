"""Who may do what on a cluster: listed, applied and checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from eropaf.streams.operate.answers import ANSWER_WITHIN_S, answer
from eropaf.streams.operate.batches import batches

TOPIC = "TOPIC"
GROUP = "GROUP"
TRANSACTIONAL_ID = "TRANSACTIONAL_ID"
CLUSTER = "BROKER"  # librdkafka's name for the cluster as a whole
THE_CLUSTER = "kafka-cluster"

READ, WRITE, DESCRIBE, CREATE = "READ", "WRITE", "DESCRIBE", "CREATE"
DESCRIBE_CONFIGS, ALTER_CONFIGS, ALTER, DELETE = "DESCRIBE_CONFIGS", "ALTER_CONFIGS", "ALTER", "DELETE"


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """One thing that one principal may do. `prefixed`: on every name with that prefix.

    READ and WRITE imply DESCRIBE in Kafka, so no grant repeats it.
    """

    principal: str
    resource: str
    name: str
    operation: str
    prefixed: bool = False

    def binding(self) -> AclBinding:
        """Return the grant as Kafka's client has it."""
        literal, prefixed = ResourcePatternType.LITERAL, ResourcePatternType.PREFIXED
        return AclBinding(
            restype=ResourceType[self.resource],
            name=self.name,
            resource_pattern_type=prefixed if self.prefixed else literal,
            principal=f"User:{self.principal}",
            host="*",
            operation=AclOperation[self.operation],
            permission_type=AclPermissionType.ALLOW,
        )


# Returns whether a principal is ours, so that it may have only what is granted, though no grant names it.
Ours: TypeAlias = Callable[[str], bool]


def nobody(principal: str) -> bool:
    """Return False: a principal that no grant names is not ours."""
    return False


@dataclass(frozen=True, slots=True)
class Difference:
    """What a cluster allows less or more than it should, for the principals that were checked."""

    missing: tuple[Grant, ...]
    excess: tuple[Grant, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.excess)


def compare(kafka: AdminClient, wanted: Iterable[Grant], ours: Ours = nobody) -> Difference:
    """Compare a cluster with `wanted`, for the principals it names and those that `ours` recognises.

    A principal that `ours` recognises but no grant names must have no rights. Others are not checked.
    """
    listed = set(wanted)
    named = {grant.principal for grant in listed}
    found = {grant for grant in _grants(kafka) if grant.principal in named or ours(grant.principal)}
    return Difference(tuple(sorted(listed - found)), tuple(sorted(found - listed)))


def apply(kafka: AdminClient, wanted: Iterable[Grant], ours: Ours = nobody) -> Difference:
    """Make a cluster allow exactly what `wanted` says, for the principals that `compare` checks.

    Return what was added and removed. Rights are added first, so that nothing running is interrupted.
    """
    difference = compare(kafka, wanted, ours)
    for batch in batches(difference.missing, lambda grant: 1):
        for made in kafka.create_acls([grant.binding() for grant in batch]).values():
            answer(made, ANSWER_WITHIN_S)
    # In portions: the broker compares each with every right it knows.
    for batch in batches(difference.excess, lambda grant: 10):
        for gone in kafka.delete_acls([_filter(grant.binding()) for grant in batch]).values():
            answer(gone, ANSWER_WITHIN_S)
    return difference


def _grants(kafka: AdminClient) -> list[Grant]:
    # None: any. The client's types do not say so.
    everything = AclBindingFilter(
        restype=ResourceType.ANY,
        name=None,  # type: ignore[arg-type]
        resource_pattern_type=ResourcePatternType.ANY,
        principal=None,  # type: ignore[arg-type]
        host=None,  # type: ignore[arg-type]
        operation=AclOperation.ANY,
        permission_type=AclPermissionType.ALLOW,
    )
    bindings: list[Any] = answer(kafka.describe_acls(everything), ANSWER_WITHIN_S)
    return [
        Grant(
            binding.principal.removeprefix("User:"),
            binding.restype.name,
            binding.name,
            binding.operation.name,
            binding.resource_pattern_type is ResourcePatternType.PREFIXED,
        )
        for binding in bindings
    ]


def _filter(binding: AclBinding) -> AclBindingFilter:
    return AclBindingFilter(
        restype=binding.restype,
        name=binding.name,
        resource_pattern_type=binding.resource_pattern_type,
        principal=binding.principal,
        host=binding.host,
        operation=binding.operation,
        permission_type=binding.permission_type,
    )

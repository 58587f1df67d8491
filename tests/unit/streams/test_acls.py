"""Rights are compared for whom the list names and for whoever is ours: a name that went keeps nothing."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any, cast

from confluent_kafka.admin import AclBinding, AclBindingFilter, AdminClient

from eropaf.streams.operate import acls
from eropaf.streams.operate.acls import GROUP, READ, TOPIC, WRITE, Grant

KEPT = Grant("guest-one", TOPIC, "news", READ)
LEFT = [
    Grant("guest-old", GROUP, "guest-old-", READ, prefixed=True),
    Grant("guest-old", TOPIC, "news", READ),
]
ELSEWHERE = Grant("another", TOPIC, "news", WRITE)


class Cluster:
    """An administrator's client of a cluster that holds rights."""

    def __init__(self, *held: Grant) -> None:
        self.held = set(held)

    def describe_acls(self, asked: AclBindingFilter) -> Future[list[AclBinding]]:
        return answered([grant.binding() for grant in self.held])

    def create_acls(self, bindings: list[AclBinding]) -> dict[AclBinding, Future[None]]:
        self.held |= {grant for grant in (KEPT, *LEFT) if grant.binding() in bindings}
        return {binding: answered(None) for binding in bindings}

    def delete_acls(self, filters: list[AclBindingFilter]) -> dict[AclBindingFilter, Future[None]]:
        asked = {(each.principal, each.restype, each.name, each.operation) for each in filters}
        self.held = {grant for grant in self.held if place(grant) not in asked}
        return {each: answered(None) for each in filters}


def place(grant: Grant) -> tuple[Any, ...]:
    binding = grant.binding()
    return binding.principal, binding.restype, binding.name, binding.operation


def answered(value: Any) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_result(value)
    return future


def client(cluster: Cluster) -> AdminClient:
    return cast(AdminClient, cluster)


def is_guest(principal: str) -> bool:
    return principal.startswith("guest-")


def test_whoever_is_ours_and_is_not_named_any_more_loses_all_that_it_had() -> None:
    cluster = Cluster(KEPT, *LEFT, ELSEWHERE)

    found = acls.compare(client(cluster), [KEPT], is_guest)
    assert (found.missing, found.excess) == ((), tuple(LEFT))

    acls.apply(client(cluster), [KEPT], is_guest)
    assert cluster.held == {KEPT, ELSEWHERE}
    assert not acls.compare(client(cluster), [KEPT], is_guest)


def test_what_is_missing_is_added_and_others_are_not_looked_at() -> None:
    cluster = Cluster(ELSEWHERE, *LEFT)

    found = acls.apply(client(cluster), [KEPT])

    assert (found.missing, found.excess) == ((KEPT,), ())
    assert cluster.held == {KEPT, ELSEWHERE, *LEFT}

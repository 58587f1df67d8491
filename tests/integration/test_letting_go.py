"""A silent member is let go over a connection of its own, by password and by certificate."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import Consumer

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.installation import Installation
from eropaf.deploy.embedded.security import ADMIN, Security
from eropaf.streams.operate.topics import Topic, admin, ensure
from eropaf.streams.runtime.leaving import leave
from tests.integration.processes import PATIENCE_S, until

GROUP = "counting"


def described(bootstrap: str, client: dict[str, str]) -> Any:
    kafka = admin(bootstrap, client)
    return kafka.describe_consumer_groups([GROUP])[GROUP].result(PATIENCE_S)


def joined(bootstrap: str, client: dict[str, str], protocol: str, **settings: str) -> Consumer:
    named = {name.replace("_", "."): value for name, value in settings.items()}
    member = Consumer(
        {
            **client,
            **named,
            "bootstrap.servers": bootstrap,
            "group.id": GROUP,
            "group.protocol": protocol,
            "client.id": "silent",
        }
    )
    member.subscribe(["numbers"])

    def has_all() -> bool:
        member.consume(10, 0.1)
        return len(member.assignment()) == 2

    until(has_all, PATIENCE_S, "its partitions")
    return member


@pytest.mark.kafka
@pytest.mark.parametrize("mutual_tls", [False, True])
def test_a_silent_member_is_let_go_as_clients_connect(
    tmp_path: Path, installation: Installation, mutual_tls: bool
) -> None:
    security = Security(tmp_path, [], mutual_tls=mutual_tls)
    with EmbeddedKafka(security=security, installation=installation) as kafka:
        client = security.client(ADMIN)
        ensure(admin(kafka.bootstrap, client), [Topic("numbers", 2)])
        for protocol in ("consumer", "classic"):
            for static in ({}, {"group_instance_id": "one"}):
                silent = joined(kafka.bootstrap, client, protocol, **static)
                group = described(kafka.bootstrap, client)
                assert [member.client_id for member in group.members] == ["silent"]

                leave(client, protocol, group, group.members[0])

                assert described(kafka.bootstrap, client).members == []
                leave(client, protocol, group, group.members[0])
                silent.close()


def test_a_coordinator_that_cannot_be_reached_is_an_error_with_a_reason() -> None:
    group: Any = SimpleNamespace(group_id=GROUP, coordinator=SimpleNamespace(host="127.0.0.1", port=1))
    member: Any = SimpleNamespace(member_id="m", group_instance_id=None)

    with pytest.raises(OSError, match="coordinator"):
        leave({}, "consumer", group, member)

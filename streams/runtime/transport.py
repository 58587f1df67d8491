"""Creates Kafka clients: the one seam between the plumbing and a broker.

The machine reaches Kafka only through clients created here, so that tests can substitute an in-memory broker
that answers late, twice or never (`tests/schedules`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, ConsumerGroupDescription, MemberDescription


class Transport(Protocol):
    """Creates clients from librdkafka settings. A client blocks, and belongs to one thread."""

    def consumer(self, settings: Mapping[str, Any]) -> Consumer:
        """Create a consumer."""

    def producer(self, settings: Mapping[str, Any]) -> Producer:
        """Create a producer."""

    def admin(self, settings: Mapping[str, Any]) -> AdminClient:
        """Create an admin client."""

    def let_go(
        self,
        settings: Mapping[str, str],
        protocol: str,
        group: ConsumerGroupDescription,
        member: MemberDescription,
    ) -> None:
        """Have `group` go on without `member`, which does not answer."""


class Librdkafka:
    """Clients of a real broker."""

    def consumer(self, settings: Mapping[str, Any]) -> Consumer:
        """See `Transport`."""
        return Consumer(dict(settings))

    def producer(self, settings: Mapping[str, Any]) -> Producer:
        """See `Transport`."""
        return Producer(dict(settings))

    def admin(self, settings: Mapping[str, Any]) -> AdminClient:
        """See `Transport`."""
        return AdminClient(dict(settings))

    def let_go(
        self,
        settings: Mapping[str, str],
        protocol: str,
        group: ConsumerGroupDescription,
        member: MemberDescription,
    ) -> None:
        """See `Transport`."""
        # Here, as its libraries take a tenth of a second of every start to import.
        from eropaf.streams.runtime.leaving import leave

        leave(settings, protocol, group, member)

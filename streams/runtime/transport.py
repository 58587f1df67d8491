"""Where Kafka's clients come from: the one seam between the plumbing and a broker.

Everything that the machine does to Kafka goes through clients made here, so that tests can put a
broker in memory in its place, which answers late, twice or never (`tests/schedules`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient


class Transport(Protocol):
    """Makes clients, each from librdkafka's settings. A client blocks, and belongs to one thread."""

    def consumer(self, settings: Mapping[str, Any]) -> Consumer:
        """Make a consumer."""

    def producer(self, settings: Mapping[str, Any]) -> Producer:
        """Make a producer."""

    def admin(self, settings: Mapping[str, Any]) -> AdminClient:
        """Make an administrator's client."""


class Librdkafka:
    """Clients that reach a real broker."""

    def consumer(self, settings: Mapping[str, Any]) -> Consumer:
        """See `Transport`."""
        return Consumer(dict(settings))

    def producer(self, settings: Mapping[str, Any]) -> Producer:
        """See `Transport`."""
        return Producer(dict(settings))

    def admin(self, settings: Mapping[str, Any]) -> AdminClient:
        """See `Transport`."""
        return AdminClient(dict(settings))

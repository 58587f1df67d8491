"""A client that writes transactions, and takes a new producer epoch when a response may have been lost.

A retried request may arrive twice, and the broker tells transactions apart only by their producer epoch: a
late commit ends the next transaction half filled, and late offsets move the next one's back (ADR 54). So
nothing new begins under an epoch in which a response may have been lost.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import structlog
from confluent_kafka import Producer

from eropaf_client.lost_answers import LISTENING, may_be_lost

log = structlog.get_logger(__name__)

# The most that a topic may be set to accept; larger records of ours are cut or set aside before.
LARGEST_MESSAGE_BYTES = 4 * 1024 * 1024


class TransactionalClient:
    """Creates its Kafka client with `make`, and replaces it when a response may have been lost.

    `name` is the transactional id: initialising under it aborts what a predecessor left open. The broker
    aborts a transaction that is still open after `within_s` seconds. `client` holds the settings of all our
    Kafka clients, `more` those of this one; `tells`: whether its errors are logged.
    """

    def __init__(
        self,
        make: Callable[[Mapping[str, Any]], Producer],
        bootstrap: str,
        client: Mapping[str, str],
        name: str,
        within_s: float,
        *,
        more: Mapping[str, Any] = MappingProxyType({}),
        tells: bool = False,
    ) -> None:
        self._make = make
        self._tells = tells
        self._settings = {
            **client,
            "bootstrap.servers": bootstrap,
            "transactional.id": name,
            "transaction.timeout.ms": int(within_s * 1000),
            "message.timeout.ms": int(within_s * 1000),
            # Java's partitioner: a key goes to the same partition whoever writes it.
            "partitioner": "murmur2_random",
            "compression.type": "lz4",
            "message.max.bytes": LARGEST_MESSAGE_BYTES,
            **more,
            **LISTENING,
            "logger": self,
        }
        self._in_doubt = False
        self.epochs = 0
        """How often it has introduced itself."""
        self.kafka = make(self._settings)
        """The client under its present epoch."""

    def introduce(self, within_s: float) -> None:
        """Take a new producer epoch.

        A transaction open under the old epoch is aborted, and late requests of it are refused.

        Raises:
            KafkaException: the broker refused, or did not answer; nothing is open.

        """
        if self.epochs or self._in_doubt:
            # librdkafka can initialise transactions once per client. A new client also logs every failure
            # again.
            self.kafka = self._make(self._settings)
        self._in_doubt = True
        self.kafka.init_transactions(within_s)
        self._in_doubt = False
        self.epochs += 1

    def begin(self, within_s: float) -> None:
        """Begin a transaction, under a new epoch if a response may have been lost under the last one.

        Raises:
            KafkaException: it did not begin.

        """
        self.kafka.poll(0)  # learn of connections that failed in the meantime
        if self._in_doubt:
            self.introduce(within_s)
            if self._tells:
                log.info("new producer epoch", epochs=self.epochs)
        self.kafka.begin_transaction()

    def doubt(self) -> None:
        """Record that a response may have been lost."""
        self._in_doubt = True

    def log(self, level: int, form: str, *values: object) -> None:
        """Inspect a line of the client's log for signs that a response may have been lost."""
        said = form % values
        if may_be_lost(said):
            self.doubt()
        if self._tells and level >= logging.ERROR:
            log.error("kafka client", said=said)

"""A client that writes transactions, and takes a new producer epoch where an answer was lost.

What was asked again may arrive twice, and the broker tells transactions apart by their producer's epoch
alone: the end of one, arriving late, ends the next half filled; late offsets put the next one's back
(ADR 54). So nothing more is begun under an epoch in which an answer may have been lost.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import structlog
from confluent_kafka import Producer

log = structlog.get_logger(__name__)

# A level of librdkafka's (syslog's): it tells of each connection that ends with somebody waiting.
INFORMATION = 6

# Before a connection is up nothing was asked on it. A vain attempt is told in words of its own, so no line
# that counts is taken for a repetition of one that does not, which the client would keep to itself.
NOT_CONNECTED = (" in state CONNECT", " in state TRY_CONNECT")


# As a topic may have been told to take; what of ours is larger is cut or set aside before.
LARGEST_MESSAGE_BYTES = 4 * 1024 * 1024


class TransactionalClient:
    """Makes its Kafka client by `make`, and makes it anew where an answer was lost.

    `name` is the transactional id: whoever introduces itself under it ends what its predecessor left open.
    A transaction that is still open after `within_s` seconds is aborted by the broker. `client` holds what
    every Kafka client of ours is told, `more` what this one is told besides; `tells` says whether its errors
    go into the log.
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
            # As Java's clients place a key: whoever writes it, it comes to the same partition.
            "partitioner": "murmur2_random",
            "compression.type": "lz4",
            "message.max.bytes": LARGEST_MESSAGE_BYTES,
            **more,
            # It must tell of a connection that failed, which is not worth an error to it: see `log`.
            "log_level": INFORMATION,
            "log.connection.close": True,
            "logger": self,
        }
        self._in_doubt = False
        self.epochs = 0
        """How often it has introduced itself."""
        self.kafka = make(self._settings)
        """The client under its present epoch."""

    def introduce(self, within_s: float) -> None:
        """Take a new producer epoch.

        What is open under the last one is aborted, and whatever of it comes later is refused.

        Raises:
            KafkaException: the broker refused, or did not answer; nothing is open.

        """
        if self.epochs or self._in_doubt:
            # librdkafka can introduce a client once in its life. A new one also tells of every failure anew.
            self.kafka = self._make(self._settings)
        self._in_doubt = True
        self.kafka.init_transactions(within_s)
        self._in_doubt = False
        self.epochs += 1

    def begin(self, within_s: float) -> None:
        """Begin a transaction, under a new epoch where an answer was lost under the last one.

        Raises:
            KafkaException: it was not begun.

        """
        self.kafka.poll(0)  # hear of connections that failed meanwhile
        if self._in_doubt:
            self.introduce(within_s)
            if self._tells:
                log.info("new producer epoch", epochs=self.epochs)
        self.kafka.begin_transaction()

    def doubt(self) -> None:
        """Note that an answer may have been lost."""
        self._in_doubt = True

    def log(self, level: int, form: str, *values: object) -> None:
        """Hear a line of the client's own log, and note whether an answer may have been lost.

        A request is asked again without an answer only where its connection ended (FAIL) or it was given up
        (REQTMOUT). Both are told by the thread that asks again, before it does. A connection that is closed
        because it was idle is not told of.
        """
        said = form % values
        if said.startswith("REQTMOUT ") or (
            said.startswith("FAIL ") and not any(state in said for state in NOT_CONNECTED)
        ):
            self.doubt()
        if self._tells and level >= logging.ERROR:
            log.error("kafka client", said=said)

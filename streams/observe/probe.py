"""Probes the broker from time to time, so that a stall can be told from an outage."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping

import structlog
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from eropaf.streams.errors import begin_guarded

log = structlog.get_logger(__name__)

BROKER_ASKED_EVERY_S = 2.0
BROKER_SEEN_WITHIN_S = 2.0


class Probe:
    """A metadata request for `topic`, which exists, every two seconds on its own thread."""

    def __init__(self, bootstrap: str, client: Mapping[str, str], topic: str) -> None:
        self._topic = topic
        self._kafka = AdminClient({**client, "bootstrap.servers": bootstrap, "log_level": 0})
        self._ended = threading.Event()
        self.gone_since: float | None = None
        """Seconds since 1970 UTC of the first question without an answer; None while it answers."""

    def start(self) -> None:
        """Start probing."""
        begin_guarded("probe", self._run)

    def end(self) -> None:
        """Stop probing."""
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.wait(BROKER_ASKED_EVERY_S):
            asked_at = time.time()
            try:
                self._kafka.list_topics(self._topic, timeout=BROKER_SEEN_WITHIN_S)
            except KafkaException:
                if self.gone_since is None:
                    self.gone_since = asked_at
                    log.warning("no broker answers")
            else:
                if self.gone_since is not None:
                    log.info("the broker answers again", gone_s=round(time.time() - self.gone_since, 1))
                self.gone_since = None

"""What an outreach tool sees of the demo, and how quickly."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

from eropaf.agents.roles import OPERATOR, OUTREACH
from eropaf.demo.news import News
from eropaf.demo.rehearsal import Rehearsal
from eropaf_client.cluster import Cluster
from eropaf_client.live_list import LiveList
from eropaf_client.records import PriorityUpdate
from eropaf_client.schemas.topics import REJECTED
from eropaf_client.schemas.wire import Codec
from eropaf_client.source import KafkaSource
from eropaf_client.subscriber import PrioritySubscriber
from eropaf_client.topic_reader import TopicReader

READ_WITHIN_S = 60.0


class Watcher:
    """Reads updates and rejections as they arrive; keeps the list and the figures for the summary."""

    def __init__(
        self,
        bootstrap: str,
        client: Callable[[str], Mapping[str, str]],
        news: News,
        rehearsal: Rehearsal,
    ) -> None:
        """Take each role's connection settings from `client`; tell `news` of each update of the month."""
        self._news = news
        self._rehearsal = rehearsal
        self.lock = Lock()
        """Held while the list moves: who draws it holds it too."""
        self.ranking = LiveList()
        self.updates: list[tuple[str, int, str, int]] = []
        self.rejected: Counter[str] = Counter()
        self._latencies_s: list[float] = []
        self._subscriber = PrioritySubscriber(Cluster(bootstrap, client(OUTREACH)))
        operator = Cluster(bootstrap, client(OPERATOR))
        letters: Codec[dict[str, Any]] = Codec("Rejected", REJECTED, operator.registry)
        self._letters = TopicReader(KafkaSource(operator, [REJECTED], "demo"), {REJECTED: letters.decode})

    def watch(self, stopped: Callable[[], bool]) -> None:
        """Read until `stopped()` turns true."""
        while not stopped():
            self.read(0.1)

    def to_the_end(self) -> None:
        """Read everything stored but unread; give up if no broker says how much that is."""
        deadline = time.monotonic() + READ_WITHIN_S
        while self._subscriber.behind() != 0 and time.monotonic() < deadline:
            self.read(0.1)

    def read(self, wait_s: float) -> int:
        """Read what has arrived; return the number of updates."""
        received = self._subscriber.poll(wait_s)
        now_ms = time.time() * 1000
        with self.lock:
            for each in received:
                if each.update is not None and not self._rehearsal.takes(each.update):
                    self._take(each.update, (now_ms - each.origin_at_ms) / 1000)
        for letter in self._letters.poll(0.0):
            self.rejected["set-aside" if letter.value is None else letter.value["reason"]] += 1
        return len(received)

    def _take(self, update: PriorityUpdate, took_s: float) -> None:
        self.ranking.apply(update)
        self.updates.append((update.update_id, update.sequence, update.band.value, update.urgency))
        self._latencies_s.append(took_s)
        self._news.told(update, took_s)

    def latency_s(self, share: float) -> float | None:
        """Return the latency from stored to sent, in seconds, that `share` of the updates stayed within.

        The feed waits for what it sent: a flow that is slow is fed more slowly, and no queue is in it.
        """
        if not self._latencies_s:
            return None
        ordered = sorted(self._latencies_s)
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 3)

    def summary(self) -> dict[str, Any]:
        """Return the summary."""
        return {
            "updates": len(self.updates),
            "on_the_list": len(self.ranking),
            "bands": {band.value: count for band, count in self.ranking.bands().items()},
            "latency_p50_s": self.latency_s(0.50),
            "latency_p99_s": self.latency_s(0.99),
            "rejected": dict(sorted(self.rejected.items())),
        }

    def close(self) -> None:
        """Stop reading."""
        self._subscriber.close()
        self._letters.close()

"""The way from a client to the broker and back: requests take time, and some get lost, late or doubled.

What a client gives up on may still be on its way. It arrives, and the broker believes it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaError

from tests.model.broker import Broker
from tests.model.transactions import Refusal
from tests.model.world import Host, Promise, World

# What a client asks again by itself.
PASSING = frozenset(
    {
        KafkaError.NOT_COORDINATOR,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.CONCURRENT_TRANSACTIONS,
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError.UNSTABLE_OFFSET_COMMIT,
    }
)


@dataclass(slots=True)
class Weather:
    """How bad the network is."""

    delay_s: float = 0.002
    lost: float = 0.0
    """Share of requests, and of answers, that never arrive."""
    late: float = 0.0
    """Share of requests that arrive after the client has asked again."""
    late_s: float = 1.5
    doubled: float = 0.0
    """Share of requests that arrive twice."""


@dataclass
class Network:
    """Carries requests."""

    world: World
    broker: Broker
    weather: Weather
    asks_again_after_s: float = 0.4
    backs_off_s: float = 0.02
    session_s: float = 1.0
    """How long a member may be silent."""
    never_late: frozenset[str] = frozenset({"_heartbeat", "_leave"})
    """Requests that do not arrive after they were given up: see `Transactions`."""

    def ask(
        self,
        host: Host,
        request: Callable[..., Any],
        *args: Any,
        within_s: float,
        unanswered: Callable[[], None] = lambda: None,
        **more: Any,
    ) -> Any:
        """Return the broker's answer; ask again what was not answered or may pass, for `within_s`.

        `unanswered` is called whenever something was asked twice without an answer to the first.

        Raises:
            Refusal: it was refused for good.
            TimeoutError: no answer in time.

        """
        deadline = self.world.now + within_s
        while True:
            left = deadline - self.world.now
            if left <= 0:
                raise TimeoutError
            answer = self._send(host, request, args, more, unanswered)
            try:
                return answer.result(min(left, self.asks_again_after_s))
            except TimeoutError:
                unanswered()
                continue
            except Refusal as refusal:
                if refusal.code not in PASSING:
                    raise
                self.world.wait(Promise(self.world), min(left, self.backs_off_s))

    def tell(self, host: Host, request: Callable[..., Any], *args: Any) -> Promise:
        """Send once; the answer may never come."""
        return self._send(host, request, args, {}, lambda: None)

    def _send(
        self,
        host: Host,
        request: Callable[..., Any],
        args: tuple[Any, ...],
        more: dict[str, Any],
        unanswered: Callable[[], None],
    ) -> Promise:
        answer, weather, random = Promise(self.world), self.weather, self.world.random
        name = request.__name__
        if host.cut or not host.alive or random.random() < weather.lost:
            return answer

        def arrive() -> None:
            self.world.note(host.name, name)
            try:
                value = request(*args, **more)
            except Refusal as refusal:
                self._back(host, answer.set_exception, refusal)
            else:
                self._back(host, answer.set_result, value)

        delay = random.random() * weather.delay_s
        if name not in self.never_late:
            if random.random() < weather.late:
                delay += weather.late_s * random.random()
            if random.random() < weather.doubled:
                unanswered()
                self.world.at(delay + weather.late_s * random.random(), arrive)
        self.world.at(delay, arrive)
        return answer

    def _back(self, host: Host, settle: Callable[[Any], None], value: Any) -> None:
        if not host.cut and self.world.random.random() >= self.weather.lost:
            self.world.at(self.world.random.random() * self.weather.delay_s, lambda: settle(value), host)

"""A tool that is told by webhook, its topic, and a clock that is turned by hand."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import Any

from eropaf.gateway.callers import Caller
from eropaf.gateway.webhooks.delivery import Delivery, send_dead
from eropaf.gateway.webhooks.event import Event
from eropaf.gateway.webhooks.post import Result, Tried
from eropaf.gateway.webhooks.tool import Tool
from eropaf_client.inbox import Inbox
from eropaf_client.journal import Journal
from eropaf_client.records import PriorityUpdate
from eropaf_client.schemas.errors import RegistryUnavailable
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import PRIORITIES
from eropaf_client.schemas.wire import Codec
from tests.fakes import FakeSource
from tests.unit.gateway.test_gateway_outreach import ENCODE

SOURCE = "urn:nld:oin:00000001823288444000:systeem:eropaf"
DECODE = Codec("PriorityUpdate", PRIORITIES, LocalRegistry()).decode
NOON_S = 1_772_442_000.0
TOOL = Tool(
    Caller(outreach="door-tool", areas=("1011",), webhook="https://tool.example.org/updates"),
    "https://tool.example.org/updates",
    (b"a secret of the tests, at length",),
)


def decode(value: bytes) -> PriorityUpdate:
    return PriorityUpdate.from_record(DECODE(value))


class Later(Executor):
    """Runs what is submitted when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], Any]] = []

    def submit(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.waiting.append(call)
        return Future()

    def run(self) -> None:
        for call in self.waiting:
            call()
        self.waiting.clear()


class World:
    """A topic, a receiver that may be away or refuse, and what tells it."""

    def __init__(self, folder: Path, partitions: int = 1) -> None:
        self.source = FakeSource(partitions)
        self.path = folder / "door-tool.journal"
        self.now_s = NOON_S
        self.away = False
        self.registry_away = False
        self.after_s = 0.0
        self.refuses: set[str] = set()
        self.breaks_on: set[str] = set()
        self.got: list[dict[str, Any]] = []
        self.bodies: dict[str, set[bytes]] = {}
        self.tries: Counter[str] = Counter()
        self._sequences: Counter[int] = Counter()
        self._heard = 0
        self.start()

    def start(self) -> None:
        self.journal = Journal(self.path)
        self.pool = Later()
        inbox = Inbox(self.source, self.decode, self.journal, clock=lambda: self.now_s)
        self.delivery = Delivery(
            tool=TOOL, source=SOURCE, inbox=inbox, journal=self.journal, post=self.post, pool=self.pool,
            now=lambda: self.now_s,
        )  # fmt: skip

    def kill(self, *, answered: bool) -> list[str]:
        """End it as kill -9 does; `answered`: what was under way reached the tool.

        Return what the tool has and nobody heard that it has.
        """
        if answered:
            self.pool.run()
        self.journal.close()
        self.start()
        return self.ids()[self._heard :]

    def decode(self, value: bytes) -> PriorityUpdate:
        if self.registry_away:
            raise RegistryUnavailable("the registry is away")
        return decode(value)

    def post(self, event: Event) -> Tried:
        self.tries[event.id] += 1
        self.bodies.setdefault(event.id, set()).add(event.body)
        if self.away or event.id in self.breaks_on:
            return Tried(Result.AWAY, "503", self.after_s)
        if event.id in self.refuses:
            return Tried(Result.REFUSED, "422")
        self.got.append(json.loads(event.body))
        return Tried(Result.TOLD, "204")

    def tell(self, number: int, area: str = "1011") -> str:
        """Write a household's next update; return its id."""
        self._sequences[number] += 1
        sequence = self._sequences[number]
        place = len(self.source.logs[number % len(self.source.logs)])
        told = {
            "update_id": f"{number}-{place}", "household": f"{number:032x}", "sequence": sequence,
            "address": {"postcode": f"{area}AB", "house_number": number, "addition": ""}, "area": area,
            "urgency": 5_000 - number, "band": "HIGH", "respond_by": 20_600, "change": "RAISED",
            "policy_version": "v", "event_at": 1_772_442_000_000, "overruled": False, "action": "PHONE",
            "respond_by_norm": None,
        }  # fmt: skip
        self.source.write(f"{number:032x}", ENCODE(told), number % len(self.source.logs))
        return f"{number}-{place}"

    def forget(self, number: int) -> str:
        """Write a household's erasure; return the id of its event."""
        self._sequences[number] = 0
        partition = number % len(self.source.logs)
        self.source.write(f"{number:032x}", None, partition)
        return f"{number:032x}-{partition}-{len(self.source.logs[partition]) - 1}"

    def goes_on(self, steps: int = 1) -> None:
        for _ in range(steps):
            self.delivery.step()
            self._heard = len(self.got)
            self.pool.run()

    def passes(self, hours: float, every_s: float = 300.0) -> None:
        """Let time pass, and let it do what is due."""
        ends = self.now_s + hours * 3600
        while self.now_s < ends:
            self.now_s += every_s
            self.goes_on(3)

    def is_back(self) -> None:
        """Let the tool take everything, for as long as there is something to tell."""
        self.away, before = False, -1
        while len(self.got) > before:
            before = len(self.got)
            self.passes(0.5)
            self.goes_on(200)

    def ids(self) -> list[str]:
        return [each["id"] for each in self.got]

    def replay(self, areas: tuple[str, ...] = ("1011",)) -> int:
        tool = replace(TOOL, caller=TOOL.caller.model_copy(update={"areas": areas}))
        return send_dead(self.journal, decode, SOURCE, self.post, tool)

"""Webhooks on a real cluster: kill -9 at random and a tool that comes and goes; the oracle judges."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eropaf.agents.topology import stages, topics
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.gateway.webhooks.delivery import HOUSEHOLDS_AT_ONCE
from eropaf.streams.operate.topics import admin, ensure
from eropaf_client.cluster import Cluster
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import PRIORITIES
from eropaf_client.sending import Sender
from tests.integration.processes import PATIENCE_S, Process, until
from tests.local_server import LocalHandler, LocalServer

pytestmark = pytest.mark.kafka

HOUSEHOLDS = 40
UPDATES_OF_EACH = 12
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # the standard's own example


class Receiver(LocalServer):
    """A tool, which now and then takes nothing."""

    def __init__(self) -> None:
        super().__init__(Handler)
        self.away = False
        self.got: list[dict[str, Any]] = []


class Handler(LocalHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.body()
        if not self.server.away:
            self.server.got.append(json.loads(body))
        self.answer(503 if self.server.away else 204, "text/plain", b"")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver().serving() as made:
        yield made


class Webhooks:
    """`eropaf webhooks run`, which may be killed and started again."""

    def __init__(self, kafka: EmbeddedKafka, folder: Path, receiver: Receiver) -> None:
        (folder / "callers.toml").write_text(
            f'[[caller]]\noutreach = "door-tool"\nareas = ["1011"]\nwebhook = "{receiver.origin}/"\n',
            "utf-8",
        )
        (folder / "door-tool.secret").write_text(SECRET, "ascii")
        self._log = folder / "webhooks.log"
        self._environment = {
            "EROPAF_BOOTSTRAP": kafka.bootstrap,
            "EROPAF_GATEWAY_CALLERS": str(folder / "callers.toml"),
            "EROPAF_GATEWAY_ADDRESS": "https://eropaf.example.org",
            "EROPAF_WEBHOOK_SOURCE": "urn:nld:oin:00000001823288444000:systeem:eropaf",
            "EROPAF_WEBHOOK_SECRETS": str(folder),
            "EROPAF_WEBHOOK_STATE_DIR": str(folder),
        }
        self.process = self.start()

    def start(self) -> Process:
        return Process(["-m", "eropaf.main", "webhooks", "run"], self._log, **self._environment)

    def kill_and_start(self) -> None:
        self.process.kill()
        self.process = self.start()


def update(number: int, sequence: int, area: str) -> dict[str, Any]:
    return {
        "update_id": f"{number}-{sequence}", "household": f"{number:032x}", "sequence": sequence,
        "address": {"postcode": f"{area}AB", "house_number": number + 1, "addition": ""}, "area": area,
        "urgency": 5_000, "band": "HIGH", "respond_by": 20_600, "change": "RAISED", "policy_version": "v",
        "event_at": 1_772_442_000_000, "overruled": False, "action": "PHONE", "respond_by_norm": None,
    }  # fmt: skip


def test_killed_at_random_a_tool_is_told_all_of_its_areas_and_in_order(
    fresh: EmbeddedKafka, tmp_path: Path, receiver: Receiver
) -> None:
    chance = random.Random(23)
    ensure(admin(fresh.bootstrap, {}), topics("eropaf", stages("eropaf", ["rent"], LocalRegistry()), 3))
    areas = {number: "1012" if number % 5 == 0 else "1011" for number in range(HOUSEHOLDS)}
    meant = {
        number: [f"{number}-{sequence}" for sequence in range(1, UPDATES_OF_EACH + 1)]
        for number, area in areas.items()
        if area == "1011"
    }
    webhooks = Webhooks(fresh, tmp_path, receiver)
    wanted = {each for ids in meant.values() for each in ids}

    def hears_some(sequence: int) -> None:
        more = min(len(receiver.got) + chance.randrange(1, 60), len(meant) * sequence)
        until(lambda: len(receiver.got) >= more, PATIENCE_S, "some are told")

    try:
        with Sender(Cluster(fresh.bootstrap), PRIORITIES, "PriorityUpdate") as sender:
            for sequence in range(1, UPDATES_OF_EACH + 1):
                for number, area in areas.items():
                    sender.store(f"{number:032x}", sender.encode(update(number, sequence, area)))
                if sequence in (4, 8):
                    receiver.away = False
                    hears_some(sequence)
                    receiver.away = sequence == 4
                    webhooks.kill_and_start()
        receiver.away = False
        hears_some(UPDATES_OF_EACH)
        webhooks.kill_and_start()
        until(lambda: {each["id"] for each in receiver.got} >= wanted, PATIENCE_S, "everything is told")
    finally:
        webhooks.process.kill()

    told = [each["id"] for each in receiver.got]
    assert set(told) == wanted
    for number, ids in meant.items():
        mine = [each["id"] for each in receiver.got if each["subject"] == f"{number:032x}"]
        assert list(dict.fromkeys(mine)) == ids
    at_most = 3 * HOUSEHOLDS_AT_ONCE
    assert len(told) - len(wanted) <= at_most, "what was under way at a kill comes twice, nothing else"
    assert len({json.dumps(each, sort_keys=True) for each in receiver.got}) == len(wanted)

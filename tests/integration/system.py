"""Eropaf as an operator runs it, on a broker of its own, and what a test does with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from confluent_kafka import IsolationLevel, KafkaException

from eropaf.agents.topology import Stages, stages, topics
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.ports import choose, first_free
from eropaf.risk.told import PriorityUpdate
from eropaf.streams.operate import reading
from eropaf.streams.operate.topics import admin
from eropaf_client.reading import read_all
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import HOUSEHOLD_EVENTS, PRIORITIES
from eropaf_client.schemas.wire import Codec
from tests.builders import SECRET
from tests.integration.processes import PATIENCE_S, Process, ended, until
from tests.journal import Journal, are_past, asking_for, come_to_rest, committed

PARTITIONS = 8
# For all stages, one after the other.
REST_WITHIN_S = 300.0
CHANGELOG = "eropaf-household-changelog"


class System:
    """Eropaf as an operator runs it: `eropaf run` with two workers."""

    def __init__(self, kafka: EmbeddedKafka, folder: Path, *, started: bool = True, **settings: str) -> None:
        self.bootstrap = kafka.bootstrap
        self.folder = folder
        self.environment = {
            "EROPAF_BOOTSTRAP": kafka.bootstrap,
            "EROPAF_HOUSEHOLD_SECRET": SECRET.decode(),
            "EROPAF_METRICS_PORT": str(first_free(choose(1)[0], 2)),
            "EROPAF_CLOCK": "none",
            # For the national model's own example: BSNs that are nobody's.
            "EROPAF_TEST_NUMBERS": "true",
            # As where the municipality has put the numbers in: the example has them of energy and water.
            "EROPAF_BSN_FROM": "RENT,HEALTH,ENERGY,WATER",
            "EROPAF_CREDITORS": "rent,health,energy,water,benefits,other",
            **settings,
        }
        if started:
            self.workers = self.start()

    @property
    def flow(self) -> Stages:
        """The stages that its workers run."""
        return stages("eropaf", self.environment["EROPAF_CREDITORS"].split(","), LocalRegistry())

    def start(self, **settings: str) -> Process:
        """Start `eropaf run`, with `settings` on top."""
        return Process(["-m", "eropaf.main", "run"], self.folder / "run.log", **(self.environment | settings))

    def restart(self, **settings: str) -> None:
        """End `eropaf run` in order, and start it with `settings` on top; return when it reads again."""
        self.stop()
        opened = self.workers.said.count("partitions open")
        self.workers = self.start(**settings)
        self.until_reading(opened)

    def stop(self) -> None:
        """End `eropaf run` in order."""
        self.workers.popen.terminate()
        assert self.workers.wait(PATIENCE_S) == 0, self.workers.said

    def until_reading(self, opened: int = 0, within_s: float = PATIENCE_S) -> None:
        """Wait until partitions were opened more often than `opened` times."""
        self.workers.until(
            lambda: self.workers.said.count("partitions open") > opened, within_s, "workers reading"
        )

    def command(self, *arguments: str, status: int = 0, within_s: float = PATIENCE_S) -> str:
        """Run `eropaf` with `arguments`; give what it wrote."""
        process = Process(["-m", "eropaf.main", *arguments], self.folder / "command.log", **self.environment)
        before = len(process.said)
        with ended(process):
            assert process.wait(within_s) == status, process.said
        return process.said[before:]

    def read(self, topic: str, record: str) -> list[tuple[bytes, dict[str, Any]]]:
        """Read what `topic` holds for good, keys and values: of a changelog the rows that stand."""
        codec = Codec(record, topic, LocalRegistry())
        found: list[tuple[bytes, dict[str, Any]]] = []
        for message in read_all(self.bootstrap, topic):
            if message.value() is not None:
                found.append((message.key() or b"", codec.decode(message.value())))
            elif topic.endswith("-changelog"):
                found = [row for row in found if row[0] != message.key()]
        return found

    def updates(self) -> list[PriorityUpdate]:
        """Return the updates told so far."""
        return [PriorityUpdate.from_record(value) for _, value in self.read(PRIORITIES, "PriorityUpdate")]

    def newest(self, topic: str, key: str) -> list[bytes | None]:
        """Return the value of the newest record of `key`, alone in a list; None: a tombstone."""
        records = [
            record.value() for record in read_all(self.bootstrap, topic) if record.key() == key.encode()
        ]
        return records[-1:]

    def rows(self) -> set[str]:
        """Return the households of which something is kept."""
        return {key.decode() for key, _ in self.read(CHANGELOG, "HouseholdRow")}

    def quiet(self, events: int) -> None:
        """Wait until all is read, `events` at least have been folded, and every risk of them was ranked."""
        until(
            lambda: len(self.read(HOUSEHOLD_EVENTS, "HouseholdEvent")) >= events,
            PATIENCE_S,
            f"{events} events",
        )
        self.at_rest()

    def at_rest(self) -> None:
        """Wait until the workers have saved what follows from all that was sent, and all of it shows."""
        flow, kafka = self.flow, admin(self.bootstrap, {})
        journal = Journal(self.bootstrap, [topic for stage in flow.all() for topic in stage.inputs])
        names = [topic.name for topic in topics("eropaf", flow, PARTITIONS)]
        everywhere = [tp for name in names for tp in reading.partitions(kafka, name)]
        asking = asking_for(self.bootstrap, "eropaf")

        def hides() -> bool:
            """Say whether the marks of a transaction are missing somewhere: they come one by one."""
            every = reading.ends(kafka, everywhere, IsolationLevel.READ_UNCOMMITTED)
            return reading.ends(kafka, everywhere) != every

        def taken_in(last: Mapping[tuple[str, int], int]) -> bool:
            try:
                return are_past(committed(asking, last), last)
            except KafkaException:  # the group's coordinator is being looked for
                return False

        until(come_to_rest(journal.ends, hides, taken_in), REST_WITHIN_S, "all at rest")


@contextmanager
def running(kafka: EmbeddedKafka, folder: Path, **settings: str) -> Iterator[System]:
    """Run the system; end it in order."""
    system = System(kafka, folder, started=True, **settings)
    try:
        system.until_reading()
        yield system
        system.stop()
    finally:
        system.workers.kill()

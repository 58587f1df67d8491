"""What a broker keeps for us: changelogs that were compacted or are empty, offsets that are gone."""

from __future__ import annotations

import time
from collections.abc import Mapping

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import (
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from eropaf.streams.runtime.stage import changelog
from tests.chaos.faults.fault import Fault, Struck
from tests.chaos.system import PARTITIONS, System
from tests.integration.processes import PATIENCE_S, until

COMPACTED_WITHIN_S = 60.0
REFUSED_WITHIN_S = 60.0
# Every segment is closed soon, and every closed one is worth cleaning.
EAGER = {
    "segment.ms": "500",
    "min.compaction.lag.ms": "0",
    "min.cleanable.dirty.ratio": "0.0",
    "delete.retention.ms": "0",
}


class CompactedChangelog(Fault):
    """The cleaner has just gone over the changelog when its rows must be read back."""

    kind = "a changelog just compacted, and kill -9"
    strikes = frozenset({Struck.STATE, Struck.WORKERS})

    def inject(self, system: System, target: int) -> None:
        self.topic = changelog(system.settings.group, "household")
        self.own = self._settings(system)
        before = _cleaned_to(system, self.topic)
        self._set(system, EAGER)
        until(
            lambda: (
                all(
                    offset > before.get(place, -1)
                    for place, offset in _cleaned_to(system, self.topic).items()
                )
                and len(_cleaned_to(system, self.topic)) == PARTITIONS
            ),
            COMPACTED_WITHIN_S,
            "the changelog is compacted",
        )
        system.worker(target).kill()

    def cure(self, system: System) -> None:
        # The topic's own, not the broker's: whoever starts workers later refuses a topic that is otherwise.
        self._set(system, self.own)

    def _settings(self, system: System) -> dict[str, str]:
        resource = ConfigResource(ResourceType.TOPIC, self.topic)
        told = system.ask(lambda admin: admin.describe_configs([resource])[resource].result(PATIENCE_S))
        return {name: str(told[name].value) for name in EAGER}

    def _set(self, system: System, settings: Mapping[str, str]) -> None:
        change = AlterConfigOpType.SET
        entries = [ConfigEntry(name, value, incremental_operation=change) for name, value in settings.items()]
        resource = ConfigResource(ResourceType.TOPIC, self.topic, incremental_configs=entries)
        system.ask(lambda admin: admin.incremental_alter_configs([resource])[resource].result(PATIENCE_S))


class EmptyChangelog(Fault):
    """A changelog has an end, and holds no row up to it: only a deletion of what never was."""

    kind = "a changelog without a row, and kill -9"
    strikes = frozenset({Struck.STATE, Struck.WORKERS})

    def inject(self, system: System, target: int) -> None:
        topic = changelog(system.settings.group, "resident")
        producer = Producer({"bootstrap.servers": system.kafka.bootstrap, "log_level": 0})
        for partition in range(PARTITIONS):
            producer.produce(topic, key=b"nobody", value=None, partition=partition)
        producer.flush()
        system.worker(target).kill()


class LostOffsets(Fault):
    """The group's offsets are deleted: workers must refuse to start, and go on once they are back."""

    kind = "the group's offsets lost, and restored"
    strikes = frozenset({Struck.STATE, Struck.WORKERS})

    def inject(self, system: System, target: int) -> None:
        system.stop_workers()
        group = system.settings.group
        inputs = [topic for stage in system.flow.all() for topic in stage.inputs]
        self.offsets = {place: offset for place, offset in system.offsets(inputs).items() if offset >= 0}
        _until_done(
            lambda: system.ask(lambda admin: admin.delete_consumer_groups([group])[group].result(PATIENCE_S))
        )
        said = len(system.workers_said)
        system.run_workers()
        until(
            lambda: system.workers_said[said:].count("OffsetsLost") >= 2,
            REFUSED_WITHIN_S,
            "the workers refuse to start",
        )
        system.stop_workers()

    def cure(self, system: System) -> None:
        group = system.settings.group
        saved = [TopicPartition(*place, offset) for place, offset in self.offsets.items()]
        asked = ConsumerGroupTopicPartitions(group, saved)
        _until_done(
            lambda: system.ask(
                lambda admin: admin.alter_consumer_group_offsets([asked])[group].result(PATIENCE_S)
            )
        )
        system.run_workers()


def _until_done(call: object, within_s: float = 120.0) -> None:
    """Do what the broker refuses while it still counts members of the group."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            call()  # type: ignore[operator]
        except KafkaException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def _cleaned_to(system: System, topic: str) -> dict[int, int]:
    """Return how far the brokers' cleaners have come, by partition, as they note it themselves."""
    found: dict[int, int] = {}
    for node in system.kafka.nodes:
        note = node.plan.folder / "data" / "cleaner-offset-checkpoint"
        if note.exists():
            for line in note.read_text("ascii").splitlines()[2:]:
                name, partition, offset = line.split()
                if name == topic:
                    found[int(partition)] = max(found.get(int(partition), 0), int(offset))
    return found


STATE: tuple[type[Fault], ...] = (CompactedChangelog, EmptyChangelog, LostOffsets)

"""What of a flow a savepoint holds."""

from __future__ import annotations

from dataclasses import dataclass

from eropaf.streams.runtime.stage import Stage, changelog


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a flow a savepoint holds.

    Rows of every table, and of each stage's inputs what was not read yet, are always held.
    """

    group: str
    stages: tuple[Stage, ...]
    copied_in_full: frozenset[str]
    """Topics that are held from their beginning, because somebody else reads them too."""
    rebuilt: frozenset[str]
    """Inputs that only stages with a table write: after an undo, they write them again."""
    broadcast_keys: frozenset[bytes] = frozenset()
    """Keys with a row of their own in each partition; every other row is in its key's partition alone."""

    def changelogs(self) -> list[str]:
        """Name the topics that hold the tables' rows."""
        return [changelog(self.group, stage.table.name) for stage in self.stages if stage.table]

    def inputs(self) -> list[str]:
        """Name every topic that some stage reads."""
        return [topic for stage in self.stages for topic in stage.inputs]

    def is_broadcast(self, topic: str, key: bytes | None) -> bool:
        """Return whether each partition of `topic` has a record of its own under `key`.

        What only speaks of such a record, as its dead letter does, bears the key and is one record.
        """
        return key in self.broadcast_keys and (topic in self.behind_rows() or topic in self.changelogs())

    def behind_rows(self) -> set[str]:
        """Name the inputs of stages with a table: a record of theirs belongs in its key's partition."""
        return {topic for stage in self.stages if stage.table for topic in stage.inputs}

"""Which partitions this worker holds, which of them it may read, and under which assignment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from eropaf.streams.runtime.stage import Stage, chains
from eropaf.streams.topic_partition import TP


@dataclass(frozen=True, slots=True)
class Shard:
    """Inputs that are opened and closed together, because the same rows stand behind them.

    A stage with a table has one shard a partition number, as has a chain of stages; a stage without, one an
    input partition.
    """

    stage: Stage
    """The first of its chain."""
    partition: int
    inputs: tuple[TP, ...]


class Ownership:
    """Follows assignments and revocations; knows nothing of Kafka.

    Every time a shard is taken it gets a new term, so that a restore which was started under an
    earlier assignment cannot open rows under a later one.
    """

    def __init__(self, stages: Iterable[Stage]) -> None:
        stages = list(stages)
        self._stage_of: dict[str, Stage] = {}
        self._chains = chains(stages)
        for stage in stages:
            for topic in stage.inputs:
                if topic in self._stage_of:
                    raise ValueError(f"{topic} is read by {stage.name} and by {self._stage_of[topic].name}")
                self._stage_of[topic] = stage
        self._assigned: set[TP] = set()
        self._terms: dict[Shard, int] = {}
        self._open: set[Shard] = set()
        self._readable: set[TP] = set()
        self._next_term = 1
        self._shards: dict[TP, Shard] = {}

    @property
    def assigned(self) -> frozenset[TP]:
        """Every partition that the group gave us."""
        return frozenset(self._assigned)

    @property
    def opened(self) -> frozenset[Shard]:
        """Shards that may be read."""
        return frozenset(self._open)

    @property
    def opening(self) -> int:
        """Number of shards that are taken and not open yet."""
        return len(self._terms) - len(self._open)

    def stage(self, tp: TP) -> Stage:
        """Return the stage that reads `tp`."""
        return self._stage_of[tp.topic]

    def chain(self, shard: Shard) -> tuple[Stage, ...]:
        """Return the stages of `shard`."""
        return self._chains[shard.stage]

    def shard(self, tp: TP) -> Shard:
        """Return the shard that `tp` belongs to."""
        shard = self._shards.get(tp)
        if shard is None:
            head = self._stage_of[tp.topic].head
            chain = self._chains[head]
            alone = len(chain) == 1 and head.table is None
            together = (tp.topic,) if alone else tuple(topic for stage in chain for topic in stage.inputs)
            shard = Shard(head, tp.partition, tuple(TP(topic, tp.partition) for topic in together))
            self._shards[tp] = shard
        return shard

    def assign(self, tps: Iterable[TP]) -> list[tuple[Shard, int]]:
        """Take `tps`; give the shards that are now complete and must be opened, with their terms."""
        tps = list(tps)
        self._assigned.update(tps)
        taken = []
        for shard in dict.fromkeys(self.shard(tp) for tp in tps):
            if shard not in self._terms and self._assigned.issuperset(shard.inputs):
                self._terms[shard] = self._next_term
                taken.append((shard, self._next_term))
                self._next_term += 1
        return taken

    def open(self, shard: Shard, term: int) -> bool:
        """Open `shard` for reading, unless it was revoked since it was taken under `term`."""
        if self._terms.get(shard) != term:
            return False
        self._open.add(shard)
        self._readable.update(shard.inputs)
        return True

    def revoke(self, tps: Iterable[TP]) -> list[Shard]:
        """Give up `tps`; return the shards that were open and now close."""
        tps = list(tps)
        self._assigned.difference_update(tps)
        closing = []
        for shard in dict.fromkeys(self.shard(tp) for tp in tps):
            self._terms.pop(shard, None)
            if shard in self._open:
                self._open.remove(shard)
                self._readable.difference_update(shard.inputs)
                closing.append(shard)
        return closing

    def holds(self, shard: Shard, term: int) -> bool:
        """Return whether `shard` is still ours under `term`."""
        return self._terms.get(shard) == term

    def taken(self, shard: Shard) -> bool:
        """Return whether `shard` is ours, open or not."""
        return shard in self._terms

    def term(self, tp: TP) -> int:
        """Return the assignment under which `tp` is open, or 0 where it is not."""
        return self._terms.get(self.shard(tp), 0) if tp in self._readable else 0

    def may_read(self, tp: TP) -> bool:
        """Return whether records of `tp` may be handed to its agent."""
        return tp in self._readable

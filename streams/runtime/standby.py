"""Which partitions a worker keeps rows ready for: those it would be given, were another host lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from itertools import combinations
from typing import Any, NamedTuple

from eropaf.streams.config import StreamsConfig
from eropaf.streams.runtime.lanes import Lanes
from eropaf.streams.runtime.ownership import Ownership, Shard
from eropaf.streams.runtime.stage import Stage, TableSpec, chains, changelog
from eropaf.streams.state.restore import Kept, Restorer
from eropaf.streams.state.table import TablePartition
from eropaf.streams.topic_partition import TP

# How long what was given up is followed, wherever it goes.
KEPT_FOR_S = 5.0
NOTED_EVERY_S = 5.0
FOLLOWS_EVERY_S = 1.0


class Peer(NamedTuple):
    """A member of the group; sorted as the range assignor goes through them, static ones first."""

    dynamic: bool
    place: str
    """Its instance id, or its member id."""
    worker: str


def host_of(worker: str) -> str:
    """Return where a worker runs: all that stands before the number in its name; one without is by itself."""
    return worker.rpartition("-")[0] or worker


def inherited(peers: Sequence[Peer], worker: str, partitions: int, hosts_lost: int) -> set[int]:
    """Return which of `partitions` numbers `worker` would be given, were any so many other hosts lost."""
    others = sorted({host_of(peer.worker) for peer in peers} - {host_of(worker)})
    if not others or all(peer.worker != worker for peer in peers):
        return set()
    found: set[int] = set()
    for lost in combinations(others, min(hosts_lost, len(others))):
        left = [peer.worker for peer in sorted(peers) if host_of(peer.worker) not in lost]
        found.update(given(left.index(worker), len(left), partitions))
    return found


def given(place: int, members: int, partitions: int) -> range:
    """Return what the range assignor gives the member in this place: the first ones get what is over."""
    each, over = divmod(partitions, members)
    first = place * each + min(place, over)
    return range(first, first + each + (place < over))


class Standby:
    """Has the restorer keep the rows ready that this worker may be given next. Every method returns at once.

    What it gives up it goes on following for a while, from where it was written last: most of it comes back
    at once under the classic protocol, where each change of the group takes everything from everybody.
    """

    def __init__(
        self,
        config: StreamsConfig,
        stages: Iterable[Stage],
        ownership: Ownership,
        restorer: Restorer,
        lanes: Lanes,
    ) -> None:
        self._hosts_lost = config.standbys
        self._group, self._worker = config.group, config.worker
        self._ownership = ownership
        self._restorer = restorer
        self._lanes = lanes
        self._kept_until = self._follows_at = self._notes_at = 0.0
        self._reading: list[Future[None]] = []
        self._noting: tuple[Mapping[TP, int], Future[dict[TP, int]]] | None = None
        self._written_to: dict[TP, int] = {}
        self._chains = chains(stages)

    def look(self, now: float, peers: Sequence[Peer]) -> None:
        """Follow what this worker would be given next; read on what it follows."""
        self._note(now)
        for done in [future for future in self._reading if future.done()]:
            self._reading.remove(done)
            done.result()
        if self._reading:
            return
        followed = self._restorer.followed
        # Asked at each tick, it would cost more than what ticks are for.
        if now >= max(self._kept_until, self._follows_at):
            self._follows_at = now + FOLLOWS_EVERY_S
            wanted = self._wanted(peers)
            if wanted.keys() != followed:
                self._submit(self._restorer.follow, wanted)
                return
        if followed:
            self._submit(self._restorer.keep_up)

    def keep(self, now: float, given_up: Mapping[Shard, Mapping[str, TablePartition[Any]]]) -> None:
        """Go on following what is given up, all of which is saved."""
        self._kept_until = now + KEPT_FOR_S
        tables = {
            TP(changelog(self._group, name), shard.partition): table
            for shard, of_shard in given_up.items()
            for name, table in of_shard.items()
        }
        kept = {
            tp: Kept(table, self._written_to.pop(tp))
            for tp, table in tables.items()
            if tp in self._written_to
        }
        if kept:
            self._submit(self._restorer.keep, kept)

    def _submit(self, call: Callable[..., None], *given: Any) -> None:
        self._reading.append(self._lanes.submit("restore", call, *given))

    def _note(self, now: float) -> None:
        """Note how far the changelogs go of what is open: whatever stands there, its rows have."""
        if self._noting is not None and self._noting[1].done():
            (terms, ends), self._noting = self._noting, None
            still = self._terms()
            self._written_to = {tp: at for tp, at in ends.result().items() if still.get(tp) == terms[tp]}
        if self._noting is None and now >= self._notes_at and (terms := self._terms()):
            self._notes_at = now + NOTED_EVERY_S
            self._noting = terms, self._lanes.submit("ends", self._restorer.written_to, list(terms))

    def _terms(self) -> dict[TP, int]:
        """Return the changelogs behind open shards, each with the assignment under which it is open."""
        return {
            TP(topic, shard.partition): self._ownership.term(shard.inputs[0])
            for shard in self._ownership.opened
            for topic in self._changelogs(shard.stage)
        }

    def _wanted(self, peers: Sequence[Peer]) -> dict[TP, TableSpec]:
        found: dict[TP, TableSpec] = {}
        if not self._hosts_lost or not peers:
            return found
        for head in self._chains:
            count = self._restorer.partitions.get(head.inputs[0], 0)
            for number in inherited(peers, self._worker, count, self._hosts_lost):
                if not self._ownership.taken(self._ownership.shard(TP(head.inputs[0], number))):
                    found |= {TP(topic, number): spec for topic, spec in self._changelogs(head).items()}
        return found

    def _changelogs(self, head: Stage) -> dict[str, TableSpec]:
        tables = [stage.table for stage in self._chains[head] if stage.table is not None]
        return {changelog(self._group, table.name): table for table in tables}

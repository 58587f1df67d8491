"""Who else of the group is there: every worker notes it five times a second; a silent host is let go.

A group gives a dead member's partitions to others once its session is over, 45 s by Kafka's own default. The
others notice here after a second, have the coordinator let it go, and end what it left open.

What is noted stands where offsets do, in a group of its own that nobody joins: each worker has a place there,
and puts its name and the time on it. So it asks for no topic, and the broker keeps the latest alone.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import NamedTuple, Protocol

import structlog
from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, ConsumerGroupDescription

from eropaf.streams.config import QUIET, StreamsConfig
from eropaf.streams.observe import metrics
from eropaf.streams.operate.answers import answer
from eropaf.streams.runtime.lanes import Lanes
from eropaf.streams.runtime.stage import Stage, chains, transactional_id
from eropaf.streams.runtime.standby import Peer, host_of
from eropaf.streams.runtime.transactional import TransactionalClient

log = structlog.get_logger(__name__)

BEAT_EVERY_S = 0.2
# Of this worker's own, with nothing of another between them: that one is silent.
SILENT_BEATS = 5
# A beat of one's own that takes so long says that the broker was away: the others may have been held up too.
SLOW_BEAT_S = 0.5
SPARED_FOR_S = 5.0
BEAT_ANSWERED_WITHIN_S = 2.0
LANE = "presence"
# After a worker went, this one asks the group at short intervals what it is given.
HURRIED_FOR_S = 3.0
# Who the members are: what is kept ready follows from it.
PEERS_EVERY_S = 2.0


def board(group: str) -> str:
    """Name the group under whose offsets the workers of `group` note that they are there."""
    return f"{group}-presence"


class Missed(NamedTuple):
    """Who is not there any more."""

    silent: frozenset[str]
    """Has noted nothing for so many beats."""
    withdrawn: frozenset[str]
    """Its note was taken away: by itself when it ended, or by who noticed its silence first."""


NOBODY = Missed(frozenset(), frozenset())


class Beat(NamedTuple):
    """What one beat found."""

    missed: Missed
    peers: Sequence[Peer] | None
    """Who is a member of the group; None where that was not asked."""


class Silences:
    """Counts how many of its own beats each other worker has been silent for.

    Not by a clock: where the broker stands still, or this worker does, no beat of its own is counted, and
    nobody is taken for silent.
    """

    def __init__(self) -> None:
        self._last: dict[str, int] = {}
        self._silent: dict[str, int] = {}
        self._spared_until = 0.0

    def take(self, noted: Mapping[str, int], now: float, took_s: float) -> Missed:
        """Take in what the others have `noted`, read after a beat of our own that took `took_s`."""
        if took_s > SLOW_BEAT_S:
            self._spared_until = now + SPARED_FOR_S
        spared = now < self._spared_until
        for name, beat in noted.items():
            moved = beat != self._last.get(name)
            self._silent[name] = 0 if moved or spared else self._silent[name] + 1
        withdrawn = self._last.keys() - noted.keys()
        for name in withdrawn:
            del self._silent[name]
        self._last = dict(noted)
        silent = {name for name, beats in self._silent.items() if beats >= SILENT_BEATS}
        return Missed(frozenset(silent), frozenset(withdrawn))

    def forget(self, names: Iterable[str]) -> None:
        """Miss these no more: they were let go."""
        for name in names:
            del self._last[name], self._silent[name]


def _of_lost_hosts(silent: frozenset[str], workers: Collection[str]) -> frozenset[str]:
    """Return which of the `silent` are on hosts from which none of `workers` notes anything.

    Beside one that does, a worker that has died is started again by their supervisor, and one that has not is
    busy: a thread waits for the interpreter's lock for as long as compiled rules hold it.
    """
    present = {host_of(name) for name in workers if name not in silent}
    return frozenset(name for name in silent if host_of(name) not in present)


def _free(names: Sequence[str], worker: str) -> int | None:
    """Return a place that nobody has; None where there are more workers than partitions."""
    first = zlib.crc32(worker.encode())
    places = [(first + step) % len(names) for step in range(len(names))]
    return next((number for number in places if names[number] in ("", worker)), None)


class Presence:
    """Notes that this worker is there, and lets go of who is not. Blocking: has a lane of its own."""

    def __init__(self, config: StreamsConfig, stages: Iterable[Stage]) -> None:
        stages = list(stages)
        self._config = config
        self.heads = [head.name for head in chains(stages)]
        """The stages that have transactions."""
        self._topic = stages[0].inputs[0]
        self._silences = Silences()
        self._places: list[TopicPartition] = []
        self._place: int | None = None
        self._told = False
        self._kafka = self._connected()
        self._asking = config.transport.consumer(
            {
                **config.client,
                "bootstrap.servers": config.bootstrap,
                "group.id": board(config.group),  # never joined
                "enable.auto.commit": False,
                "isolation.level": "read_uncommitted",
                "log_level": QUIET,
                "socket.timeout.ms": int(BEAT_ANSWERED_WITHIN_S * 1000),
                "reconnect.backoff.max.ms": 200,
            }
        )

    def succeed(self) -> None:
        """Let go of an earlier process of this name, if the group still counts it as a member.

        Not where membership is static: there this one takes its place.
        """
        if not self._config.static_membership:
            with suppress(KafkaException, OSError):
                self._let_go({self._config.worker})

    def beat(self, asks: bool) -> Beat:
        """Note that this worker is there, and let go of who is silent; `asks`: say who the members are."""
        began = time.monotonic()
        try:
            notes = self._notes()
            self._note(notes)
            now = time.monotonic()
            others = {name: beat for name, beat in notes if name not in ("", self._config.worker)}
            missed = self._silences.take(others, now, now - began)
            missed = missed._replace(silent=_of_lost_hosts(missed.silent, {*others, self._config.worker}))
            if missed.silent:
                self._let_go(missed.silent)
                self._wipe(notes, missed.silent)
                self._silences.forget(missed.silent)
            peers = self._peers() if asks and not missed.silent else None
        except (KafkaException, OSError) as error:
            if not self._told:
                log.warning(
                    "presence is not noted: others wait for the session of whoever dies", reason=str(error)
                )
            self._told = True
            return Beat(NOBODY, None)
        self._told = False
        return Beat(missed, peers)

    def close(self) -> None:
        """Take this worker's note away: it ends."""
        with suppress(KafkaException):
            self._wipe(self._notes(), {self._config.worker})
        self._asking.close()

    def _notes(self) -> list[tuple[str, int]]:
        """Return what is noted on each place: a worker's name, and the time of its last beat."""
        if not self._places:
            found = self._asking.list_topics(self._topic, timeout=BEAT_ANSWERED_WITHIN_S).topics[self._topic]
            self._places = [TopicPartition(self._topic, number) for number in sorted(found.partitions)]
        noted = self._asking.committed(self._places, timeout=BEAT_ANSWERED_WITHIN_S)
        return [(one.metadata or "", one.offset) for one in noted]

    def _note(self, notes: Sequence[tuple[str, int]]) -> None:
        """Put this worker's name and the time on its place; on another, where somebody took it at once."""
        names = [name for name, _ in notes]
        if self._place is None or names[self._place] not in ("", self._config.worker):
            self._place = _free(names, self._config.worker)
        if self._place is not None:
            self._write(self._place, int(time.time() * 1000), self._config.worker)

    def _wipe(self, notes: Sequence[tuple[str, int]], names: Collection[str]) -> None:
        for number, (name, _) in enumerate(notes):
            if name in names:
                self._write(number, 0, "")

    def _write(self, number: int, beat: int, name: str) -> None:
        noted = TopicPartition(self._topic, number, beat, name)
        self._asking.commit(offsets=[noted], asynchronous=False)

    def fence(self, name: str, head: str) -> None:
        """End what `name` left open of a stage: who takes over would wait for its time-out."""
        config = self._config
        with suppress(KafkaException):
            TransactionalClient(
                config.transport.producer,
                config.bootstrap,
                config.client,
                transactional_id(config.group, name, head),
                config.transaction_timeout_s,
            ).introduce(BEAT_ANSWERED_WITHIN_S)

    def _let_go(self, names: Collection[str]) -> None:
        """Have the group go on without `names`."""
        config, found = self._config, self._described()
        for member in found.members:
            if member.client_id in names:
                config.transport.let_go(config.client, config.group_protocol, found, member)
                metrics.LET_GO.inc()
                log.warning("let go of a worker that is not there any more", silent=member.client_id)

    def _peers(self) -> list[Peer]:
        return [
            Peer(
                not member.group_instance_id,
                member.group_instance_id or member.member_id,
                member.client_id,
            )
            for member in self._described().members
        ]

    def _described(self) -> ConsumerGroupDescription:
        group = self._config.group
        try:
            asked = self._kafka.describe_consumer_groups([group], request_timeout=BEAT_ANSWERED_WITHIN_S)[
                group
            ]
            found: ConsumerGroupDescription = answer(asked, BEAT_ANSWERED_WITHIN_S)
        except KafkaException:
            self._kafka = self._connected()  # whoever has not answered may be asked for ever
            raise
        return found

    def _connected(self) -> AdminClient:
        config = self._config
        return config.transport.admin(
            {**config.client, "bootstrap.servers": config.bootstrap, "log_level": QUIET}
        )


class Attended(Protocol):
    """What notes that this worker is there, blocking; see `Presence`."""

    heads: list[str]

    def succeed(self) -> None: ...  # noqa: D102
    def beat(self, asks: bool) -> Beat: ...  # noqa: D102
    def fence(self, name: str, head: str) -> None: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


class Attendance:
    """Has this worker's presence noted in a lane of its own. Every method returns at once."""

    def __init__(self, presence: Attended, lanes: Lanes) -> None:
        self._presence = presence
        self._lanes = lanes
        self._beating: Future[Beat] | None = None
        self._next_at = self._asks_at = 0.0
        self._hurried_until = 0.0
        self.peers: Sequence[Peer] = ()
        """The members of the group, as far as is known."""

    def start(self) -> Future[None]:
        """Begin by letting go of this worker's predecessor."""
        return self._lanes.submit(LANE, self._presence.succeed)

    def look(self, now: float) -> None:
        """Take in what came of the last beat, and begin the next when it is time."""
        if self._beating is not None and self._beating.done():
            beat, self._beating = self._beating.result(), None
            if beat.peers is not None:
                self.peers, self._asks_at = beat.peers, now + PEERS_EVERY_S
            if any(beat.missed):
                self._hurried_until, self._asks_at = now + HURRIED_FOR_S, now
            for head in self._presence.heads:
                for name in sorted(beat.missed.silent):
                    self._lanes.submit(f"fence {head}", self._presence.fence, name, head)
        if self._beating is None and now >= self._next_at:
            self._next_at = now + BEAT_EVERY_S
            self._beating = self._lanes.submit(LANE, self._presence.beat, now >= self._asks_at)

    def hurried(self, now: float) -> bool:
        """Return whether somebody has just gone, so that the group may have something for us."""
        return now < self._hurried_until

    def end(self) -> None:
        """Note that this worker ends."""
        self._lanes.submit(LANE, self._presence.close)

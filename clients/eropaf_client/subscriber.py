"""For outreach tools: priority updates, each once, in order per household."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Callable, NamedTuple

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from eropaf_client import connection
from eropaf_client.errors import JournalMissing
from eropaf_client.journal import Journal, Parked
from eropaf_client.live_list import LiveList, Moved, Snapshot
from eropaf_client.outcomes import OutcomeReporter, OutreachOutcome
from eropaf_client.records import PriorityUpdate
from eropaf_client.schemas.registry import LocalRegistry, Registry
from eropaf_client.schemas.topics import PRIORITIES
from eropaf_client.schemas.wire import Codec
from eropaf_client.sending import Acknowledged

WAIT_S = 1.0
ATTEMPTS = 5
# Before the second attempt; twice as long before each further one.
BACKOFF_S = 0.1


class Received(NamedTuple):
    """An update, and when the creditor's record that caused it was stored (ms since 1970 UTC).

    `update` is None where the household was forgotten: delete what is kept of it.
    """

    household: str
    update: PriorityUpdate | None
    origin_at_ms: int
    partition: int
    offset: int
    value: bytes


class PrioritySubscriber:
    """Reads every update from the beginning of the topic, and goes on as they come.

        with PrioritySubscriber("kafka:9092", journal=Path("updates.db")) as subscriber:
            for update in subscriber:
                ...

    Sees only what was saved for good (read-committed). A repeat, known by household and sequence,
    is passed over. With a `journal` it goes on after the last update that was handled, also after
    kill -9; the one that was in hand then comes again, unless `handle` is used with the journal's
    own database. Without one it reads from the beginning each time.

    Raises:
        BrokerUnreachable, TopicMissing: at the start, within ten seconds.
        JournalInUse: another process has the journal.
    """

    def __init__(
        self,
        bootstrap: str,
        registry: Registry | None = None,
        config: Mapping[str, Any] | None = None,
        journal: Path | None = None,
    ) -> None:
        self._codec = Codec("PriorityUpdate", PRIORITIES, registry or LocalRegistry())
        self._consumer = connection.reader(bootstrap, "priorities", config)
        partitions = range(connection.check(self._consumer, bootstrap, PRIORITIES))
        self.journal = Journal(journal) if journal else None
        positions = self.journal.positions() if self.journal else {}
        self._consumer.assign(
            [TopicPartition(PRIORITIES, each, positions.get(each, 0)) for each in partitions]
        )
        self._behind = set(partitions)
        self._next = {(PRIORITIES, each): positions.get(each, 0) for each in partitions}
        self._seen: dict[str, int] = {}
        self._outcomes: OutcomeReporter | None = None
        self._made_of = (bootstrap, registry, config)

    def __enter__(self) -> PrioritySubscriber:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._consumer.close()
        if self._outcomes:
            self._outcomes.close()
        if self.journal:
            self.journal.close()

    def __iter__(self) -> Iterator[PriorityUpdate]:
        """Give each update; asking for the next says that the one before was handled."""
        while True:
            for received in self.poll(WAIT_S):
                if received.update is not None:
                    yield received.update
                if self.journal:
                    with self.journal.together():
                        self._note(self.journal, received)

    @property
    def caught_up(self) -> bool:
        """Whether everything that was there has been read once."""
        return not self._behind

    def behind(self) -> int | None:
        """Give how many records are stored and not read yet; None where no broker answers."""
        return connection.behind(self._consumer, dict(self._next))

    def poll(self, wait_s: float) -> list[Received]:
        """Give the updates that are there; wait at most `wait_s` for the first."""
        found = []
        for message in connection.arrived(self._consumer, wait_s):
            error = message.error()
            place = (PRIORITIES, message.partition() or 0)
            if error is None:
                found += self._new(message)
                self._next[place] = (message.offset() or 0) + 1
            elif error.code() == KafkaError._PARTITION_EOF:
                self._behind.discard(place[1])
                self._next[place] = message.offset() or 0
            elif error.fatal():
                raise KafkaException(error)
        return found

    def handle(
        self,
        handler: Callable[[PriorityUpdate], object],
        *,
        forget: Callable[[str], object] = lambda household: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Call `handler` with each update until `stopped()` turns true.

        A handler that raises is tried again, five times within two seconds; then the update is parked,
        and later ones of that household wait behind it, so that its order holds (`retry_parked`).
        What the handler writes in `journal.db` is saved together with the position. `forget` is
        called with the key of a household of which nothing may be kept.

        Raises:
            JournalMissing: the subscriber was made without a journal.
        """
        journal = self._needed()
        while not stopped():
            for received in self.poll(WAIT_S):
                self._handle(journal, received, handler, forget)
                if stopped():
                    return

    def parked(self) -> list[Parked]:
        """Give the updates that could not be handled, and those waiting behind them."""
        return self._needed().parked()

    def retry_parked(self, handler: Callable[[PriorityUpdate], object]) -> int:
        """Try parked updates again, each household's in order; give how many were handled."""
        journal = self._needed()
        count = 0
        failed: set[str] = set()
        for parked in journal.parked():
            if parked.household in failed:
                continue
            update = PriorityUpdate.from_record(self._codec.decode(parked.value))
            try:
                with journal.together():
                    handler(update)
                    journal.unpark(parked)
            except Exception:  # stays parked, and what waits behind it too
                failed.add(parked.household)
            else:
                count += 1
        return count

    def live_list(self, area: str | None = None) -> Iterator[Snapshot | Moved]:
        """Give the list as it is, then each change of it as it comes; of one area where given."""
        ranking = LiveList()
        told = False
        while True:
            for received in self.poll(WAIT_S):
                moved = _applied(ranking, received, area)
                if told and moved is not None:
                    yield moved
            if not told and self.caught_up:
                told = True
                yield Snapshot(ranking.ranked())

    def report_outcome(self, outcome: OutreachOutcome) -> Acknowledged:
        """Report what came of an update; return when it is stored. See `OutcomeReporter`."""
        if self._outcomes is None:
            self._outcomes = OutcomeReporter(*self._made_of)
        return self._outcomes.report(outcome)

    def _handle(
        self,
        journal: Journal,
        received: Received,
        handler: Callable[[PriorityUpdate], object],
        forget: Callable[[str], object],
    ) -> None:
        error = "behind another"
        if not journal.is_parked(received.household) or received.update is None:
            for attempt in range(ATTEMPTS):
                if attempt:
                    time.sleep(BACKOFF_S * 2 ** (attempt - 1))
                try:
                    with journal.together():
                        forget(received.household) if received.update is None else handler(received.update)
                        self._note(journal, received)
                    return
                except Exception as failure:  # whatever the tool's own code raises
                    error = type(failure).__name__
        if received.update is None:
            raise RuntimeError(f"a forgotten household could not be deleted ({error}); mend that first")
        with journal.together():
            journal.park(Parked(received.household, received.update.sequence, received.value, error))
            self._note(journal, received)

    @staticmethod
    def _note(journal: Journal, received: Received) -> None:
        if received.update is None:
            journal.forget(received.partition, received.offset, received.household)
        else:
            journal.note(received.partition, received.offset, received.household, received.update.sequence)

    def _needed(self) -> Journal:
        if self.journal is None:
            raise JournalMissing("give the subscriber a journal: PrioritySubscriber(…, journal=Path(…))")
        return self.journal

    def _new(self, message: Any) -> list[Received]:
        household = (message.key() or b"").decode(errors="replace")
        at = (message.timestamp()[1], message.partition(), message.offset())
        if message.value() is None:
            # The household was forgotten, and counts anew from 1. Its last update took it off the list.
            self._seen.pop(household, None)
            return [Received(household, None, *at, b"")]
        update = PriorityUpdate.from_record(self._codec.decode(message.value()))
        if update.sequence <= self._told(update.household):
            return []
        self._seen[update.household] = update.sequence
        return [Received(update.household, update, *at, message.value())]

    def _told(self, household: str) -> int:
        if household not in self._seen and self.journal:
            self._seen[household] = self.journal.told(household)
        return self._seen.get(household, 0)


def _applied(ranking: LiveList, received: Received, area: str | None) -> Moved | None:
    update = received.update
    if update is None:
        moved = ranking.forget(received.household)
        return moved if moved.was is not None else None
    return ranking.apply(update) if area in (None, update.area) else None

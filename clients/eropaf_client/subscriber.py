"""For outreach tools: priority updates, each once, in order per household; and erasures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Callable

from eropaf_client.cluster import Where, cluster
from eropaf_client.connection import POLL_WAIT_S
from eropaf_client.errors import ClientError, JournalMissing, LedgerError
from eropaf_client.handling import Handling
from eropaf_client.inbox import Inbox, Received
from eropaf_client.journal import Journal, Parked
from eropaf_client.lifetime import Closing
from eropaf_client.list_reader import Change, ListReader
from eropaf_client.outcomes import OutcomeReporter, OutreachOutcome
from eropaf_client.records import PriorityUpdate
from eropaf_client.schemas.aside import Asides
from eropaf_client.schemas.topics import PRIORITIES
from eropaf_client.schemas.wire import Codec
from eropaf_client.sending import Acknowledged
from eropaf_client.source import KafkaSource


class PrioritySubscriber(Closing):
    """Reads every update and every erasure from the beginning of the topic, and goes on as they come.

        with PrioritySubscriber("kafka:9092", journal=Path("updates.db")) as subscriber:
            for received in subscriber:
                if received.update is None:
                    ...  # the household was forgotten: delete what is kept of it
                else:
                    ...

    Sees only what was saved for good (read-committed). A repeat, known by household and sequence,
    is passed over. With a `journal` it goes on after the last record that was dealt with, also after
    kill -9; the one that was in hand then comes again, unless `handle` is used with the journal's
    own database. Without one it reads from the beginning each time. Used by one thread at a time.

    Raises:
        BrokerUnreachable, NotAuthenticated, NotPermitted, TopicMissing: at the start, in time.
        JournalInUse: another process has the journal.
        LedgerMoved: the journal was used with another cluster, or another topic of that name.
    """

    def __init__(self, where: Where, journal: Path | None = None) -> None:
        self._cluster = cluster(where)
        self._decode = Codec("PriorityUpdate", PRIORITIES, self._cluster.registry).decode
        self._outcomes: OutcomeReporter | None = None
        self._lists: list[ListReader] = []
        self._given: Received | None = None
        self._source = self._opened()
        self.journal: Journal | None = None
        try:
            self.journal = Journal(journal) if journal else None
            self._inbox = Inbox(self._source, self._updates, self.journal)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop reading; what is in hand comes again with the next start. Twice is harmless."""
        for each in (self._source, *self._lists):
            each.close()
        if self._outcomes:
            self._outcomes.close()
        if self.journal:
            self.journal.close()

    def __iter__(self) -> Iterator[Received]:
        """Yield each record; asking for the next says that the one before was dealt with.

        Unless the loop's body has said what became of it: `complete`, `retry_later` or `park`. Whatever ends
        the loop, the one that was in hand comes again in the next.
        """
        self._give_back()
        while True:
            received = self._inbox.take(POLL_WAIT_S)
            if received is None:
                continue
            self._given = received
            yield received
            if self._given is not received:
                return  # another loop has begun since, and has it
            self.settle(received)
            self._given = None

    @property
    def caught_up(self) -> bool:
        """Whether everything that was there has been read once."""
        return self._inbox.caught_up

    @property
    def asides(self) -> Asides:
        """What could not be used, and was passed over."""
        return self._inbox.asides

    def behind(self) -> int | None:
        """Return how many records are stored and not taken yet; None where no broker answers."""
        return self._inbox.behind()

    def receive(self, wait_s: float) -> Received | None:
        """Return the next record; None where none comes within `wait_s`.

        It is in hand until `complete`, `retry_later` or `park`. Several may be, of different households: the
        next of one household comes when the one before is dealt with.
        """
        return self._inbox.take(wait_s)

    def complete(self, received: Received) -> None:
        """Say that `received` was dealt with. Its position is saved before this returns."""
        self._inbox.complete(received)

    def retry_later(self, received: Received, after_s: float = 0.0) -> None:
        """Release `received`: it comes again after `after_s`, before later ones of its household."""
        self._inbox.retry_later(received, after_s)

    def settle(self, received: Received) -> None:
        """Complete `received` where it is in hand still; where it is not, do nothing."""
        if self._inbox.has_in_hand(received):
            self._inbox.complete(received)

    def give_back(self, received: Received) -> None:
        """Release `received` where it is in hand still; where it is not, do nothing."""
        self._inbox.give_back(received)

    def park(self, received: Received, error: str) -> None:
        """Set an update aside that cannot be handled; later ones of its household wait behind it.

        `error` is a word for why, and holds nothing of a resident.
        """
        self._inbox.park(received, error)

    def poll(self, wait_s: float) -> list[Received]:
        """Return what is there, all of it dealt with; wait at most `wait_s` for the first.

        For what only shows: who keeps something uses the loop, `receive` or `handle`.
        """
        found: list[Received] = []
        received: Received | None = None
        try:
            received = self._inbox.take(wait_s)
            while received is not None:
                self._inbox.complete(received)
                found.append(received)
                received = self._inbox.take(0.0) if self._inbox.more else None
        except ClientError:
            # What is dealt with already must reach who asked; the next call meets the error again.
            if not found:
                raise
            if received is not None:
                self._inbox.give_back(received)
        return found

    def handle(
        self,
        handler: Callable[[PriorityUpdate], object],
        *,
        forget: Callable[[str], object],
        on_parked: Callable[[Parked], object] = lambda parked: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Call `handler` with each update until `stopped()` turns true.

        What the handler writes in `journal.db` is saved together with the position. `forget` is called with
        the key of a household of which nothing may be kept, until it succeeds.

        A handler that raises is tried again, five times within two seconds. If other updates go through
        meanwhile, the update is parked, `on_parked` is called, and later ones of that household wait
        behind it, so that its order holds (`retry_parked`). If nothing goes through, what the handler
        needs is away: nothing is parked, and it is tried again, every half a minute at last, until it is
        back.

        Raises:
            JournalMissing: the subscriber was made without a journal.
            LedgerFull: the journal cannot be written; nothing was passed over.
        """
        self._give_back()
        Handling(self._inbox, self._needed(), handler, forget, on_parked).run(stopped)

    def parked(self) -> list[Parked]:
        """Return the updates that could not be handled, and those waiting behind them."""
        return self._needed().parked()

    def retry_parked(self, handler: Callable[[PriorityUpdate], object]) -> int:
        """Try parked updates again, each household's in order; return how many were handled.

        Raises:
            LedgerFull: the journal cannot be written; what was handled before stays so.
        """
        journal = self._needed()
        count = 0
        failed: set[str] = set()
        for parked in journal.parked():
            if parked.household in failed:
                continue
            update = self._updates(parked.value)
            try:
                with journal.transaction():
                    with journal.guarded():
                        handler(update)
                    journal.unpark(parked)
            except LedgerError:
                raise  # not the handler's: the journal cannot be written
            except Exception:  # stays parked, and what waits behind it too
                failed.add(parked.household)
            else:
                count += 1
        return count

    def live_list(self, area: str | None = None) -> Iterator[Change]:
        """Yield the list as it is, then each change of it as it comes; of one area where given.

        Reads for itself, from the beginning: it neither needs nor changes what a journal knows.
        """
        reader = self.read_list(area)
        while True:
            change = reader.next(POLL_WAIT_S)
            if change is not None:
                yield change

    def read_list(self, area: str | None = None) -> ListReader:
        """Return what `live_list` reads by, for who must not wait: `next(wait_s)`."""
        reader = ListReader(self._opened(), self._updates, area)
        self._lists.append(reader)
        return reader

    def report_outcome(self, outcome: OutreachOutcome) -> Acknowledged:
        """Report what came of an update; return when it is stored. See `OutcomeReporter`."""
        if self._outcomes is None:
            self._outcomes = OutcomeReporter(self._cluster)
        return self._outcomes.report(outcome)

    def _opened(self) -> KafkaSource:
        return KafkaSource(self._cluster, [PRIORITIES], "priorities")

    def _updates(self, value: bytes) -> PriorityUpdate:
        return PriorityUpdate.from_record(self._decode(value))

    def _give_back(self) -> None:
        """Take back what an earlier loop had in hand when it was left."""
        given, self._given = self._given, None
        if given is not None:
            self._inbox.give_back(given)

    def _needed(self) -> Journal:
        if self.journal is None:
            raise JournalMissing("give the subscriber a journal: PrioritySubscriber(…, journal=Path(…))")
        return self.journal

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
    """Reads every update and erasure from the beginning of the topic, then as they arrive.

        with PrioritySubscriber("kafka:9092", journal=Path("updates.db")) as subscriber:
            for received in subscriber:
                if received.update is None:
                    ...  # the household was forgotten: delete what is kept about it
                else:
                    ...

    Reads committed records only. A repeat, recognised by household and sequence, is skipped. With a `journal`
    it resumes after the last record dealt with, even after kill -9; a record in hand at that time comes
    again, unless `handle` is used with the journal's own database. Without one it reads from the beginning
    each time. For one thread at a time.

    Raises:
        BrokerUnreachable, NotAuthenticated, NotPermitted, TopicMissing: at the start, in time.
        JournalInUse: another process has the journal open.
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
        """Stop reading; records in hand come again at the next start. Idempotent."""
        for each in (self._source, *self._lists):
            each.close()
        if self._outcomes:
            self._outcomes.close()
        if self.journal:
            self.journal.close()

    def __iter__(self) -> Iterator[Received]:
        """Yield each record; asking for the next one completes the previous.

        Unless the loop's body has already called `complete`, `retry_later` or `park`. However the loop ends,
        the record in hand comes again in the next loop.
        """
        self._give_back()
        while True:
            received = self._inbox.take(POLL_WAIT_S)
            if received is None:
                continue
            self._given = received
            yield received
            if self._given is not received:
                return  # another loop has started since, and has it
            self.settle(received)
            self._given = None

    @property
    def caught_up(self) -> bool:
        """Whether everything stored at the start has been read."""
        return self._inbox.caught_up

    @property
    def asides(self) -> Asides:
        """The records that could not be used and were skipped."""
        return self._inbox.asides

    def behind(self) -> int | None:
        """Return how many records are stored and not taken yet; None if no broker answers."""
        return self._inbox.behind()

    def receive(self, wait_s: float) -> Received | None:
        """Return the next record; None if none arrives within `wait_s`.

        It is in hand until `complete`, `retry_later` or `park`. Several may be in hand, of different
        households: a household's next record comes once the previous one is dealt with.
        """
        return self._inbox.take(wait_s)

    def complete(self, received: Received) -> None:
        """Mark `received` as dealt with. Its position is saved before this returns."""
        self._inbox.complete(received)

    def retry_later(self, received: Received, after_s: float = 0.0) -> None:
        """Release `received`: it comes again after `after_s`, before later updates of its household."""
        self._inbox.retry_later(received, after_s)

    def settle(self, received: Received) -> None:
        """Complete `received` if it is still in hand; otherwise do nothing."""
        if self._inbox.has_in_hand(received):
            self._inbox.complete(received)

    def give_back(self, received: Received) -> None:
        """Release `received` if it is still in hand; otherwise do nothing."""
        self._inbox.give_back(received)

    def park(self, received: Received, error: str) -> None:
        """Set aside an update that cannot be handled; later ones of its household wait behind it.

        `error` is a word for the reason, and holds nothing about a resident.
        """
        self._inbox.park(received, error)

    def poll(self, wait_s: float) -> list[Received]:
        """Return what has arrived, already marked as dealt with; wait at most `wait_s` for the first.

        For display only: a tool that stores anything uses the loop, `receive` or `handle`.
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
            # Records already marked must reach the caller; the next call meets the error again.
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

        What the handler writes to `journal.db` is saved together with the position. `forget` is called with
        the key of each forgotten household, until it succeeds.

        A handler that raises is retried, five times within two seconds. If other updates succeed in the
        meantime, the update is parked, `on_parked` is called, and the household's later updates wait behind
        it, which preserves their order (`retry_parked`). If nothing succeeds, the handler's backend is
        presumed unavailable: nothing is parked, and it is retried until the backend is back, at last every
        half a minute.

        Raises:
            JournalMissing: the subscriber was made without a journal.
            LedgerFull: the journal cannot be written; nothing was skipped.
        """
        self._give_back()
        Handling(self._inbox, self._needed(), handler, forget, on_parked).run(stopped)

    def parked(self) -> list[Parked]:
        """Return the updates that could not be handled, and those that wait behind them."""
        return self._needed().parked()

    def retry_parked(self, handler: Callable[[PriorityUpdate], object]) -> int:
        """Retry parked updates, each household's in order; return how many were handled.

        Raises:
            LedgerFull: the journal cannot be written; updates handled before stay so.
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
                raise  # not the handler's fault: the journal cannot be written
            except Exception:  # stays parked, with those behind it
                failed.add(parked.household)
            else:
                count += 1
        if count:
            journal.scrub()
        return count

    def live_list(self, area: str | None = None) -> Iterator[Change]:
        """Yield the list, then each change as it arrives; of one area if given.

        Reads independently, from the beginning: it neither needs nor changes a journal.
        """
        reader = self.read_list(area)
        while True:
            change = reader.next(POLL_WAIT_S)
            if change is not None:
                yield change

    def read_list(self, area: str | None = None) -> ListReader:
        """Return the reader behind `live_list`, for callers that must not wait: `next(wait_s)`."""
        reader = ListReader(self._opened(), self._updates, area)
        self._lists.append(reader)
        return reader

    def report_outcome(self, outcome: OutreachOutcome) -> Acknowledged:
        """Report the outcome of an update; return once it is stored. See `OutcomeReporter`."""
        if self._outcomes is None:
            self._outcomes = OutcomeReporter(self._cluster)
        return self._outcomes.report(outcome)

    def _opened(self) -> KafkaSource:
        return KafkaSource(self._cluster, [PRIORITIES], "priorities")

    def _updates(self, value: bytes) -> PriorityUpdate:
        return PriorityUpdate.from_record(self._decode(value))

    def _give_back(self) -> None:
        """Release the record that an earlier loop had in hand when it ended."""
        given, self._given = self._given, None
        if given is not None:
            self._inbox.give_back(given)

    def _needed(self) -> Journal:
        if self.journal is None:
            raise JournalMissing("give the subscriber a journal: PrioritySubscriber(…, journal=Path(…))")
        return self.journal

"""Signals that wait here for somebody registered elsewhere are forwarded until this process is told to stop.

The flow goes on beside it: while the other municipality is away, signals wait as they do for the register.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import structlog

from eropaf.agents.topology import ROWS
from eropaf.gateway.webhooks.delivery import pause_s
from eropaf.gateway.webhooks.post import Result, Tried
from eropaf.lookup.forwarding import metrics
from eropaf.lookup.forwarding.book import FILE, Book, Row, State, name_of
from eropaf.lookup.forwarding.elsewhere import Elsewhere, Waiters
from eropaf.lookup.forwarding.municipalities import Municipality
from eropaf.lookup.forwarding.other_gateway import OtherGateway, for_another
from eropaf.lookup.numbers import Numbers, RecordReader
from eropaf.lookup.service import Service
from eropaf.risk.lawful import ASKING
from eropaf.risk.records import NOWHERE, HouseholdEvent
from eropaf.risk.rows import ResidentRow
from eropaf.serving.reading import ASKS_REGISTRY_EVERY_S
from eropaf.streams.runtime.stage import changelog
from eropaf_client.cluster import Cluster
from eropaf_client.schemas.errors import RegistryUnavailable
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import REGISTER_MISMATCHES, RESIDENT_EVENTS
from eropaf_client.schemas.wire import Codec
from eropaf_client.sending import Sender
from eropaf_client.source import KafkaSource, Source
from eropaf_client.topic_reader import Read, TopicReader

PURPOSE = "forwarding"
FORWARDING_READS_FOR_S = 0.5
# Good news of a contract goes where its signal went for so long: half a year.
GOOD_NEWS_FOLLOWS_S = 183 * 24 * 3600.0
GONE = "its record is gone"
TOO_LONG = "its names are too long there"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ForwardingConfig:
    """Where signals wait, to whom they go, on which ground, and where it stands what was forwarded.

    `fresh_s` is how long the register's word holds, as for asking it.
    """

    cluster: Cluster
    group: str
    creditors: tuple[str, ...]
    secret: bytes
    to: Mapping[str, Municipality]
    ground: str
    fresh_s: float
    state_dir: Path

    def book(self) -> Path:
        """Return the file in which it stands."""
        return self.state_dir / FILE


class Takes(Protocol):
    """Whoever takes signals for one municipality."""

    def __call__(self, signal: bytes, event_id: str) -> Tried:
        """Hand one over. Whatever happens is said, not raised."""


class Tells(Protocol):
    """Where it is said that a signal was forwarded."""

    def __call__(self, event: HouseholdEvent) -> bool:
        """Store it; return whether it is stored."""


def forward(config: ForwardingConfig, stopped: threading.Event) -> None:
    """Forward what waits until `stopped` is set.

    Raises:
        ClientError: no broker, no topic or no right to it; a book that cannot be used.
    """
    cluster, table = config.cluster, changelog(config.group, "resident")
    with ExitStack() as stack:
        book = stack.enter_context(closing(Book(config.book())))
        to = {
            code: stack.enter_context(closing(OtherGateway(each.gateway, Service(each.known_as()))))
            for code, each in config.to.items()
        }
        records = stack.enter_context(closing(RecordReader(cluster, PURPOSE)))
        source = KafkaSource(cluster, [REGISTER_MISMATCHES, table], PURPOSE)
        reader = stack.enter_context(closing(waiting_reader(source, table, cluster.registry)))
        said = stack.enter_context(Sender(cluster, RESIDENT_EVENTS, "HouseholdEvent"))
        log.info("forwards signals", ground=config.ground, municipalities=sorted(to))
        Forwarding(
            config,
            reader,
            book,
            records=Numbers(cluster, config.creditors, config.secret, records),
            to=to,
            tell=lambda event: said.store(event.household, said.encode(event.to_record())).at is not None,
        ).run(stopped)


def waiting_reader(source: Source, table: str, registry: Registry) -> TopicReader:
    """Return a reader of what the register said, and of what waits for residents."""
    mismatch = Codec("RegisterMismatch", REGISTER_MISMATCHES, registry).decode
    row = Codec(ROWS["resident"], table, registry, ResidentRow, ResidentRow.from_record).decode

    def made(decode: Callable[[bytes | None], Any]) -> Callable[[bytes | None], tuple[Any]]:
        return lambda data: (None if data is None else decode(data),)

    return TopicReader(source, {REGISTER_MISMATCHES: made(mismatch), table: made(row)})


class Forwarding:
    """Used by one thread. `now` is the wall clock."""

    def __init__(
        self,
        config: ForwardingConfig,
        reader: TopicReader,
        book: Book,
        *,
        records: Numbers,
        to: Mapping[str, Takes],
        tell: Tells,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._reader, self._book, self._records, self._to = reader, book, records, to
        self._tell, self._now = tell, now
        self._waiters = Waiters(frozenset(to), int(config.fresh_s * 1000))
        # Of each municipality: until when it is left alone, and how often it took nothing since it last did.
        self._rests_until_s: dict[str, float] = {}
        self._in_vain: dict[str, int] = {}
        # What was said since this process began.
        self._told: set[str] = set()

    def run(self, stopped: threading.Event) -> None:
        """Go on until `stopped` is set."""
        while not stopped.is_set():
            try:
                self.step()
            except RegistryUnavailable as error:  # waited for: nothing is skipped for it
                log.warning("forwarding waits for the registry", error=str(error))
                stopped.wait(ASKS_REGISTRY_EVERY_S)

    def step(self) -> None:
        """Read on, say of what was taken, and forward the one that waits longest."""
        for read in self._reader.poll(FORWARDING_READS_FOR_S):
            self._take(read)
        if not self._reader.caught_up:
            return  # an erasure that is not read yet may end what waits
        self._book.forget_old(self._now() - GOOD_NEWS_FOLLOWS_S)
        states, waiting = self._book.states(), self._waiters.all()
        for each in waiting:
            if states.get(each.waiting.event_id) is State.TAKEN:
                self._say(each)
        due = [each for each in waiting if each.waiting.event_id not in states and self._goes_on(each)]
        self._measure(due, states)
        now_s = self._now()
        first = next((each for each in due if now_s >= self._rests_until_s.get(each.municipality, 0.0)), None)
        if first is not None:
            self._try(first)

    def _take(self, read: Read) -> None:
        if read.value is None:  # set aside: nobody can say what it says
            return
        (said,), resident = read.value, read.key.decode(errors="replace")
        if read.topic != REGISTER_MISMATCHES:
            self._waiters.row(resident, said)
        elif said is None:
            self._waiters.mismatch(resident, None, None, 0)
        else:
            self._waiters.mismatch(resident, said["reason"], said["municipality"], said["at"])

    def _goes_on(self, each: Elsewhere) -> bool:
        """Return whether a signal goes on: good news only where a signal of its contract did."""
        signal = each.waiting.signal
        if signal.kind in ASKING:
            return True
        contract = name_of(each.resident, signal.creditor, signal.contract)
        return each.municipality in self._book.went_to(contract)

    def _try(self, each: Elsewhere) -> None:
        event_id, creditor = each.waiting.event_id, each.waiting.signal.creditor
        record = self._records.record_of(each.resident, event_id)
        if record is None:
            self._note(each, State.REFUSED, GONE)
            return
        signal = for_another(record, creditor)
        if signal is None:
            self._note(each, State.REFUSED, TOO_LONG)
            return
        tried = self._to[each.municipality](signal, event_id)
        metrics.TRIES.labels(result=tried.result.value).inc()
        if tried.result is Result.TOLD:
            self._in_vain.pop(each.municipality, None)
            self._note(each, State.TAKEN, tried.why)
            self._say(each)
        elif tried.result is Result.REFUSED:
            self._note(each, State.REFUSED, tried.why)
        else:
            in_vain = self._in_vain[each.municipality] = self._in_vain.get(each.municipality, 0) + 1
            self._rests_until_s[each.municipality] = self._now() + max(tried.after_s, pause_s(in_vain))
            log.warning(
                "a municipality takes no signals",
                municipality=each.municipality,
                why=tried.why,
                tries=in_vain,
            )

    def _note(self, each: Elsewhere, state: State, why: str) -> None:
        signal = each.waiting.signal
        contract = name_of(each.resident, signal.creditor, signal.contract)
        row = Row(
            event_id=each.waiting.event_id,
            contract=contract,
            municipality=each.municipality,
            state=state.value,
            why=why,
            at_s=self._now(),
        )
        self._book.note(row)
        log.info(
            "a signal was forwarded" if state is State.TAKEN else "a signal was not forwarded",
            event_id=each.waiting.event_id, municipality=each.municipality, why=why,
        )  # fmt: skip

    def _say(self, each: Elsewhere) -> None:
        """Tell the flow, which answers the creditor; what is not stored is said again with the next step."""
        event_id = each.waiting.event_id
        if event_id not in self._told:
            at = int(self._now() * 1000)
            if self._tell(HouseholdEvent(each.resident, event_id, at, NOWHERE, forwarded=True)):
                self._told.add(event_id)

    def _measure(self, due: list[Elsewhere], states: Mapping[str, State]) -> None:
        metrics.WAITING.set(len(due))
        metrics.OLDEST.set(min((each.waiting.timestamp_ms for each in due), default=0) / 1000)
        metrics.REFUSED.set(sum(state is State.REFUSED for state in states.values()))

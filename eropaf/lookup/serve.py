"""The register of persons is asked for those who wait, until this process is told to stop.

It says what it learns as a file of the register does, on `residents`; what needs a person goes to a tray.
The flow does not know of it: while the register is away, signals wait as they do for a file.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from eropaf.gateway.webhooks.delivery import pause_s
from eropaf.lookup import metrics
from eropaf.lookup.numbers import Numbers, RecordReader
from eropaf.lookup.persons import MOST_NUMBERS, Persons, PersonsAccess, PersonsApi
from eropaf.lookup.service import Away
from eropaf.lookup.wanted import Wanted
from eropaf.lookup.whereabouts import Whereabouts, whereabouts
from eropaf.serving.reading import ASKS_REGISTRY_EVERY_S
from eropaf_client.cluster import Cluster
from eropaf_client.schemas.errors import RegistryUnavailable
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import REGISTER_MISMATCHES, RESIDENTS, UNRESOLVED_SIGNALS
from eropaf_client.schemas.wire import Codec
from eropaf_client.sending import Sender
from eropaf_client.source import KafkaSource, Source
from eropaf_client.topic_reader import Read, TopicReader

PURPOSE = "lookup"
LOOKUP_READS_FOR_S = 0.5

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LookupConfig:
    """Where signals and entries are, how the register is asked, for which municipality and on which ground.

    `fresh_s` is how long an entry holds before a signal asks again; `per_minute`, the most questions.
    """

    cluster: Cluster
    creditors: tuple[str, ...]
    secret: bytes
    access: PersonsAccess
    municipality: str
    ground: str
    fresh_s: float
    per_minute: int


class Asks(Protocol):
    """Whoever knows where numbers live."""

    def ask(self, numbers: list[str]) -> Persons:
        """Return what is known of each. Raise Away if nothing is said now."""


class Says(Protocol):
    """Where one kind of record goes."""

    def __call__(self, resident: str, value: dict[str, Any]) -> bool:
        """Store it; return whether it is stored."""


def look_up(config: LookupConfig, stopped: threading.Event) -> None:
    """Ask for whoever waits until `stopped` is set.

    Raises:
        ClientError: no broker, no topic or no right to it.
    """
    cluster = config.cluster
    with ExitStack() as stack:
        api = stack.enter_context(closing(PersonsApi(config.access)))
        records = stack.enter_context(closing(RecordReader(cluster, PURPOSE)))
        signals = KafkaSource(cluster, [UNRESOLVED_SIGNALS], PURPOSE)
        reads_signals = stack.enter_context(closing(signals_reader(signals, cluster.registry)))
        words = KafkaSource(cluster, [RESIDENTS, REGISTER_MISMATCHES], PURPOSE)
        reads_words = stack.enter_context(closing(words_reader(words, cluster.registry)))
        residents = stack.enter_context(Sender(cluster, RESIDENTS, "Residence"))
        mismatches = stack.enter_context(Sender(cluster, REGISTER_MISMATCHES, "RegisterMismatch"))
        metrics.UNREAD.set_function(lambda: unread(signals, words))
        stack.callback(metrics.UNREAD.set_function, lambda: math.nan)  # before what it asks is closed
        log.info("asks the register of persons", ground=config.ground)
        Lookup(
            config,
            reads_signals,
            reads_words,
            numbers=Numbers(cluster, config.creditors, config.secret, records),
            api=api,
            tell_entry=_to(residents),
            tell_mismatch=_to(mismatches),
        ).run(stopped)


def unread(*sources: Source) -> float:
    """Return how many records were not read yet; not a number where no broker answers."""
    behind = [each.behind() for each in sources]
    return math.nan if None in behind else float(sum(filter(None, behind)))


def _to(sender: Sender) -> Says:
    def say(resident: str, value: dict[str, Any]) -> bool:
        return sender.store(resident, sender.encode(value)).at is not None

    return say


def signals_reader(source: Source, registry: Registry) -> TopicReader:
    """Return a reader of who waits for the register: a signal's record, its kind and whose it is."""
    decode = Codec("UnresolvedSignal", UNRESOLVED_SIGNALS, registry).decode

    def made(data: bytes | None) -> tuple[str, str, str]:
        value = decode(data)
        return value["resident"], value["event_id"], value["signal"]["kind"]

    return TopicReader(source, {UNRESOLVED_SIGNALS: made})


def words_reader(source: Source, registry: Registry) -> TopicReader:
    """Return a reader of what was said of residents: entries, and that there is none."""
    entry = Codec("Residence", RESIDENTS, registry).decode
    mismatch = Codec("RegisterMismatch", REGISTER_MISMATCHES, registry).decode

    def made(decode: Callable[[bytes | None], dict[str, Any]]) -> Callable[[bytes | None], tuple[Any]]:
        return lambda data: (None if data is None else decode(data),)

    return TopicReader(source, {RESIDENTS: made(entry), REGISTER_MISMATCHES: made(mismatch)})


class Lookup:
    """Used by one thread. `now` is the wall clock."""

    def __init__(
        self,
        config: LookupConfig,
        signals: TopicReader,
        words: TopicReader,
        *,
        numbers: Numbers,
        api: Asks,
        tell_entry: Says,
        tell_mismatch: Says,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._config, self._signals, self._words = config, signals, words
        self._numbers, self._api, self._now = numbers, api, now
        self._tell_entry, self._tell_mismatch = tell_entry, tell_mismatch
        self._wanted = Wanted(int(config.fresh_s * 1000))
        self._rests_until_s, self._in_vain = 0.0, 0

    def run(self, stopped: threading.Event) -> None:
        """Go on until `stopped` is set."""
        while not stopped.is_set():
            try:
                self.step()
            except RegistryUnavailable as error:  # waited for: nothing is skipped for it
                log.warning("the lookup waits for the registry", error=str(error))
                stopped.wait(ASKS_REGISTRY_EVERY_S)

    def step(self) -> None:
        """Read on, and ask for those who wait longest, if it is time."""
        self._read()
        metrics.WAITING.set(len(self._wanted))
        if not (self._signals.caught_up and self._words.caught_up) or self._now() < self._rests_until_s:
            return
        waiting = self._wanted.next(MOST_NUMBERS)
        by_number = dict(self._numbered(waiting))
        if by_number:
            self._ask(by_number)

    def _read(self) -> None:
        for read in self._signals.poll(LOOKUP_READS_FOR_S):
            if read.value is not None:
                resident, event_id, kind = read.value
                self._wanted.signal(resident, event_id, kind, read.stored_at_ms)
        if self._signals.caught_up:
            self._read_words(LOOKUP_READS_FOR_S)
            self._wanted.forget_old(self._now_ms())

    def _read_words(self, wait_s: float) -> None:
        for read in self._words.poll(wait_s):
            self._take(read)

    def _read_words_to_their_end(self) -> bool:
        """Return whether everything that is stored now was read."""
        self._read_words(0.0)
        while behind := self._words.behind():
            self._read_words(LOOKUP_READS_FOR_S)
        return behind == 0

    def _take(self, read: Read) -> None:
        if read.value is None:  # set aside: nobody can say what it says
            return
        (said,), resident = read.value, read.key.decode(errors="replace")
        if read.topic == RESIDENTS:
            self._wanted.entry(resident, read.stored_at_ms, said)
        elif said is not None:
            self._wanted.mismatch(resident, said["at"])
        else:
            self._wanted.settled(resident, read.stored_at_ms)

    def _numbered(self, waiting: list[tuple[str, Any]]) -> list[tuple[str, tuple[str, str]]]:
        """Return each number with whose it is, and for which record it is asked."""
        found = []
        for resident, waits in waiting:
            number = self._numbers.of(resident, waits.event_id)
            if number is None:
                metrics.NUMBERLESS.inc()
                self._wanted.give_up(resident)
            else:
                found.append((number, (resident, waits.event_id)))
        return found

    def _ask(self, by_number: dict[str, tuple[str, str]]) -> None:
        try:
            persons = self._api.ask(list(by_number))
        except Away as away:
            self._in_vain += 1
            self._rests_until_s = self._now() + max(away.after_s, pause_s(self._in_vain))
            metrics.QUESTIONS.labels(result="away").inc()
            log.warning("the register of persons does not answer", why=str(away), tries=self._in_vain)
            return
        self._in_vain, self._rests_until_s = 0, self._now() + 60.0 / self._config.per_minute
        metrics.QUESTIONS.labels(result="told").inc()
        # What a file, a person or an erasure said while we asked takes precedence over what we were told.
        if not self._read_words_to_their_end():
            return  # no broker says: it would take nothing either, and all is asked for once more
        still = self._wanted.still(resident for resident, _ in by_number.values())
        for number, (resident, event_id) in by_number.items():
            if resident in still:
                found = whereabouts(persons.get(number), self._config.municipality)
                self._say(resident, event_id, found)

    def _say(self, resident: str, event_id: str, found: Whereabouts) -> None:
        """Say what was found; what is not stored is asked for once more."""
        now_ms = self._now_ms()
        if found.address is not None:
            children = self._wanted.children_at(resident, found.address)
            entry = {"address": found.address.to_record(), "minor_children": children}
            if self._tell_entry(resident, entry):
                self._wanted.entry(resident, now_ms, entry)
                metrics.ANSWERS.labels(result="ADDRESS").inc()
        elif found.reason is not None:
            said = {
                "resident": resident, "reason": found.reason.value, "event_id": event_id,
                "candidates": [each.to_record() for each in found.candidates],
                "municipality": found.municipality, "at": now_ms,
            }  # fmt: skip
            if self._tell_mismatch(resident, said):
                self._wanted.mismatch(resident, now_ms)
                metrics.ANSWERS.labels(result=found.reason.value).inc()

    def _now_ms(self) -> int:
        return int(self._now() * 1000)

"""Creditors at work: signals without end, and what the broker said that it stored."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import islice
from queue import Empty, SimpleQueue
from random import Random

from confluent_kafka import Producer

from eropaf.risk.address import normalise
from eropaf.risk.identity import resident_key
from eropaf.simulate.calibration import AMSTERDAM
from eropaf.simulate.city import home
from eropaf.simulate.month import month
from eropaf_client.cluster import Cluster
from eropaf_client.errors import NotAcknowledged
from eropaf_client.publisher import Acknowledged, ArrearsPublisher
from eropaf_client.records import ArrearsSignal, ConsentOffer, OwnEffort, PartnerType, Resident, SignalKind
from eropaf_client.schemas.registry import Registry
from eropaf_client.schemas.topics import RESIDENTS, arrears
from eropaf_client.schemas.wire import Codec
from tests.integration.processes import PATIENCE_S

HOUSEHOLDS = 1_500
# Of so small a city much is heard, so that each household has a long history.
BUSY = replace(AMSTERDAM, signals_per_household=0.4)
# One signal in so many is refused at the door, and one is answered in its household's history.
ANSWERED = 25
# One creditor in so many writes a BSN instead of an address; the register learns of it later.
BY_BSN = 12
# Some keys of residents lie on no more than half of the partitions: the rest of that table is empty.
RESIDENTS_KNOWN = 40
PORTION_S = 0.2
# The register tells of one resident in so many portions.
ENTRY_EVERY = 5

POISON: tuple[bytes | None, ...] = (
    None,
    b"",
    b"\x07not the wire format",
    b"\x00\x00\x00\xff\xff\x00",
    b"\x00\x00\x00\x00\x65\x02",
    b"x" * 70_000,
)


@dataclass(frozen=True, slots=True)
class Sent:
    """A signal and who sends it."""

    creditor: str
    signal: ArrearsSignal


def signals(seed: int, creditors: Sequence[str]) -> Iterator[Sent]:
    """Yield the signals of a busy small city, month after month from 2000 on: all from the seed."""
    year, number, sent = 2000, 0, 0
    while True:
        first = date(year + number // 12, number % 12 + 1, 1)
        for day in month(HOUSEHOLDS, first, seed, BUSY):
            for wave in day.waves:
                for each in wave:
                    if each.creditor in creditors:
                        # Months count up, and so must what a creditor says of one contract.
                        signal = replace(each.signal, version=number * 10 + each.signal.version)
                        signal = _perhaps_unlawful(sent, _perhaps_by_bsn(each.household, signal))
                        yield Sent(each.creditor, signal)
                        sent += 1
        number += 1


def bsn(resident: int) -> str:
    """Return the number of a resident who is not there."""
    return f"{100_000_000 + resident}"


def _perhaps_by_bsn(household: int, signal: ArrearsSignal) -> ArrearsSignal:
    if household % BY_BSN:
        return signal
    return replace(signal, resident=Resident(bsn=bsn(household // BY_BSN % RESIDENTS_KNOWN)))


def _perhaps_unlawful(sent: int, signal: ArrearsSignal) -> ArrearsSignal:
    """Return `signal`; now and then such that its creditor hears at once what is wrong with it."""
    if signal.kind not in (SignalKind.REPORTED, SignalKind.CHANGED):
        return signal
    if sent % ANSWERED == 0:
        return replace(signal, own_effort=OwnEffort(False, False, 0, ConsentOffer.NOT_OFFERED))
    if sent % ANSWERED == 1:
        return replace(signal, own_effort=OwnEffort(True, True, 1, ConsentOffer.REFUSED))
    return signal


class Feed:
    """Publishes at a steady pace on a thread of its own, and remembers every acknowledgement.

    A signal that was not acknowledged is published again, as the client library asks for. Everything
    that a fault wants published goes through `ask`, between two portions.
    """

    def __init__(
        self,
        bootstrap: str,
        registry: Registry,
        creditors: Sequence[str],
        secret: bytes,
        seed: int,
        per_second: int,
    ) -> None:
        self.acknowledged: dict[Acknowledged, str] = {}
        """Where the broker says that it stored each signal, with the signal's id."""
        self._registry = registry
        self._creditors = creditors
        self._secret = secret
        self._seed = seed
        self._per_portion = round(per_second * PORTION_S)
        self._bootstrap = bootstrap
        self._signals = signals(seed, creditors)
        self._asked: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._run = threading.Event()
        self._idle = threading.Event()
        self._over = threading.Event()
        self._failed: list[BaseException] = []
        self._portions = 0
        self._raw = Producer(
            {
                "bootstrap.servers": bootstrap,
                "enable.idempotence": True,
                "partitioner": "murmur2_random",
                "log_level": 0,
            }
        )
        self._thread = threading.Thread(target=self._work, name="feed", daemon=True)
        self._thread.start()

    def go_on(self) -> None:
        """Publish."""
        self._idle.clear()
        self._run.set()

    def pause(self, within_s: float = 120) -> None:
        """Stop publishing; return when all that was sent is acknowledged."""
        self._run.clear()
        if not self._idle.wait(within_s):
            raise TimeoutError(f"the feed was not acknowledged within {within_s:g} s")
        self.check()

    def close(self) -> None:
        """End."""
        self._over.set()
        self._run.set()
        self._thread.join(PATIENCE_S)

    def check(self) -> None:
        """Raise what the feed tripped over, if it did."""
        if self._failed:
            raise self._failed[0]

    def preload(self, households: int, seconds: float) -> None:
        """Publish one signal of each of so many households outside the busy city: state, and no more."""
        made = (_only_signal(number, self._seed, self._creditors[0]) for number in range(households))
        done = threading.Event()

        def publish() -> None:
            self._publish(self._creditors[0], list(made))
            done.set()

        self._asked.put(publish)
        if not done.wait(seconds):
            raise TimeoutError(f"{households} households were not published within {seconds:g} s")
        self.check()

    def poison(self, count: int) -> None:
        """Publish a burst of records that nobody can use, between the others."""
        self._asked.put(lambda: self._send_poison(count))

    def jump(self, count: int, by_ms: int) -> None:
        """Publish signals whose timestamps are `by_ms` off: a creditor's clock has jumped."""
        self._asked.put(lambda: self._send_at(count, int(time.time() * 1000) + by_ms))

    def _work(self) -> None:
        try:
            # Nobody has the numbers of its residents.
            cluster = Cluster(self._bootstrap, registry=self._registry, test_numbers=True)
            with ExitStack() as stack:
                self._publishers = {
                    name: stack.enter_context(ArrearsPublisher(cluster, name)) for name in self._creditors
                }
                while not self._over.is_set():
                    self._portion()
        except BaseException as error:  # told to whoever waits, on his own thread
            self._failed.append(error)
            self._idle.set()

    def _portion(self) -> None:
        began = time.monotonic()
        try:
            while True:
                self._asked.get_nowait()()
        except Empty:
            pass
        if not self._run.is_set():
            self._raw.flush()
            self._idle.set()
            time.sleep(0.02)
            return
        portion = list(islice(self._signals, self._per_portion))
        for creditor in self._creditors:
            own = [sent.signal for sent in portion if sent.creditor == creditor]
            if own:
                self._publish(creditor, own)
        self._portions += 1
        if not self._portions % ENTRY_EVERY:
            self._send_entry(self._portions // ENTRY_EVERY % RESIDENTS_KNOWN)
        time.sleep(max(0.0, PORTION_S - (time.monotonic() - began)))

    def _publish(self, creditor: str, portion: list[ArrearsSignal]) -> None:
        """Publish until every one is acknowledged: a broker may be down for a while."""
        stored = 0

        def remember(signal: ArrearsSignal, at: Acknowledged) -> None:
            nonlocal stored
            stored += 1
            self.acknowledged[at] = signal.signal_id

        while stored < len(portion) and not self._over.is_set():
            try:
                self._publishers[creditor].report_all(portion[stored:], remember)
            except NotAcknowledged:
                time.sleep(0.1)

    def _send_poison(self, count: int) -> None:
        for number in range(count):
            topic = arrears(self._creditors[number % len(self._creditors)])
            self._raw.produce(topic, key=f"poison-{number}".encode(), value=POISON[number % len(POISON)])
        self._raw.flush()

    def _send_at(self, count: int, timestamp_ms: int) -> None:
        for sent in islice(self._signals, count):
            topic = arrears(sent.creditor)
            value = Codec("ArrearsSignal", topic, self._registry).encode(sent.signal.to_record())
            self._raw.produce(topic, key=sent.signal.contract.encode(), value=value, timestamp=timestamp_ms)
        self._raw.flush()

    def _send_entry(self, number: int) -> None:
        at = home(Random(f"{self._seed}/{number}").randrange(HOUSEHOLDS), self._seed, AMSTERDAM)
        address = normalise(at.postcode, str(at.house_number), at.addition).to_record()
        value = Codec("Residence", RESIDENTS, self._registry).encode({"address": address})
        key = resident_key(bsn(number), self._secret)
        self._raw.produce(RESIDENTS, key=key.encode(), value=value)
        self._raw.flush()


def _only_signal(number: int, seed: int, creditor: str) -> ArrearsSignal:
    """Return the one signal of a household outside the busy city."""
    at = home(HOUSEHOLDS + number, seed, AMSTERDAM)
    return ArrearsSignal(
        signal_id=f"only-{number}",
        contract=f"only-{number}",
        kind=SignalKind.REPORTED,
        partner_type=PartnerType.RENT,
        amount_cents=110_000,
        monthly_bill_cents=55_000,
        reported_at=datetime(2000, 1, 1, tzinfo=UTC),
        version=1,
        resident=at.written_by(creditor),
    )

"""Two creditors who say something of the same households again and again: nothing that is kept grows."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

from confluent_kafka import Producer

from eropaf_client.records import ArrearsSignal, PartnerType, Resident, SignalKind
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import arrears
from eropaf_client.schemas.wire import Codec

BUSY, QUIET = "rent", "health"
HOUSEHOLDS = 2_000
QUIET_EVERY = 10_000
PORTION_S = 0.1
BEGINS_ON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Feed:
    """One creditor says something of every household in turn, the other seldom anything."""

    def __init__(self, bootstrap: str, per_second: int) -> None:
        self.sent = 0
        self._per_portion = round(per_second * PORTION_S)
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "partitioner": "murmur2_random",
                "compression.type": "lz4",
                "log_level": 0,
            }
        )
        self._codecs = {
            creditor: Codec("ArrearsSignal", arrears(creditor), LocalRegistry()) for creditor in (BUSY, QUIET)
        }

    def run(self, over: threading.Event) -> None:
        """Deliver at a steady rate until it is `over`."""
        due = time.monotonic()
        while not over.wait(max(0.0, due - time.monotonic())):
            due += PORTION_S
            for number in range(self.sent, self.sent + self._per_portion):
                self._send(BUSY, number)
                if number % QUIET_EVERY == 0:
                    self._send(QUIET, number)
            self.sent += self._per_portion
            self._producer.poll(0)
        self._producer.flush()

    def _send(self, creditor: str, number: int) -> None:
        signal = a_signal(creditor, number, HOUSEHOLDS)
        value = self._codecs[creditor].encode(signal.to_record())
        self._producer.produce(arrears(creditor), key=signal.contract.encode(), value=value)


def a_signal(creditor: str, number: int, households: int) -> ArrearsSignal:
    """Return what is said as the `number`-th: up and down, so that households cross thresholds."""
    household, turn = number % households, number // households
    return ArrearsSignal(
        signal_id=f"{creditor}-{number}",
        contract=f"{creditor}-{household}",
        kind=SignalKind.REPORTED,
        partner_type=PartnerType.RENT if creditor == BUSY else PartnerType.HEALTH,
        amount_cents=60_000 + turn % 7 * 40_000,
        monthly_bill_cents=55_000,
        reported_at=BEGINS_ON,
        version=turn + 1,
        resident=Resident(postcode=f"{1011 + household % 90} AB", house_number=str(household // 90 + 1)),
    )

"""A creditor's process that publishes many signals from a generator, and says what time and memory it takes.

    python -m tests.integration.clients.many_process BOOTSTRAP arrears|outbox COUNT [OUTBOX]

Prints the seconds that it took and its resident memory in MB after each tenth part, as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from eropaf_client.outbox_publisher import OutboxPublisher
from eropaf_client.publisher import ArrearsPublisher
from eropaf_client.records import ArrearsSignal
from tests.builders import an_arrears_signal

PARTS = 10


def signals(count: int, taken_mb: list[float]) -> Iterator[ArrearsSignal]:
    """Make one signal at a time; note the memory after each tenth part."""
    own = psutil.Process()
    for number in range(1, count + 1):
        yield an_arrears_signal(signal_id=f"signal-{number}", contract=f"contract-{number % 5000}")
        if number % (count // PARTS) == 0:
            taken_mb.append(round(own.memory_info().rss / 1e6, 1))


def main() -> None:
    bootstrap, kind, count, *outbox = sys.argv[1:]
    taken_mb: list[float] = []
    publisher: ArrearsPublisher | OutboxPublisher
    if kind == "arrears":
        publisher = ArrearsPublisher(bootstrap, "rent")
    else:
        publisher = OutboxPublisher(bootstrap, "rent", Path(outbox[0]))
    with publisher:
        began = time.monotonic()
        published = publisher.report_all(signals(int(count), taken_mb))
        took_s = time.monotonic() - began
    sys.stdout.write(json.dumps({"published": published, "took_s": took_s, "taken_mb": taken_mb}))


if __name__ == "__main__":
    main()

"""A creditor's process that may be killed at any line: `… BOOTSTRAP OUTBOX COUNT`.

It keeps no record of how far it came: it starts again from the first signal.
"""

from __future__ import annotations

import sys
from pathlib import Path

from eropaf_client.outbox_publisher import OutboxPublisher
from tests.builders import an_arrears_signal


def main(bootstrap: str, outbox: str, count: int) -> None:
    with OutboxPublisher(bootstrap, "rent", Path(outbox)) as publisher:
        for number in range(0, count, 10):
            publisher.report_all(
                an_arrears_signal(signal_id=f"signal-{each}", contract=f"contract-{each % 50}", version=each)
                for each in range(number, number + 10)
            )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))

"""What memory a creditor's process takes while it publishes a million signals (`make memory`)."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.streams.operate.topics import Topic, admin, ensure
from tests.integration.processes import Process

COUNT = 1_000_000
PUBLISHER = "tests.integration.clients.many_process"


def published(bootstrap: str, kind: str, count: int, folder: Path) -> dict[str, Any]:
    """Publish `count` signals in a process of their own; return what it says of it."""
    log = folder / f"{kind}.log"
    process = Process(["-m", PUBLISHER, bootstrap, kind, str(count), str(folder / "outbox.db")], log)
    if process.wait(3600) != 0:
        raise SystemExit(process.said)
    seen: dict[str, Any] = json.loads(process.said.splitlines()[-1])
    return seen


def measure(bootstrap: str, kind: str, count: int, folder: Path) -> None:
    """Publish, and print the process's memory as it went."""
    seen = published(bootstrap, kind, count, folder)
    taken = ", ".join(f"{each:.0f}" for each in seen["taken_mb"])
    took_s = seen["took_s"]
    print(f"{kind}: {seen['published']:,} in {took_s:.0f} s ({seen['published'] / took_s:,.0f}/s)")
    print(f"  resident after each tenth part, MB: {taken}")


def main() -> None:
    """Measure both publishers on a real Kafka."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with EmbeddedKafka() as kafka, tempfile.TemporaryDirectory() as folder:
        ensure(admin(kafka.bootstrap, {}), [Topic("arrears.rent", 8)])
        for kind in ("arrears", "outbox"):
            measure(kafka.bootstrap, kind, count, Path(folder))


if __name__ == "__main__":
    main()

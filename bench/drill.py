"""A cluster is lost and comes back elsewhere from its savepoint: what is lost, and how long it takes.

    python -m bench.drill [SIGNALS]

Feeds a synthetic city to a worker, takes a savepoint and the ledger while it runs, kills the broker, starts
another one, puts the savepoint back and a worker on it, until that is ready. Writes bench/DRILL.md. The loss
of a region is this, with other machines: what was copied out of it is put into a cluster elsewhere.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from confluent_kafka.admin import AdminClient

from bench.baseline import all_read, publish
from bench.own_worker import arguments, beside_ours
from eropaf.agents.topology import stages
from eropaf.cluster.flow_topics import create_topics
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.settings import Settings
from eropaf_client.reading import read_all
from eropaf_client.schemas.registry import LocalRegistry
from eropaf_client.schemas.topics import PRIORITIES
from tests.journal import asking_for

SIGNALS = 20_000
GIVE_UP_AFTER_S = 600
SECRET = hashlib.sha256(b"drill").hexdigest()
REPORT = Path(__file__).parent / "DRILL.md"
Steps = dict[str, float]


def main(signals: int) -> int:
    """Go through it and report; exit 1 where the list that stands again is not the one that was lost."""
    steps: Steps = {}
    with tempfile.TemporaryDirectory() as folder:
        savepoint, ledger = f"{folder}/savepoint", f"{folder}/ledger"
        with EmbeddedKafka() as lost:
            settings = Settings(bootstrap=lost.bootstrap, household_secret=SECRET, workers=1)
            create_topics(settings)
            sent = publish(settings, signals)
            with worker(settings):
                until_read(settings)
                with timed(steps, "savepoint, while a worker runs"):
                    command(settings, "state", "export", "--while-running", savepoint)
                with timed(steps, "ledger"):
                    command(settings, "state", "ledger", ledger)
            told = list_of(settings)
            size = Path(savepoint).stat().st_size
            lost.nodes[0].kill()
        began = time.monotonic()
        with EmbeddedKafka() as elsewhere:
            steps["another cluster, from nothing"] = time.monotonic() - began
            settings = Settings(bootstrap=elsewhere.bootstrap, household_secret=SECRET, workers=1)
            with timed(steps, "savepoint and ledger imported"):
                command(settings, "state", "import", savepoint, "--ledger", ledger)
            with timed(steps, "a worker, until it is ready"), worker(settings):
                until_ready(settings)
            same = list_of(settings) == told
    report = as_markdown(steps, sent, len(told), size, same)
    sys.stdout.write(report)
    REPORT.write_text(report, "utf-8")
    return 0 if same else 1


@contextmanager
def timed(steps: Steps, what: str) -> Iterator[None]:
    """Note how long the block takes, in seconds."""
    began = time.monotonic()
    yield
    steps[what] = time.monotonic() - began


@contextmanager
def worker(settings: Settings) -> Iterator[None]:
    """Run a worker while the block runs."""
    process = subprocess.Popen([sys.executable, *arguments(settings)], env=beside_ours(settings))
    try:
        yield
    finally:
        process.terminate()
        process.wait(15)


def command(settings: Settings, *words: str) -> None:
    """Run a command, as an operator does."""
    subprocess.run([sys.executable, "-m", "eropaf.main", *words], env=beside_ours(settings), check=True)


def until_read(settings: Settings) -> None:
    """Wait until every stage has read its inputs."""
    flow = stages(settings.group, settings.creditors, LocalRegistry())
    admin = AdminClient({"bootstrap.servers": settings.bootstrap})
    group = asking_for(settings.bootstrap, settings.group)
    wait_for(lambda: all_read(admin, group, settings, flow))


def until_ready(settings: Settings) -> None:
    """Wait until the worker says that its rows are back."""
    wait_for(lambda: ready(settings.metrics_port))


def ready(port: int) -> bool:
    """Return whether the worker on `port` is ready."""
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        asking.request("GET", "/health/ready")
        return asking.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asking.close()


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until `condition` holds."""
    give_up = time.monotonic() + GIVE_UP_AFTER_S
    while not condition():
        if time.monotonic() > give_up:
            raise TimeoutError(f"not within {GIVE_UP_AFTER_S} s")
        time.sleep(0.05)


def list_of(settings: Settings) -> dict[bytes, bytes | None]:
    """Return the latest update of each household."""
    return {record.key(): record.value() for record in read_all(settings.bootstrap, PRIORITIES)}


def as_markdown(steps: Steps, sent: int, households: int, size: int, same: bool) -> str:
    """Return the report."""
    lines = "\n".join(f"| {what} | {seconds:.1f} |" for what, seconds in steps.items())
    back, is_same = sum(list(steps.values())[-3:]), "" if same else " NOT"
    return f"""# The drill: a cluster is lost, and comes back elsewhere

`make drill` on {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores, one broker and one worker on one
machine; {sent:,} signals, {households:,} households on the list, a savepoint of {size / 1e6:.1f} MB.

| step | s |
|---|---|
{lines}

From nothing to a worker that is ready: {back:.0f} s. The list that stands again is{is_same} the one that was
lost, to the byte. What came after the savepoint is lost with the cluster, until creditors publish
their open arrears again.
"""


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else SIGNALS))

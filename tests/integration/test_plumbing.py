"""What the plumbing promises, on a real broker, with a flow that has nothing to do with arrears.

`numbers` → count → `counts` → sum → `sums`: every input makes one output at each stage, so what is
lost or repeated anywhere shows in the sums.
"""

from __future__ import annotations

import signal
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from itertools import accumulate
from pathlib import Path

import psutil
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.deploy.embedded.installation import Installation
from eropaf.streams.operate.topics import admin, ensure
from tests.integration.counting_worker import HANGS, PARTITIONS, topics
from tests.integration.processes import PATIENCE_S, Process, ended, until

pytestmark = pytest.mark.kafka

KEYS = 200
# Of the classic protocol; `SOON` gives the other the same.
SESSION_TIMEOUT_S = 3
# What Kafka has by itself, under both protocols.
SESSION_S = 45
KAFKAS_OWN = {
    "group.consumer.session.timeout.ms": str(SESSION_S * 1000),
    "group.consumer.heartbeat.interval.ms": "5000",
}
WORKER = "tests.integration.counting_worker"


def one_of_the_keys(number: int) -> str:
    return f"key-{number % KEYS}"


class Flow:
    """The counting flow on one broker, and what comes out of it."""

    def __init__(self, kafka: EmbeddedKafka, folder: Path, protocol: str) -> None:
        self._bootstrap = kafka.bootstrap
        self._folder = folder
        self._protocol = protocol
        ensure(admin(kafka.bootstrap, {}), topics("counting"))
        self._producer = Producer(
            {"bootstrap.servers": kafka.bootstrap, "partitioner": "murmur2_random", "log_level": 0}
        )
        self._consumer = Consumer(
            {
                "bootstrap.servers": kafka.bootstrap,
                "group.id": "test",
                "isolation.level": "read_committed",
                "log_level": 0,
            }
        )
        self._consumer.assign([TopicPartition("sums", partition, 0) for partition in range(PARTITIONS)])
        self.sums: dict[bytes, list[int]] = defaultdict(list)
        self.count = 0

    def feed(self, count: int, value: bytes = b"1", key: Callable[[int], str] = one_of_the_keys) -> None:
        """Put `count` numbers in, spread over the keys."""
        for number in range(count):
            self._producer.produce("numbers", key=key(number).encode(), value=value)
            if number % 10_000 == 0:
                self._producer.flush()
        self._producer.flush()

    def start(self, name: str, *settings: str) -> Process:
        """Start a worker."""
        how = (f"group_protocol={self._protocol}", f"session_timeout_s={SESSION_TIMEOUT_S}")
        return Process(["-m", WORKER, self._bootstrap, name, *how, *settings], self._folder / name)

    def read(self) -> int:
        """Read the sums that are there; give how many there have been."""
        for message in self._consumer.consume(5000, timeout=0.1):
            assert message.error() is None
            self.sums[message.key() or b""].append(int(message.value() or b""))
            self.count += 1
        return self.count

    def wait_for(self, count: int, within_s: float = PATIENCE_S) -> None:
        """Read until there have been `count` sums."""
        until(lambda: self.read() >= count, within_s, f"{count} sums; there are {self.count}")

    def check(self, fed: int) -> None:
        """Check that each input told exactly once, in order, and that no state was lost."""
        quiet = time.monotonic() + 1
        while time.monotonic() < quiet:
            self.read()
        expected = list(accumulate(range(1, fed // KEYS + 1)))
        assert self.count == fed
        assert {key: sums for key, sums in self.sums.items() if sums != expected} == {}


@pytest.fixture(params=["consumer", "classic"])
def flow(fresh: EmbeddedKafka, tmp_path: Path, request: pytest.FixtureRequest) -> Flow:
    return Flow(fresh, tmp_path, request.param)


def test_two_workers_share_the_work_and_nothing_is_lost_or_repeated(flow: Flow) -> None:
    one, two = flow.start("one"), flow.start("two")
    with ended(one, two):
        flow.feed(20_000)
        flow.wait_for(20_000)

        flow.check(20_000)


def test_kill_9_of_either_worker_loses_and_repeats_nothing(flow: Flow) -> None:
    fed = 40_000
    with ExitStack() as stack:

        def started(name: str) -> Process:
            worker = flow.start(name)
            stack.enter_context(ended(worker))
            return worker

        workers = {name: started(name) for name in ("one", "two")}
        flow.feed(fed)
        for share, name in ((0.2, "one"), (0.5, "two"), (0.8, "one")):
            flow.wait_for(int(fed * share))
            workers[name].kill()
            workers[name] = started(name)
        flow.wait_for(fed)

        flow.check(fed)


def test_kill_9_of_a_worker_with_its_rows_on_disk_loses_and_repeats_nothing(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    flow, on_disk, fed = Flow(fresh, tmp_path, "consumer"), f"state={tmp_path / 'state'}", 30_000
    worker = flow.start("one", on_disk)
    with ended(worker):
        flow.feed(fed)
        flow.wait_for(fed // 3)
        worker.kill()
    worker = flow.start("one", on_disk)
    with ended(worker):
        flow.wait_for(fed)

        flow.check(fed)


def test_a_worker_that_is_told_to_stop_saves_leaves_and_ends_with_zero(flow: Flow) -> None:
    one, two = flow.start("one"), flow.start("two")
    with ended(one, two):
        flow.feed(30_000)
        flow.wait_for(5_000)

        one.popen.send_signal(signal.SIGTERM)

        assert one.wait(PATIENCE_S) == 0
        flow.wait_for(30_000)
        flow.check(30_000)


@pytest.mark.parametrize("protocol", ["consumer", "classic"])
def test_a_lost_host_is_taken_over_long_before_its_session_is_over(
    tmp_path: Path, installation: Installation, protocol: str
) -> None:
    with EmbeddedKafka(installation=installation, properties=KAFKAS_OWN) as kafka:
        flow = Flow(kafka, tmp_path, protocol)
        lost, left = (flow.start(name, f"session_timeout_s={SESSION_S}") for name in ("a-1", "b-1"))
        with ended(lost, left):
            lost.until(lambda: "partitions open" in lost.said, PATIENCE_S, "it has partitions")
            left.until(lambda: "partitions open" in left.said, PATIENCE_S, "the other one has its own")
            flow.feed(20_000)
            flow.wait_for(5_000)

            lost.kill()
            killed = time.monotonic()
            flow.feed(20_000)
            flow.wait_for(40_000)

            assert time.monotonic() - killed < SESSION_S
            assert "let go of a worker" in left.said
            flow.check(40_000)


def test_a_worker_that_wakes_up_after_its_partitions_moved_on_writes_nothing(flow: Flow) -> None:
    zombie, other = flow.start("zombie"), flow.start("other")
    with ended(zombie, other):
        zombie.until(lambda: "partitions open" in zombie.said, PATIENCE_S, "the sleeper has partitions")
        other.until(lambda: "partitions open" in other.said, PATIENCE_S, "the other one has its own")
        flow.feed(20_000)
        flow.wait_for(3_000)
        zombie.popen.send_signal(signal.SIGSTOP)
        stopped = time.monotonic()
        flow.feed(20_000)
        # All of it: the other one has the sleeper's partitions by then.
        flow.wait_for(40_000)
        until(
            lambda: time.monotonic() - stopped > 2 * SESSION_TIMEOUT_S,
            PATIENCE_S,
            "twice the session time-out",
        )

        zombie.popen.send_signal(signal.SIGCONT)

        assert zombie.wait(PATIENCE_S) == 70
        assert "stopped at once" in zombie.said
        flow.check(40_000)

        other.kill()
        with ended(flow.start("third")):
            flow.feed(20_000)
            flow.wait_for(60_000)

            # Nor is anything of the sleeper's in the rows that were read back.
            flow.check(60_000)


def test_a_worker_with_nothing_to_do_is_left_alone(fresh: EmbeddedKafka, tmp_path: Path) -> None:
    flow = Flow(fresh, tmp_path, "consumer")
    worker = flow.start("one", "saved_within_s=10", "progress_within_s=10")
    with ended(worker):
        flow.feed(KEYS)
        flow.wait_for(KEYS)
        idle_since = time.monotonic()

        until(
            lambda: time.monotonic() - idle_since > 22 or worker.popen.poll() is not None,
            PATIENCE_S,
            "idleness",
        )

        assert worker.popen.poll() is None, worker.said


def test_what_was_worked_off_takes_no_memory(fresh: EmbeddedKafka, tmp_path: Path) -> None:
    flow = Flow(fresh, tmp_path, "consumer")
    worker = flow.start("one")
    with ended(worker):
        flow.feed(40_000)
        flow.wait_for(40_000)
        warm = psutil.Process(worker.popen.pid).memory_info().rss

        flow.feed(80_000)
        flow.wait_for(120_000)

        grown = psutil.Process(worker.popen.pid).memory_info().rss - warm
        assert grown < 50 * 2**20


def test_an_agent_that_fails_ends_its_worker_and_the_event_is_not_acknowledged(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    flow = Flow(fresh, tmp_path, "consumer")
    flow.feed(KEYS)
    flow.feed(1, value=b"-1")

    for _ in range(2):
        worker = flow.start("one")
        with ended(worker):
            assert worker.wait(PATIENCE_S) == 70
        last = worker.said.splitlines()[-1]
        assert "stopped at once" in last
        assert "agent count failed" in last
        # Where, but not what: the message may quote the record.
        assert "error=ValueError" in last
        assert "counting_worker.py" in last
        assert "negative number" not in last
        assert flow.read() <= KEYS


def test_a_worker_that_hangs_on_a_record_says_so_and_ends_itself(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    flow = Flow(fresh, tmp_path, "consumer")
    flow.feed(KEYS)
    flow.feed(1, value=str(HANGS).encode())

    worker = flow.start("one", "progress_within_s=2")
    with ended(worker):
        assert worker.wait(PATIENCE_S) == 70

    assert "records wait and none was processed for 2 s" in worker.said.splitlines()[-1]


def test_records_that_cannot_be_used_are_set_aside_and_the_rest_goes_on(
    fresh: EmbeddedKafka, tmp_path: Path
) -> None:
    flow = Flow(fresh, tmp_path, "consumer")
    flow.feed(KEYS)
    flow.feed(KEYS, value=b"1" * 70_000)
    flow.feed(KEYS)

    worker = flow.start("one")
    with ended(worker):
        flow.wait_for(2 * KEYS)

        flow.check(2 * KEYS)

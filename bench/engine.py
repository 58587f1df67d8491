"""The engines that run the job, as processes: started, watched, stopped, all alike."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import psutil

from bench.job import Feed
from eropaf.process import form
from eropaf.risk.calendar import holidays_of
from eropaf.risk.policy import Policy
from eropaf_client.schemas import catalogue

BENCH = Path(__file__).parent
PEERS = BENCH / "peers"
JOB_RECORDS = ("HouseholdEvent", "HouseholdRow", "HouseholdRisk", "RankingRow", "PriorityUpdate")
ENDS_WITHIN_S = 20.0
# Of which a peer in another language gets the legal holidays: those of the feed, and of its deadlines.
YEARS = (2026, 2027)
# Nothing that is measured outlives the benchmark, however that ends.
WITH_ITS_PARENT = ("setpriv", "--pdeathsig", "KILL")


@dataclass(frozen=True, slots=True)
class Engine:
    """One way to run the job.

    `commit_ms` is how often it commits when throughput is measured, `quick_commit_ms` when latency is:
    where an engine's own advice is a long interval, each measure gets the one that suits it.
    """

    name: str
    title: str
    guarantee: str
    commit_ms: int
    quick_commit_ms: int
    command: Callable[[str], list[str]]
    made_from: Path | None
    restores: bool = True
    share: float = 1.0
    """Share of the feed that it is given: the whole would take the slowest all day."""
    threads: int = 1
    """How many its process works with, where that is a setting."""
    runs: float = 1.0
    """Share of the time that it is let run. A small one leaves the broker all that it needs."""
    compiled: bool = False
    """Whether it gets the product's rules compiled; ours its codec and packed rows too."""
    fused: bool = False
    """Whether both hops run in one task, and the topic between them is only written."""
    restores_from_disk: bool = False
    """Whether its restart needs the files that it left on this machine."""
    paced: bool = True
    """Whether its latency is measured: one form of each program is enough."""

    @property
    def ready(self) -> bool:
        """Whether its environment is there (`make bench-peers`), and its compiled form (`make compiled`)."""
        made = self.made_from is None or self.made_from.exists()
        return made and (form.compiled() or not self.compiled)

    @property
    def ours(self) -> bool:
        """Whether it is the product itself, not a peer."""
        return self.made_from is None


def _python(name: str) -> Callable[[str], list[str]]:
    return lambda worker: [str(PEERS / name / ".venv/bin/python"), "-m", f"bench.peers.{name}.main"]


def _java(name: str, *more: str) -> Callable[[str], list[str]]:
    target = PEERS / name / "target"
    options = ["-Xms256m", "-Xmx256m", "-XX:+UseParallelGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]
    options += ["-Dorg.apache.avro.specific.use_custom_coders=true", *more]
    return lambda worker: ["java", *options, "-cp", f"{target}/classes:{target}/lib/*", JAVA_MAIN]


JAVA_MAIN = "nl.eropaf.bench.Main"
# Flink's own settings open the first three to it.
OPENED = ("java.lang", "java.util", "java.util.concurrent", "java.net")


def _peer(
    name: str, title: str, guarantee: str, commit_ms: int, restores: bool = True, share: float = 1.0
) -> tuple[Engine, Engine]:
    """Return a Python peer with the rules as plain Python, and with them compiled."""
    made = PEERS / name / ".venv/bin/python"
    plain = Engine(
        name,
        title,
        guarantee,
        commit_ms,
        quick_commit_ms=min(commit_ms, 100),
        command=_python(name),
        made_from=made,
        restores=restores,
        share=share,
        paced=False,
        restores_from_disk=name == "bytewax",
    )
    return plain, replace(
        plain, name=f"{name}_compiled", title=f"{title}, compiled rules", compiled=True, paced=True
    )


def _kafka_streams(threads: int, fused: bool) -> Engine:
    made = PEERS / "kafka_streams/target/lib"
    names = ("kafka_streams", *(["fused"] if fused else []), *(["one"] if threads == 1 else []))
    title = f"Kafka Streams{', fused' if fused else ''}, {'one thread' if threads == 1 else 'two threads'}"
    java = _java("kafka_streams")
    return Engine("_".join(names), title, "exactly once", 100, 100, java, made, threads=threads, fused=fused)


FRANZ_GO = Engine(
    "franz_go",
    "Go program (franz-go)",
    "exactly once",
    100,
    100,
    lambda worker: [str(PEERS / "franz_go/target/franz_go")],
    PEERS / "franz_go/target/franz_go",
    fused=True,
)
FLINK = Engine(
    "flink",
    "Flink",
    "exactly once",
    1_000,
    100,
    _java("flink", *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in OPENED)),
    PEERS / "flink/target/lib",
    fused=True,
    restores_from_disk=True,
)


def _one_worker(worker: str) -> list[str]:
    return [sys.executable, "-m", "bench.two_stages", worker]


def _two_workers(worker: str) -> list[str]:
    return [sys.executable, "-m", "bench.two_workers", worker]


ONE = Engine("eropaf", "Eropaf", "exactly once", 100, 100, _one_worker, None, compiled=True, fused=True)
THROUGH_TOPIC = replace(ONE, name="eropaf_topic", title=f"{ONE.title}, through the topic", fused=False)
TWO = replace(ONE, name="eropaf_twice", title=f"{ONE.title}, two workers", command=_two_workers)
PLAIN = replace(ONE, name="eropaf_plain", title=f"{ONE.title}, not compiled", compiled=False, paced=False)


def _a_third(engine: Engine) -> Engine:
    title = f"{engine.title}, a third of the time"
    return replace(engine, name=f"{engine.name}_third", title=title, share=0.5, runs=1 / 3, paced=False)


ENGINES = (
    ONE,
    THROUGH_TOPIC,
    TWO,
    PLAIN,
    _a_third(ONE),
    _a_third(TWO),
    *_peer("raw", "raw loop (confluent-kafka, fastavro)", "at least once, state lost", 100, restores=False),
    *(_kafka_streams(threads, fused) for fused in (False, True) for threads in (1, 2)),
    FRANZ_GO,
    FLINK,
    *_peer("bytewax", "Bytewax", "at least once", 10_000),
    *_peer("quix", "Quix Streams", "exactly once", 5_000),
    *_peer("faust", "Faust", "at least once", 2_800, share=0.1),
)


# What every copy of the product's code holds, and as which package.
ROOMS = {"eropaf": "eropaf", "clients/eropaf_client": "eropaf_client", "bench": "bench"}
NOT_COPIED = ("__pycache__", ".venv", "target", "static")
AS_PLAIN_PYTHON = ("*.so",)


class Workshop:
    """What every engine is given: the policy, the schema ids, the rules as plain Python or compiled."""

    def __init__(self, folder: Path, policy: Path) -> None:
        self._folder = folder
        self._policy = policy
        self._plain, self._compiled = folder / "plain", folder / "compiled"
        for room, package in ROOMS.items():
            _copy(BENCH.parent / room, self._plain / package, *AS_PLAIN_PYTHON)
        # The rules alone: rows and the codec are the product's own, peers bring theirs.
        _copy(BENCH.parent / "risk", self._compiled / "eropaf/risk")
        for room in ("schemas", "bench/peers"):
            package = "eropaf_client/schemas" if room == "schemas" else room
            _copy(BENCH.parent / room, self._compiled / package, *AS_PLAIN_PYTHON)
        rules = Policy.parse(policy.read_text("utf-8"))
        years = YEARS if rules.legal_holidays else ()
        given = {
            "policy": asdict(rules),
            "holidays": sorted(day for year in years for day in holidays_of(year)),
            "schema_ids": {record: catalogue.latest(record).local_id for record in JOB_RECORDS},
        }
        (folder / "policy.json").write_text(json.dumps(given), "utf-8")

    def _code(self, engine: Engine) -> Path:
        if not engine.compiled:
            return self._plain
        return BENCH.parent if engine.ours else self._compiled

    def start(
        self, engine: Engine, bootstrap: str, worker: str = "one", quick: bool = False, again: bool = False
    ) -> Running:
        """Start `engine` with empty local state; `again` leaves what it cannot be restored without."""
        state = self._folder / "state" / worker
        if not (again and engine.restores_from_disk):
            shutil.rmtree(state, ignore_errors=True)
        state.mkdir(parents=True, exist_ok=True)
        environment = {
            **os.environ,
            "PYTHONPATH": str(self._code(engine)),
            "PYTHONWARNINGS": "ignore",
            "STREAMS_PARENT": str(os.getpid()),
            "BENCH_BOOTSTRAP": bootstrap,
            "BENCH_POLICY": str(self._folder / "policy.json"),
            "BENCH_POLICY_TOML": str(self._policy),
            "BENCH_COMMIT_MS": str(engine.quick_commit_ms if quick else engine.commit_ms),
            "BENCH_THREADS": str(engine.threads),
            "BENCH_FUSED": str(engine.fused).lower(),
            "BENCH_STATE": str(state),
        }
        said = self._folder / f"{engine.name}-{worker}.log"
        with said.open("ab") as log:
            process = subprocess.Popen(
                [*WITH_ITS_PARENT, *engine.command(worker)],
                env=environment,
                cwd=state,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return Running(psutil.Process(process.pid), process, said)


def _copy(room: Path, to: Path, *without: str) -> None:
    shutil.copytree(room, to, ignore=shutil.ignore_patterns(*NOT_COPIED, *without))


class Running:
    """An engine's processes: the one that was started and all below it."""

    def __init__(self, process: psutil.Process, popen: subprocess.Popen[bytes], said: Path) -> None:
        self._process = process
        self._popen = popen
        self._said = said
        self.started = time.monotonic()

    def check(self) -> None:
        """Fail where it has ended."""
        if self._popen.poll() is not None:
            last = self._said.read_text("utf-8", "replace")[-2000:]
            raise RuntimeError(f"the engine ended with status {self._popen.returncode}:\n{last}")

    def cpu_s(self) -> float:
        """Return the processor time of all its processes, as the operating system accounts for it."""
        return sum(cpu_s(process) for process in self.tree())

    def peak_rss_mib(self) -> float:
        """Return the sum of the most that each of its processes has held."""
        return sum(peak_rss_mib(process.pid) for process in self.tree())

    def pause(self) -> None:
        """Hold all its processes."""
        for process in self.tree():
            process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let all its processes go on."""
        for process in self.tree():
            process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """End it well; kill what does not end in time. Safe to repeat."""
        if self._popen.poll() is not None:
            return
        tree = self.tree()
        self._popen.terminate()
        try:
            self._popen.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            for process in tree:
                if process.is_running():
                    process.kill()
            self._popen.wait()

    def tree(self) -> list[psutil.Process]:
        """Return all its processes."""
        return [self._process, *self._process.children(recursive=True)]


def cpu_s(process: psutil.Process) -> float:
    """Return the processor time of one process, in seconds."""
    times = process.cpu_times()
    return float(times.user + times.system)


def peak_rss_mib(pid: int) -> float:
    """Return the most memory that a process has held, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise LookupError("the kernel tells no VmHWM")


__all__ = ["ENGINES", "Engine", "Feed", "Running", "Workshop", "cpu_s", "peak_rss_mib"]

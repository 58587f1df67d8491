"""What the gateway takes in over HTTP, in one body and one by one, beside the client (`make gateway-pace`).

    python -m bench.gateway [SIGNALS]

Of 100,000 signals unless told. Writes a table into docs/performance.md.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import psutil

from bench.memory import published
from bench.pacing import percentile
from bench.results import PERFORMANCE, heading
from eropaf.agents.topology import stages, topics
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.streams.operate.topics import admin, ensure
from eropaf_client.schemas.registry import LocalRegistry
from tests.between_marks import put
from tests.certificates import Identities
from tests.integration.processes import Process, ended

COUNT = 100_000
SINGLES = 5_000
AT_ONCE = 16
READY_WITHIN_S = 120
LINES_OF_A_PART = 500
CLIENTS = {"arrears": "ArrearsPublisher", "outbox": "OutboxPublisher"}
# As callers would, by a proxy; here its place is taken.
ADDRESS = "https://gateway.example.org"
NDJSON = {"Content-Type": "application/x-ndjson"}


def signal(name: str) -> dict[str, Any]:
    """Return a signal of that id, as JSON."""
    return {
        "signal_id": name, "contract": name, "version": 1, "kind": "REPORTED", "partner_type": "RENT",
        "amount_cents": 165_000, "monthly_bill_cents": 55_000, "reported_at": "2026-03-02T09:30:00Z",
        "resident": {"postcode": "1011 AB", "house_number": "7"},
    }  # fmt: skip


async def body(kind: str, count: int) -> AsyncIterator[bytes]:
    """Yield `count` signals, one per line."""
    for start in range(0, count, LINES_OF_A_PART):
        names = [f"{kind}-{number}" for number in range(start, min(count, start + LINES_OF_A_PART))]
        yield "".join(json.dumps(signal(name)) + "\n" for name in names).encode()


class Row(NamedTuple):
    """What was done, how many signals a second, and what else was seen."""

    what: str
    rate: float
    more: str


class Memory:
    """Looks now and then at what a process has in memory, and keeps the most."""

    def __init__(self, process: Process) -> None:
        self._process = psutil.Process(process.popen.pid)
        self.most_mb = self.now_mb()

    def now_mb(self) -> float:
        """Return what it has now, in MiB."""
        return float(self._process.memory_info().rss) / 1024**2

    async def look(self) -> None:
        """Look until it is cancelled."""
        while True:
            self.most_mb = max(self.most_mb, self.now_mb())
            await asyncio.sleep(0.1)


async def in_one_body(caller: httpx2.AsyncClient, memory: Memory, count: int) -> list[Row]:
    """Post one body of a tenth, and one of `count`; return what each took."""
    looking = asyncio.create_task(memory.look())
    rows = []
    for kind, number in (("tenth", count // 10), ("whole", count)):
        memory.most_mb = before_mb = memory.now_mb()
        began = time.monotonic()
        answer = await caller.post("/v1/signals", content=body(kind, number), headers=NDJSON)
        took_s = time.monotonic() - began
        assert answer.json()["stored"] == number, answer.text
        await asyncio.sleep(1)  # what is read back is kept by then
        after = f"{before_mb:.0f} MiB before, {memory.most_mb:.0f} at most, {memory.now_mb():.0f} after"
        rows.append(Row(f"gateway, one body of {number:,}", number / took_s, after))
    looking.cancel()
    return rows


async def one_by_one(caller: httpx2.AsyncClient) -> Row:
    """Post signals one by one, some at once; return what they took."""
    took: list[float] = []
    names = iter([f"single-{number}" for number in range(SINGLES)])

    async def sends(names: Iterator[str]) -> None:
        for name in names:
            began = time.monotonic()
            answer = await caller.post("/v1/signals", json=signal(name))
            assert answer.status_code == 202, answer.text
            took.append(time.monotonic() - began)

    began = time.monotonic()
    await asyncio.gather(*(sends(names) for _ in range(AT_ONCE)))
    rate = SINGLES / (time.monotonic() - began)
    p50, p99 = (percentile(took, part) * 1000 for part in (0.5, 0.99))
    name = f"gateway, one by one, {AT_ONCE} at once, {SINGLES:,}"
    return Row(name, rate, f"p50 {p50:.0f} ms, p99 {p99:.0f} ms")


def by_the_client(bootstrap: str, kind: str, count: int, folder: Path) -> Row:
    """Publish as many by the client library; return what it took."""
    seen = published(bootstrap, kind, count, folder)
    return Row(
        f"`{CLIENTS[kind]}`, {count:,}", seen["published"] / seen["took_s"], f"{max(seen['taken_mb']):.0f} MB"
    )


@dataclass(frozen=True, slots=True)
class Door:
    """A gateway that runs, and who asks it."""

    process: Process
    socket: Path
    shown: dict[str, str]

    def client(self) -> httpx2.AsyncClient:
        """Return a client that shows its certificate as a proxy would."""
        transport = httpx2.AsyncHTTPTransport(uds=str(self.socket))
        return httpx2.AsyncClient(
            transport=transport, base_url="http://gateway", headers=self.shown, timeout=600
        )


@contextmanager
def opened(bootstrap: str, folder: Path) -> Iterator[Door]:
    """Run a gateway on a cluster while the block runs, for one creditor."""
    shown = Identities().of("rent")
    callers = folder / "callers.toml"
    callers.write_text(f'[[caller]]\ncreditor = "rent"\nfingerprints = ["{shown.fingerprint}"]\n', "utf-8")
    at = folder / "proxy"
    at.mkdir(mode=0o700)
    socket = at / "gateway.sock"
    process = Process(
        ["-m", "eropaf.main", "gateway"],
        folder / "gateway.log",
        EROPAF_BOOTSTRAP=bootstrap,
        EROPAF_GATEWAY_SOCKET=str(socket),
        EROPAF_GATEWAY_ADDRESS=ADDRESS,
        EROPAF_GATEWAY_CALLERS=str(callers),
    )
    with ended(process):
        yield Door(process, socket, {"Client-Cert": shown.header})


async def served(door: Door) -> None:
    """Wait until a gateway is ready."""
    async with door.client() as caller, asyncio.timeout(READY_WITHIN_S):
        while True:
            try:
                if (await caller.get("/health/ready")).status_code == 200:
                    return
            except httpx2.TransportError:
                pass
            await asyncio.sleep(0.1)


async def over_http(door: Door, count: int) -> list[Row]:
    """Measure a gateway."""
    await served(door)
    async with door.client() as caller:
        return [*await in_one_body(caller, Memory(door.process), count), await one_by_one(caller)]


def table(rows: Iterable[Row]) -> str:
    """Return what was measured, as Markdown."""
    head = heading("make gateway-pace") + "| | signals a second | |\n|---|---|---|\n"
    return head + "".join(f"| {each.what} | {each.rate:,.0f} | {each.more} |\n" for each in rows)


def main() -> None:
    """Measure a gateway, and the client library, on a real Kafka of its own."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with EmbeddedKafka() as kafka, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        flow = stages("eropaf", ["rent"], LocalRegistry())
        ensure(admin(kafka.bootstrap, {}), topics("eropaf", flow, 8))
        with opened(kafka.bootstrap, folder) as door:
            rows = asyncio.run(over_http(door, count))
        rows += [by_the_client(kafka.bootstrap, kind, count, folder) for kind in CLIENTS]
    made = table(rows)
    print(made)
    put(PERFORMANCE, "gateway", made)


if __name__ == "__main__":
    main()

"""What the gateway takes in over HTTP, in one body and one by one, with what memory (`make gateway-pace`)."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import psutil

from eropaf.agents.topology import stages, topics
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.streams.operate.topics import admin, ensure
from eropaf_client.schemas.registry import LocalRegistry
from tests.certificates import Identities
from tests.integration.processes import Process, ended

COUNT = 100_000
SINGLES = 5_000
AT_ONCE = 16
READY_WITHIN_S = 120
LINES_OF_A_PART = 500
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
    """Yield `count` signals, one a line."""
    for start in range(0, count, LINES_OF_A_PART):
        names = [f"{kind}-{number}" for number in range(start, min(count, start + LINES_OF_A_PART))]
        yield "".join(json.dumps(signal(name)) + "\n" for name in names).encode()


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


async def measure(caller: httpx2.AsyncClient, memory: Memory, count: int) -> None:
    """Post one body of a tenth, one of `count`, and signals one by one; print what it took."""
    looking = asyncio.create_task(memory.look())
    for kind, number in (("tenth", count // 10), ("whole", count)):
        memory.most_mb = before_mb = memory.now_mb()
        began = time.monotonic()
        answer = await caller.post("/v1/signals", content=body(kind, number), headers=NDJSON)
        took_s = time.monotonic() - began
        assert answer.json()["stored"] == number, answer.text
        await asyncio.sleep(1)  # what is read back is kept by then
        after = f"{before_mb:.0f} MiB before, {memory.most_mb:.0f} at most, {memory.now_mb():.0f} after"
        print(f"one body of {number:,}: {took_s:.1f} s ({number / took_s:,.0f}/s); {after}")
    looking.cancel()
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
    took.sort()
    p50, p99 = (took[int(len(took) * part)] * 1000 for part in (0.5, 0.99))
    print(f"{SINGLES:,} one by one, {AT_ONCE} at once: {rate:,.0f}/s; p50 {p50:.0f} ms, p99 {p99:.0f} ms")


async def served(caller: httpx2.AsyncClient) -> None:
    """Wait until a gateway is ready."""
    async with asyncio.timeout(READY_WITHIN_S):
        while True:
            try:
                if (await caller.get("/health/ready")).status_code == 200:
                    return
            except httpx2.TransportError:
                pass
            await asyncio.sleep(0.1)


async def run(bootstrap: str, folder: Path, count: int) -> None:
    """Start a gateway on a cluster, and measure it."""
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
        transport, headers = httpx2.AsyncHTTPTransport(uds=str(socket)), {"Client-Cert": shown.header}
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://gateway", headers=headers, timeout=600
        ) as caller:
            await served(caller)
            await measure(caller, Memory(process), count)


def main() -> None:
    """Measure a gateway on a real Kafka of its own."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with EmbeddedKafka() as kafka, tempfile.TemporaryDirectory() as folder:
        flow = stages("eropaf", ["rent"], LocalRegistry())
        ensure(admin(kafka.bootstrap, {}), topics("eropaf", flow, 8))
        asyncio.run(run(kafka.bootstrap, Path(folder), count))


if __name__ == "__main__":
    main()

"""How long a tool waits for what a creditor posted: by the gateway, a worker and the webhooks.

    python -m bench.told [SECONDS]

A gateway, one worker, the webhooks and a broker are processes of their own on this machine, as is this one,
which posts 200 signals a second for SECONDS (60 unless told), each about a household that nobody knew, and is
the tool that is told of each: by bare sockets, as both cores are needed by what is measured. Counted from the
moment at which a signal was due to be posted until its event has come in; the first tenth warms up. Writes a
table into docs/performance.md.
"""

from __future__ import annotations

import asyncio
import json
import re
import socketserver
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.flood import Reached
from bench.gateway import Door, opened, served, signal
from bench.own_worker import arguments, environment
from bench.pacing import NOT_COUNTED, percentile
from bench.results import PERFORMANCE, heading
from eropaf.cluster.flow_topics import create_topics
from eropaf.deploy.embedded import EmbeddedKafka
from eropaf.settings import Settings
from tests.between_marks import put
from tests.builders import SECRET
from tests.integration.processes import Process, ended

RATE = 200
SECONDS = 60.0
WARM = 20
CONNECTIONS = 16
WITHIN_S = 120.0
SIGNED_WITH = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # the example of Standard Webhooks
HOUSES_OF_A_POSTCODE = 500


class Tool(socketserver.ThreadingTCPServer):
    """Takes every event, and keeps when the first of each address came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self.came: dict[tuple[str, int], float] = {}

    @contextmanager
    def listening(self) -> Iterator[Tool]:
        """Listen while the block runs."""
        thread = threading.Thread(target=self.serve_forever)
        thread.start()
        try:
            yield self
        finally:
            self.shutdown()
            self.server_close()
            thread.join()


class _Taking(socketserver.StreamRequestHandler):
    server: Tool
    disable_nagle_algorithm = True

    def handle(self) -> None:
        while head := b"".join(iter(self._line, b"")):
            body = self.rfile.read(length_of(head))
            at = time.monotonic()
            self.wfile.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            address = json.loads(body)["data"]["address"]
            self.server.came.setdefault((address["postcode"], address["house_number"]), at)

    def _line(self) -> bytes:
        return self.rfile.readline().strip(b"\r\n")


def length_of(head: bytes) -> int:
    """Return how many bytes follow the head of a request or an answer."""
    found = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    return int(found[1]) if found else 0


def address_of(number: int) -> tuple[str, int]:
    """Return where the household of a signal lives: no two alike."""
    street, house = divmod(number, HOUSES_OF_A_POSTCODE)
    letters = chr(ord("A") + street // 26 % 26) + chr(ord("A") + street % 26)
    return f"1011{letters}", house + 1


def about(number: int) -> dict[str, Any]:
    """Return a signal of today about a household of its own, urgent enough to be told."""
    postcode, house = address_of(number)
    told = signal(f"told-{number}")
    told["reported_at"] = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    told["resident"] = {"postcode": postcode, "house_number": str(house)}
    return told


async def post(door: Door, began: float, numbers: range) -> None:
    """Post each signal when it is due, whatever became of the others."""
    due = asyncio.Queue[bytes | None]()
    async with asyncio.TaskGroup() as posting:
        for _ in range(CONNECTIONS):
            posting.create_task(_posts(door, due))
        for number in numbers:
            request = written(door, about(number))
            await asyncio.sleep(max(0.0, began + (number - numbers.start) / RATE - time.monotonic()))
            due.put_nowait(request)
        for _ in range(CONNECTIONS):
            due.put_nowait(None)


async def _posts(door: Door, due: asyncio.Queue[bytes | None]) -> None:
    reader, writer = await asyncio.open_unix_connection(door.socket)
    while (request := await due.get()) is not None:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(length_of(head))
        assert head.startswith(b"HTTP/1.1 202"), head + body
    writer.close()
    await writer.wait_closed()


def written(door: Door, told: dict[str, Any]) -> bytes:
    """Return a signal as a request."""
    body = json.dumps(told).encode()
    own = {
        **door.shown,
        "Host": "gateway",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
    }
    lines = ["POST /v1/signals HTTP/1.1", *(f"{name}: {value}" for name, value in own.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def told_of(tool: Tool, numbers: range) -> bool:
    """Return whether the tool has an event of each signal."""
    return all(address_of(number) in tool.came for number in reversed(numbers))


def measure(door: Door, tool: Tool, webhooks: Process, seconds: float) -> list[float]:
    """Return the milliseconds from due to told, of each signal behind the first tenth."""
    warm = range(WARM)
    asyncio.run(post(door, time.monotonic(), warm))
    webhooks.until(lambda: told_of(tool, warm), WITHIN_S, "the first are told")
    numbers = range(WARM, WARM + round(seconds * RATE))
    began = time.monotonic()
    asyncio.run(post(door, began, numbers))
    webhooks.until(lambda: told_of(tool, numbers), WITHIN_S, "all are told")
    counted = numbers[round(len(numbers) * NOT_COUNTED) :]
    return [(tool.came[address_of(each)] - began - (each - numbers.start) / RATE) * 1000 for each in counted]


@contextmanager
def flow(folder: Path, tool: Tool) -> Iterator[tuple[Door, Process]]:
    """Run a gateway, a worker that reads, and webhooks that tell `tool`."""
    with ExitStack() as stack:
        kafka = stack.enter_context(EmbeddedKafka())
        settings = Settings(bootstrap=kafka.bootstrap, household_secret=SECRET.decode())
        create_topics(settings)
        worker = Process(arguments(settings), folder / "worker.log", **environment(settings))
        stack.enter_context(ended(worker))
        door = stack.enter_context(opened(settings.bootstrap, folder))
        webhooks = Process(
            ["-m", "eropaf.main", "webhooks", "run"],
            folder / "webhooks.log",
            **_telling(settings, folder, tool),
        )
        stack.enter_context(ended(webhooks))
        asyncio.run(served(door))
        reached = Reached(settings)
        worker.until(lambda: reached.lag() == 0, WITHIN_S, "the worker reads")
        yield door, webhooks


def _telling(settings: Settings, folder: Path, tool: Tool) -> dict[str, str]:
    (folder / "tools.toml").write_text(
        '[[caller]]\noutreach = "door-tool"\nareas = ["1011"]\n'
        f'webhook = "http://127.0.0.1:{tool.server_address[1]}/"\n',
        "utf-8",
    )
    (folder / "door-tool.secret").write_text(SIGNED_WITH, "ascii")
    return {
        "EROPAF_BOOTSTRAP": settings.bootstrap,
        "EROPAF_GATEWAY_CALLERS": str(folder / "tools.toml"),
        "EROPAF_GATEWAY_ADDRESS": "https://eropaf.example.org",
        "EROPAF_WEBHOOK_SOURCE": "urn:nld:oin:00000001823288444000:systeem:eropaf",
        "EROPAF_WEBHOOK_SECRETS": str(folder),
        "EROPAF_WEBHOOK_STATE_DIR": str(folder),
    }


def table(waited_ms: list[float]) -> str:
    """Return what was measured, as Markdown."""
    shown = [f"{percentile(waited_ms, share):,.0f} ms" for share in (0.5, 0.95, 0.99)]
    cells = " | ".join([f"{len(waited_ms):,}", *shown, f"{max(waited_ms):,.0f} ms"])
    return (
        f"{heading('make told-pace')}"
        f"| signal posted → webhook received, {RATE} a second | counted | p50 | p95 | p99 | worst |\n"
        "|---|---|---|---|---|---|\n"
        f"| broker, gateway, worker, webhooks and tool on it; goal: p99 of 1,000 ms | {cells} |\n"
    )


def main() -> None:
    """Measure, print, and write it down."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    with (
        tempfile.TemporaryDirectory() as name,
        Tool().listening() as tool,
        flow(Path(name), tool) as (door, webhooks),
    ):
        made = table(measure(door, tool, webhooks, seconds))
    print(made)
    put(PERFORMANCE, "told", made)


if __name__ == "__main__":
    main()
